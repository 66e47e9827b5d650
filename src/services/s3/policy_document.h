// SPDX-License-Identifier: Apache-2.0
//
// What a bucket policy must look like to be kept: the form of IAM's policy language, statements with a principal, and
// resources of this bucket alone.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace firmsign::s3 {

inline constexpr std::size_t kPolicyBytesMax = 20 * 1024;

struct PolicyFacts {
  bool is_public = false;  // a statement allows something to everybody, without a condition
};
// kInvalid: the document cannot be kept; the message is for the client.
Expected<PolicyFacts> JudgePolicy(std::string_view document, std::string_view bucket);

}  // namespace firmsign::s3
