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
// ISSUED, or EXPIRED after its last day.
std::string_view StatusOf(const crypto::CertificateInfo& info, Instant now);
// Without the extension a certificate is good for anything (ANY), and names no purpose (NONE).
std::vector<std::string> KeyUsageNames(const crypto::CertificateInfo& info);
std::vector<crypto::CertificateInfo::Purpose> PurposesOf(const crypto::CertificateInfo& info);

// The tags of a request, checked. InvalidTagException's message when one is not allowed.
std::expected<std::vector<StoredTag>, std::string> TagsOf(const std::vector<Tag>& tags);

}  // namespace firmsign::acm
