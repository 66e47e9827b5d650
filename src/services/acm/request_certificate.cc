// SPDX-License-Identifier: Apache-2.0
//
// RequestCertificate: a new key, and a certificate for it that signs code, issued at once by the account's own
// authority.
//
// https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html. There is nobody here who could vouch
// for a name to the public, so what AWS does without CertificateAuthorityArn, and everything about validation, is taken
// and not needed: whoever may call this is trusted with the name.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "services/acm/answers.h"
#include "services/acm/authority.h"
#include "services/acm/operations.h"

namespace firmsign::acm {
namespace {

using RequestOp = ops::RequestCertificate;
template <class T>
using RequestFound = std::expected<T, aws::OperationError<RequestOp>>;

constexpr std::chrono::hours kTokenHolds{1};
constexpr std::size_t kCommonNameMax = 64;  // RFC 5280, appendix A: ub-common-name

RequestFound<std::vector<std::string>> NamesIn(const RequestCertificateRequest& input) {
  if (input.domain_name.size() > kCommonNameMax) {
    return aws::Refuse<errors::ValidationException>(
        fmt::format("DomainName has {} characters; as a certificate's common name it can have {}. Longer ones can be "
                    "SubjectAlternativeNames.",
                    input.domain_name.size(), kCommonNameMax));
  }
  std::vector<std::string> names = {input.domain_name};
  for (const std::string& name : input.subject_alternative_names.value_or(std::vector<std::string>())) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  for (const DomainValidationOption& option :
       input.domain_validation_options.value_or(std::vector<DomainValidationOption>())) {
    const bool is_below =
        option.domain_name == option.validation_domain || option.domain_name.ends_with("." + option.validation_domain);
    if (std::ranges::find(names, option.domain_name) == names.end() || !is_below) {
      return aws::Refuse<errors::InvalidDomainValidationOptionsException>(fmt::format(
          "{} is not a name of this certificate, or not one below {}.", option.domain_name, option.validation_domain));
    }
  }
  return names;
}

RequestFound<crypto::PrivateKey> MakeKey(std::string_view algorithm) {
  constexpr std::string_view kEc = "EC_";
  if (algorithm.starts_with(kEc)) {
    ASSIGN_OR_RETURN(crypto::PrivateKey key, crypto::PrivateKey::GenerateEc(std::string(algorithm.substr(kEc.size()))));
    return key;
  }
  if (algorithm == KeyAlgorithm::kRsa1024) {
    return aws::Refuse<errors::InvalidParameterException>(
        "RSA keys of 1024 bits can be broken. Use RSA_2048 or more, or EC_prime256v1.");
  }
  const int bits = algorithm == KeyAlgorithm::kRsa2048 ? 2048 : algorithm == KeyAlgorithm::kRsa3072 ? 3072 : 4096;
  ASSIGN_OR_RETURN(crypto::PrivateKey key, crypto::PrivateKey::GenerateRsa(bits));
  return key;
}

// What the request says of an authority must be ours.
RequestFound<PrivateAuthority> AuthorityFor(const Service& acm, const gateway::Authorized<RequestOp>& call) {
  const gateway::CallFacts& facts = call.facts();
  ASSIGN_OR_RETURN(PrivateAuthority authority, NeedAuthority(acm, facts.account(), facts.region, facts.now));
  const std::string wanted = call.input().certificate_authority_arn.value_or(authority.arn);
  if (wanted == authority.arn) return authority;
  return aws::Refuse<errors::InvalidArnException>(fmt::format(
      "{} is not the authority of this account in this region. Leave CertificateAuthorityArn out, or give {}.", wanted,
      authority.arn));
}

StoredCertificate NewRow(const Service& acm, const gateway::Authorized<RequestOp>& call,
                         const PrivateAuthority& authority, const crypto::Certificate& certificate,
                         const crypto::PrivateKey& key) {
  const gateway::CallFacts& facts = call.facts();
  const CertificateOptions options = call.input().options.value_or(CertificateOptions());
  StoredCertificate row{.arn = FormatCertificateArn(facts.account(), facts.region, MakeUuid(acm.random)),
                        .account = facts.account(),
                        .region = facts.region,
                        .certificate_pem = certificate.ToPem(),
                        .chain_pem = authority.certificate.ToPem(),
                        .sealed_key = {},
                        .created_at = facts.now,
                        .imported_at = facts.now,
                        .type = std::string(CertificateType::kPrivate),
                        .authority_arn = authority.arn,
                        .export_option = options.export_.value_or(std::string(CertificateExport::kEnabled)),
                        .request_token = call.input().idempotency_token.value_or("")};
  row.sealed_key = acm.keyring.Seal(SealingContext(row.arn), key.ToPkcs8Der());
  return row;
}

}  // namespace

aws::Result<RequestOp> RequestCertificate(Service& acm, const gateway::Authorized<RequestOp>& call) {
  const RequestCertificateRequest& input = call.input();
  const gateway::CallFacts& facts = call.facts();
  ASSIGN_OR_RETURN(const std::vector<StoredTag> tags, NewTags<RequestOp>(input.tags));
  ASSIGN_OR_RETURN(const std::vector<std::string> names, NamesIn(input));
  if (input.managed_by) {
    return aws::Refuse<errors::InvalidParameterException>("There is no CloudFront here that could manage it.");
  }
  ASSIGN_OR_RETURN(const PrivateAuthority authority, AuthorityFor(acm, call));
  ASSIGN_OR_RETURN(const crypto::PrivateKey key,
                   MakeKey(input.key_algorithm.value_or(std::string(KeyAlgorithm::kRsa2048))));
  ASSIGN_OR_RETURN(crypto::PublicKey public_key, key.Public());
  ASSIGN_OR_RETURN(const crypto::Certificate certificate,
                   IssueCertificate(acm, authority, names, std::move(public_key), facts.now));
  const StoredCertificate row = NewRow(acm, call, authority, certificate, key);

  RequestCertificateResponse output;
  bool is_full = false;  // and not the disk, which says kExhausted too
  const auto inserted = acm.store.database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    output.certificate_arn = row.arn;
    if (!row.request_token.empty()) {
      ASSIGN_OR_RETURN(const auto before, acm.store.FindRequested(transaction, facts.account(), facts.region,
                                                                  row.request_token, facts.now - kTokenHolds));
      const auto earlier =
          before ? crypto::Certificate::FromPem(before->certificate_pem) : Fail(Code::kNotFound, "no such request");
      if (earlier && AlternativeNamesOf(earlier->info()) == names) {
        output.certificate_arn = before->arn;
        return {};
      }
    }
    ASSIGN_OR_RETURN(const std::int64_t count, acm.store.Count(transaction, facts.account(), facts.region));
    is_full = count >= acm.certificates_max;
    if (is_full) return Fail(Code::kExhausted, "the account has as many certificates as it may have");
    RETURN_IF_ERROR(acm.store.Insert(transaction, row));
    RETURN_IF_ERROR(acm.store.AddTags(transaction, NameOf(facts, row.arn), tags));
    return call.Record(transaction, output);
  });
  if (is_full) return aws::Refuse<errors::LimitExceededException>(kTooManyCertificates);
  if (!inserted) return std::unexpected(inserted.error());
  return output;
}

}  // namespace firmsign::acm
