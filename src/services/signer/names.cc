// SPDX-License-Identifier: Apache-2.0

#include "services/signer/names.h"

#include <algorithm>

#include "aws/arn.h"

namespace firmsign::signer {
namespace {

constexpr std::string_view kProfiles = "/signing-profiles/";
constexpr std::string_view kJobs = "/signing-jobs/";
constexpr std::size_t kNameCharsMin = 2;
constexpr std::size_t kNameCharsMax = 64;

bool IsWordChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool IsProfileName(std::string_view text) {
  return text.size() >= kNameCharsMin && text.size() <= kNameCharsMax && std::ranges::all_of(text, IsWordChar);
}

// What follows `prefix` in the resource of an ARN of Signer.
std::optional<std::string> ParseResource(std::string_view text, std::string_view prefix, AccountId& account,
                                         Region& region) {
  const std::optional<aws::Arn> arn = aws::ParseArn(text);
  if (!arn || arn->partition != "aws" || arn->service != "signer") return std::nullopt;
  if (!IsAccountId(arn->account) || !IsRegion(arn->region) || !arn->resource.starts_with(prefix)) return std::nullopt;
  account = AccountId(arn->account);
  region = Region(arn->region);
  return arn->resource.substr(prefix.size());
}

}  // namespace

std::optional<ProfileId> ParseProfileArn(std::string_view text) {
  ProfileId id;
  const std::optional<std::string> name = ParseResource(text, kProfiles, id.account, id.region);
  if (!name || !IsProfileName(*name)) return std::nullopt;
  id.name = ProfileName(*name);
  return id;
}

std::optional<ProfileVersionId> ParseProfileVersionArn(std::string_view text) {
  const std::size_t slash = text.rfind('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view version = text.substr(slash + 1);
  const auto is_alphanumeric = [](char c) { return IsWordChar(c) && c != '_'; };
  if (version.size() != kProfileVersionChars || !std::ranges::all_of(version, is_alphanumeric)) return std::nullopt;
  const std::optional<ProfileId> profile = ParseProfileArn(text.substr(0, slash));
  if (!profile) return std::nullopt;
  return ProfileVersionId{.profile = *profile, .version = ProfileVersion(version)};
}

std::optional<JobName> ParseJobArn(std::string_view text) {
  JobName name;
  const std::optional<std::string> id = ParseResource(text, kJobs, name.owner, name.region);
  const auto is_id_char = [](char c) { return (c >= 'a' && c <= 'f') || (c >= '0' && c <= '9') || c == '-'; };
  if (!id || id->size() != kJobIdChars || !std::ranges::all_of(*id, is_id_char)) return std::nullopt;
  name.id = JobId(*id);
  return name;
}

}  // namespace firmsign::signer
