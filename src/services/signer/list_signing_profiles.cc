// SPDX-License-Identifier: Apache-2.0
//
// ListSigningProfiles: the profiles of the account by name; only Active ones unless the caller asks for more.

#include "services/signer/answers.h"
#include "services/signer/operations.h"
#include "services/signer/page_token.h"

namespace firmsign::signer {
namespace {

SigningProfile Answer(const Profile& profile) {
  SigningProfile answer;
  answer.profile_name = profile.name.str();
  answer.profile_version = profile.version.str();
  answer.profile_version_arn = profile.version_arn();
  answer.signing_material = MaterialAnswer(profile.certificate_arn);
  answer.platform_id = profile.platform_id;
  answer.platform_display_name = std::string(PlatformDisplayName(profile.platform_id));
  answer.signature_validity_period = ValidityAnswer(profile.validity);
  answer.signing_parameters = IfGiven(profile.parameters);
  answer.status = profile.status;
  answer.arn = profile.arn();
  answer.tags = profile.tags;
  return answer;
}

}  // namespace

aws::Result<ops::ListSigningProfiles> ListSigningProfiles(Service& signer,
                                                          const gateway::Authorized<ops::ListSigningProfiles>& call) {
  const ListSigningProfilesRequest& input = call.input();
  const auto limit = static_cast<int>(input.max_results.value_or(kPageMax));
  ProfileFilter filter{.account = call.facts().account(),
                       .region = call.facts().region,
                       .statuses = input.statuses.value_or(std::vector<std::string>()),
                       .platform_id = input.platform_id.value_or(""),
                       .limit = limit + 1};
  if (filter.statuses.empty() && !input.include_canceled.value_or(false)) {
    filter.statuses.emplace_back(SigningProfileStatus::kActive);
  }
  if (input.next_token) {
    std::optional<std::string> name = ParsePageToken(signer.keyring, ListOf(call), *input.next_token);
    if (!name) return aws::Refuse<errors::ValidationException>(std::string(kBadToken));
    filter.after_name = *std::move(name);
  }
  auto profiles = signer.store.ListProfiles(filter);
  if (!profiles) return std::unexpected(std::move(profiles).error());

  ListSigningProfilesResponse output;
  std::vector<SigningProfile>& answers = output.profiles.emplace();
  for (const Profile& profile : *profiles) {
    if (answers.size() == static_cast<std::size_t>(limit)) {
      output.next_token = FormatPageToken(signer.keyring, ListOf(call), *answers.back().profile_name);
      break;
    }
    answers.push_back(Answer(profile));
  }
  return output;
}

}  // namespace firmsign::signer
