// SPDX-License-Identifier: Apache-2.0
//
// firmsign sign: the whole client side of signing in one command.

#pragma once

#include <string>

#include "apps/cli/client.h"
#include "base/error.h"

namespace firmsign::cli {

struct SignOptions {
  std::string image;
  std::string profile;
  std::string out;     // empty: IMAGE.signed
  std::string bucket;  // empty: firmsign-<account>-<region>
  ClientSettings client;
};

// Uploads the image to a versioned bucket (made if missing) under its SHA-256, starts a job, waits for it, and writes
// the signed object. The same image and profile again make a new job and a new signature.
Expected<void> Sign(const SignOptions& options);

}  // namespace firmsign::cli
