// SPDX-License-Identifier: Apache-2.0
//
// ListSigningPlatforms: the catalogue, in the order in which AWS lists it.

#include "services/signer/operations.h"
#include "services/signer/page_token.h"
#include "services/signer/platform_answer.h"

namespace firmsign::signer {

aws::Result<ops::ListSigningPlatforms> ListSigningPlatforms(
    Service& signer, const gateway::Authorized<ops::ListSigningPlatforms>& call) {
  const ListSigningPlatformsRequest& input = call.input();
  std::string after;
  if (input.next_token) {
    const std::optional<std::string> name = ParsePageToken(signer.keyring, ListOf(call), *input.next_token);
    if (!name || signing::FindPlatform(*name) == nullptr) {
      return aws::Refuse<errors::ValidationException>(std::string(kBadToken));
    }
    after = *name;
  }
  const auto matches = [](const std::optional<std::string>& wanted, std::string_view value) {
    return !wanted || *wanted == value;
  };
  const auto limit = static_cast<std::size_t>(input.max_results.value_or(kPageMax));
  ListSigningPlatformsResponse output;
  std::vector<SigningPlatform>& platforms = output.platforms.emplace();
  bool is_reached = after.empty();
  for (const signing::Platform& platform : signing::Platforms()) {
    if (!is_reached) {
      is_reached = platform.id == after;
      continue;
    }
    if (!matches(input.category, platform.category) || !matches(input.partner, platform.partner) ||
        !matches(input.target, platform.target)) {
      continue;
    }
    if (platforms.size() == limit) {
      output.next_token = FormatPageToken(signer.keyring, ListOf(call), *platforms.back().platform_id);
      break;
    }
    platforms.push_back(PlatformAnswer<SigningPlatform>(platform, signer.options));
  }
  return output;
}

}  // namespace firmsign::signer
