// SPDX-License-Identifier: Apache-2.0
//
// The policy of a browser's upload: what the one who signed it allows the form to say.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html

#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "gateway/form_reader.h"

namespace firmsign::gateway {

// Of the file, both inclusive.
struct PostLengths {
  std::optional<std::uint64_t> min;
  std::optional<std::uint64_t> max;
};

struct PostPolicyProblem {
  bool is_malformed;  // the policy itself; else the form does what it does not allow
  std::string message;
};

// `policy`: JSON. `bucket`: that of the address, which counts as a field. Every field but the signature, the policy and
// those that begin with x-ignore- must be allowed by a condition.
std::expected<PostLengths, PostPolicyProblem> JudgePost(std::string_view policy, const FormFields& form,
                                                        std::string_view bucket, Instant now);

}  // namespace firmsign::gateway
