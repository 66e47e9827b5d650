// SPDX-License-Identifier: Apache-2.0
//
// What the operations on tags share: a profile is the one thing that has any (contract 04 §4.2).

#pragma once

#include <fmt/format.h>

#include <expected>
#include <optional>
#include <string>

#include "services/signer/answers.h"
#include "services/signer/find_profile.h"
#include "services/signer/operations.h"

namespace firmsign::signer {

inline constexpr std::size_t kTagsMax = 50;  // of one profile, as AWS's console says
inline constexpr std::string_view kTooManyTags = "A profile has at most 50 tags.";
inline constexpr int kTagTries = 5;  // against others who change the tags of the same profile at the same time

// The profile that `resource_arn` names, for authorisation on it in its own account. The handler tells when it is
// absent.
template <class Op>
Resolved<Op> ResolveTagged(Service& signer, const gateway::CallFacts& facts, const std::string& resource_arn) {
  const std::optional<ProfileId> id = ParseProfileArn(resource_arn);
  if (!id) {
    return aws::Refuse<errors::BadRequestException>(fmt::format(
        "{} is not the ARN of a signing profile: arn:aws:signer:REGION:ACCOUNT:/signing-profiles/NAME", resource_arn));
  }
  std::optional<Profile> found;
  if (id->region == facts.region) {
    auto profile = signer.store.FindProfile(id->account, id->region, id->name);
    if (!profile) return std::unexpected(std::move(profile).error());
    found = *std::move(profile);
  }
  gateway::Resource resource{.owner = id->account, .arn = resource_arn};
  if (found) AddConditions(*found, resource.context);
  return gateway::Resolution{std::move(resource), std::move(found)};
}

inline std::unexpected<aws::Refusal<errors::NotFoundException>> NothingToTag(const std::string& resource_arn) {
  return aws::Refuse<errors::NotFoundException>(
      fmt::format("There is no signing profile {} in this region.", resource_arn));
}

// Makes of the tags what `change` returns, whatever others do meanwhile. `change` maps the present tags to the new
// ones, or to a refusal.
template <class Op, class Change>
aws::Result<Op> ChangeTags(Service& signer, const gateway::Authorized<Op>& call, const Change& change) {
  auto found = call.template resolved<std::optional<Profile>>();
  for (int i = 0; i < kTagTries; ++i) {
    if (!found) return NothingToTag(call.input().resource_arn);
    auto tags = change(found->tags);
    if (!tags) return std::unexpected(std::move(tags).error());
    const typename Op::Output output;
    const auto done = signer.store.database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
      RETURN_IF_ERROR(signer.store.ReplaceTags(transaction, *found, *tags));
      return call.Record(transaction, output);
    });
    if (done) return output;
    if (done.error().code != Code::kConflict) return std::unexpected(done.error());
    auto again = signer.store.FindProfile(found->account, found->region, found->name);
    if (!again) return std::unexpected(std::move(again).error());
    found = *std::move(again);
  }
  return ChangedMeanwhile(call.input().resource_arn);
}

}  // namespace firmsign::signer
