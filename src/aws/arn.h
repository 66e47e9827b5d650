// SPDX-License-Identifier: Apache-2.0
//
// Amazon Resource Names: arn:partition:service:region:account:resource.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/strong.h"

namespace firmsign::aws {

struct Arn {
  std::string partition;  // "aws"
  std::string service;    // "signer"
  std::string region;     // empty for global resources
  std::string account;    // empty for S3 buckets
  std::string resource;   // everything after the fifth colon; may hold further colons and slashes

  friend bool operator==(const Arn&, const Arn&) = default;
};

// nullopt unless it begins with "arn:" and has five colons; at most 2,048 bytes.
std::optional<Arn> ParseArn(std::string_view text);
std::string FormatArn(const Arn& arn);

}  // namespace firmsign::aws
