// SPDX-License-Identifier: Apache-2.0

#include "services/acm/answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "aws/arn.h"
#include "base/encoding.h"

namespace firmsign::acm {
namespace {

constexpr std::string_view kResourcePrefix = "certificate/";

}  // namespace

std::string FormatCertificateArn(const AccountId& account, const Region& region, std::string_view uuid) {
  return fmt::format("arn:aws:acm:{}:{}:{}{}", region.str(), account.str(), kResourcePrefix, uuid);
}

bool IsCertificateArn(std::string_view arn) {
  const std::optional<aws::Arn> parsed = aws::ParseArn(arn);
  return parsed && parsed->service == "acm" && parsed->resource.starts_with(kResourcePrefix) &&
         parsed->resource.size() > kResourcePrefix.size();
}

CertificateName NameOf(const gateway::CallFacts& facts, std::string arn) {
  return {.account = facts.account(), .region = facts.region, .arn = std::move(arn)};
}

std::string BadArnMessage(std::string_view arn) {
  return fmt::format("{} is not the ARN of a certificate: arn:aws:acm:region:account:certificate/id", arn);
}

std::unexpected<aws::Refusal<errors::InvalidArnException>> BadArn(std::string_view arn) {
  return aws::Refuse<errors::InvalidArnException>(BadArnMessage(arn));
}

std::unexpected<aws::Refusal<errors::ResourceNotFoundException>> NoSuchCertificate(std::string_view arn) {
  return aws::Refuse<errors::ResourceNotFoundException>(fmt::format("Could not find certificate {}.", arn));
}

std::optional<std::string> KeyAlgorithmName(const crypto::KeyKind& kind) {
  switch (kind.type) {
    case crypto::KeyType::kRsa:
      if (kind.bits == 1024 || kind.bits == 2048 || kind.bits == 3072 || kind.bits == 4096) {
        return fmt::format("RSA_{}", kind.bits);
      }
      break;
    case crypto::KeyType::kEc:
      if (kind.curve == "prime256v1" || kind.curve == "secp384r1" || kind.curve == "secp521r1") {
        return "EC_" + kind.curve;
      }
      break;
    case crypto::KeyType::kOther: break;
  }
  return std::nullopt;
}

std::optional<std::string> DomainNameOf(const crypto::CertificateInfo& info) {
  if (!info.common_name.empty()) return info.common_name;
  if (!info.dns_names.empty()) return info.dns_names.front();
  return std::nullopt;
}

std::vector<std::string> AlternativeNamesOf(const crypto::CertificateInfo& info) {
  std::vector<std::string> names;
  if (!info.common_name.empty()) names.push_back(info.common_name);
  std::set<std::string_view> seen = {info.common_name};
  for (const std::string& name : info.dns_names) {
    if (seen.insert(name).second) names.push_back(name);
  }
  return names;
}

std::string_view StatusOf(const StoredCertificate& stored, const crypto::CertificateInfo& info, Instant now) {
  if (stored.revoked_at) return CertificateStatus::kRevoked;
  return info.not_after < now ? CertificateStatus::kExpired : CertificateStatus::kIssued;
}

bool IsRenewable(const StoredCertificate& stored, bool is_used) {
  return stored.type == CertificateType::kPrivate && !stored.revoked_at && (stored.is_exported || is_used);
}

std::string_view OriginOf(const StoredCertificate& stored) {
  return stored.type == CertificateType::kPrivate ? CertificateKeyPairOrigin::kAwsManaged
                                                  : CertificateKeyPairOrigin::kCustomerProvided;
}

std::vector<std::string> KeyUsageNames(const crypto::CertificateInfo& info) {
  if (info.key_usages.empty()) return {std::string(KeyUsageName::kAny)};
  return info.key_usages;
}

std::vector<crypto::CertificateInfo::Purpose> PurposesOf(const crypto::CertificateInfo& info) {
  if (info.extended_key_usages.empty()) return {{.name = std::string(ExtendedKeyUsageName::kNone)}};
  return info.extended_key_usages;
}

std::expected<std::vector<StoredTag>, std::string> TagsOf(const std::vector<Tag>& tags) {
  std::vector<StoredTag> stored;
  std::set<std::string_view> seen;
  for (const Tag& tag : tags) {
    if (ToLower(tag.key).starts_with("aws:")) {
      return std::unexpected(fmt::format("The tag key {} begins with aws:, which is reserved for AWS.", tag.key));
    }
    if (!seen.insert(tag.key).second) return std::unexpected(fmt::format("The tag key {} is given twice.", tag.key));
    stored.push_back({.key = tag.key, .value = tag.value});
  }
  return stored;
}

std::vector<Tag> AnswerOf(std::vector<StoredTag> tags) {
  std::vector<Tag> answer;
  for (StoredTag& tag : tags) answer.push_back({.key = std::move(tag.key), .value = std::move(tag.value)});
  return answer;
}

}  // namespace firmsign::acm
