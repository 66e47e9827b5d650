// SPDX-License-Identifier: Apache-2.0
//
// firmsign verify: checks a signed object against image and certificate. Needs no server.

#pragma once

#include <string>

#include "base/error.h"

namespace firmsign::cli {

struct VerifyOptions {
  std::string image;
  std::string signed_object;
  std::string certificate;
};

// kInvalid: it does not verify; the message says which check failed.
Expected<void> Verify(const VerifyOptions& options);

}  // namespace firmsign::cli
