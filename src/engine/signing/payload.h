// SPDX-License-Identifier: Apache-2.0
//
// Reading an image piece by piece, shared by sign.cc and signed_object.cc. Nobody outside this folder includes this.

#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "engine/signing/sign.h"

namespace firmsign::signing {

// Calls `use` with every piece of the image in order. kCorrupt: the image ends before or goes on after its size, and
// whatever ReadAt and `use` return.
Expected<void> ForEachPiece(Image& image, const Sink& use);

// The digests of an image, computed in one pass.
struct ImageDigests {
  std::string sha256;         // of the image
  std::string sha1;           // of the image; only with Layout::kSha1Prefix
  std::string signed_digest;  // of what is signed, by the recipe's hash
};
Expected<ImageDigests> DigestImage(Image& image, crypto::Hash hash, Layout layout);

}  // namespace firmsign::signing
