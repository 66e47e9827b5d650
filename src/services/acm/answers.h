// SPDX-License-Identifier: Apache-2.0
//
// What the operations of ACM have in common: the certificate that a request names, and how certificates are described.

#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/api_error.h"
#include "gateway/call.h"
#include "model/acm.h"
#include "platform/crypto/key.h"
#include "services/acm/store.h"

namespace firmsign::acm {

// arn:aws:acm:<region>:<account>:certificate/<uuid>.
std::string FormatCertificateArn(const AccountId& account, const Region& region, std::string_view uuid);
// True for an ARN of that kind, of any account and region.
bool IsCertificateArn(std::string_view arn);

// The certificate that the call's input names, in the caller's account and the call's region.
CertificateName NameOf(const gateway::CallFacts& facts, std::string arn);

std::string BadArnMessage(std::string_view arn);
std::unexpected<aws::Refusal<errors::InvalidArnException>> BadArn(std::string_view arn);
std::unexpected<aws::Refusal<errors::ResourceNotFoundException>> NoSuchCertificate(std::string_view arn);

// A store's error as the operation's: kNotFound is modelled, everything else is ours.
template <class Op>
aws::OperationError<Op> StoreError(Error error, std::string_view arn) {
  if (error.code == Code::kNotFound) return NoSuchCertificate(arn).error();
  return aws::OperationError<Op>(std::move(error));
}

// "RSA_2048", "EC_prime256v1"; nullopt for a key that ACM does not import.
std::optional<std::string> KeyAlgorithmName(const crypto::KeyKind& kind);

// The common name, else the first alternative name; nullopt when it has neither.
std::optional<std::string> DomainNameOf(const crypto::CertificateInfo& info);
// The common name and the alternative names, each once.
std::vector<std::string> AlternativeNamesOf(const crypto::CertificateInfo& info);
// ISSUED, or REVOKED, or EXPIRED after its last day.
std::string_view StatusOf(const StoredCertificate& stored, const crypto::CertificateInfo& info, Instant now);
// Requested, not revoked, and exported or used: what AWS renews.
bool IsRenewable(const StoredCertificate& stored, bool is_used);
// Who made the key: AWS_MANAGED, which is us, or CUSTOMER_PROVIDED.
std::string_view OriginOf(const StoredCertificate& stored);
// Without the extension a certificate is good for anything (ANY), and names no purpose (NONE).
std::vector<std::string> KeyUsageNames(const crypto::CertificateInfo& info);
std::vector<crypto::CertificateInfo::Purpose> PurposesOf(const crypto::CertificateInfo& info);

inline constexpr std::int64_t kTagsMax = 50;
inline constexpr const char* kTooManyTags = "A certificate can have at most 50 tags.";
inline constexpr const char* kTooManyCertificates =
    "The account has as many certificates in this region as it may have. Delete some that are no longer used.";

// The tags of a request, checked. InvalidTagException's message when one is not allowed.
std::expected<std::vector<StoredTag>, std::string> TagsOf(const std::vector<Tag>& tags);
// The same of a certificate that is to be made.
template <class Op>
std::expected<std::vector<StoredTag>, aws::OperationError<Op>> NewTags(const std::optional<std::vector<Tag>>& given) {
  if (!given) return {};
  if (given->size() > static_cast<std::size_t>(kTagsMax)) {
    return aws::Refuse<errors::TooManyTagsException>(kTooManyTags);
  }
  auto tags = TagsOf(*given);
  if (!tags) return aws::Refuse<errors::InvalidTagException>(std::move(tags).error());
  return *std::move(tags);
}
std::vector<Tag> AnswerOf(std::vector<StoredTag> tags);

}  // namespace firmsign::acm
