// SPDX-License-Identifier: Apache-2.0
//
// firmsign verify: checks a signed object against image and certificate; or a signed zip archive, or a Notation
// envelope, against the root of the code-signing authority. Needs no server, and so says nothing of revocation.

#pragma once

#include <string>

#include "base/error.h"

namespace firmsign::cli {

struct VerifyOptions {
  std::string image;          // with `root`: the signed archive or envelope
  std::string signed_object;  // with `certificate`
  std::string certificate;
  std::string root;
  std::string profile;  // with `root`: the ARN of the profile, or of its version, that must have signed; empty: any
};

// kInvalid: it does not verify; the message says which check failed.
Expected<void> Verify(const VerifyOptions& options);

}  // namespace firmsign::cli
