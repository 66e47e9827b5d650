// SPDX-License-Identifier: Apache-2.0
//
// A digest that a thread of its own computes, while the caller does something else with the same bytes: for bodies that
// need more hashing than one core does as fast as the network.

#pragma once

#include <string>
#include <string_view>

#include "base/background.h"
#include "platform/crypto/digest.h"

namespace firmsign::crypto {

// Costs a thread; worth it from about a megabyte on. Thread safety: confined.
class BackgroundDigest {
 public:
  explicit BackgroundDigest(Hash hash) : digest_(hash) {}

  // Returns once the bytes before these are hashed. These must stay as they are until the next call returns.
  void Update(std::string_view bytes) {
    background_.Run([this, bytes] { digest_.Update(bytes); });
  }
  // The raw digest. To be called once.
  std::string Finish() {
    background_.Wait();
    return digest_.Finish();
  }

 private:
  Digest digest_;
  Background background_{"digest"};  // after what it works on
};

}  // namespace firmsign::crypto
