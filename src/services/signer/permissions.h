// SPDX-License-Identifier: Apache-2.0
//
// The resource policy of a profile, as the three operations on it see it (contract 04 §4.1).

#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "aws/api_error.h"
#include "base/error.h"
#include "engine/policy/document.h"
#include "engine/signing/platform.h"
#include "model/signer.h"
#include "services/signer/service.h"
#include "services/signer/store.h"

namespace firmsign::signer {

inline constexpr std::int64_t kPolicyBytesMax = 2000;

// The actions that a profile on this platform can grant. AWS has profiles that others use for its Lambda and Notation
// platforms alone; here one of any platform can be shared.
std::span<const std::string_view> GrantableActions(const signing::Platform& platform);

// How long the statements are as compact JSON, with the ARN of its root for an account as principal.
std::int64_t PolicyBytes(const Profile& profile, std::span<const Statement> statements);

// The policy of a profile as those see it who ask for `arn`: the profile itself, or a job of it. nullptr: nobody else
// may use the profile, or the caller is its account's root, which needs no permission.
Expected<std::shared_ptr<const policy::Policy>> ResourcePolicyOf(Service& signer, const policy::Principal& caller,
                                                                 const ProfileId& profile, const std::string& arn);

// What is wrong with a statement's own members, told in AWS's words. `code` is the sub-code.
struct StatementProblem {
  std::string message;
  std::string code;
};
std::optional<StatementProblem> CheckStatement(const Statement& statement, const signing::Platform& platform);

// The account that a statement's principal, which CheckStatement found good, belongs to.
AccountId AccountOf(std::string_view principal);

inline std::unexpected<aws::Refusal<errors::ResourceNotFoundException>> NoSuchSharedProfile(const std::string& name) {
  return aws::Refuse<errors::ResourceNotFoundException>(fmt::format("SigningProfile with name {} does not exist", name),
                                                        "ProfileNotFound");
}

inline std::unexpected<aws::Refusal<errors::ResourceNotFoundException>> NoPolicy(const std::string& name) {
  return aws::Refuse<errors::ResourceNotFoundException>(fmt::format("No policies associated with profile {}", name),
                                                        "PolicyNotFound");
}

// `verb`: "add permission to", "remove permission from".
inline std::unexpected<aws::Refusal<errors::ValidationException>> NotShareable(std::string_view verb,
                                                                               std::string_view status) {
  return aws::Refuse<errors::ValidationException>(fmt::format("Cannot {} a profile in {} state", verb, status),
                                                  "ProfileNotActive");
}

inline std::unexpected<aws::Refusal<errors::ConflictException>> AnotherRevision(std::string_view given,
                                                                                std::string_view current) {
  return aws::Refuse<errors::ConflictException>(
      fmt::format("Specified revisionId ({}) does not match the revisionId of the existing policy ({})", given,
                  current),
      "PolicyRevisionIdMismatch");
}

}  // namespace firmsign::signer
