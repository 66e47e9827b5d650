// SPDX-License-Identifier: Apache-2.0

#include "services/acm/token_certificates.h"

#include <fmt/format.h>

#include <utility>

#include "base/encoding.h"
#include "services/acm/answers.h"
#include "services/acm/presented.h"

namespace firmsign::acm {
namespace {

// Whatever a token says, the operator can do something about it.
std::unexpected<Error> TellOperator(Error error) { return Fail(Code::kInvalid, std::move(error).message); }

}  // namespace

StoredCertificate TokenCertificates::NewRow(const ports::TokenCertificate& request) const {
  return {.arn = FormatCertificateArn(request.account, request.region, MakeUuid(acm_.random)),
          .account = request.account,
          .region = request.region,
          .created_at = request.now};
}

Expected<StoredCertificate> TokenCertificates::FindReplaceable(const ports::TokenCertificate& request,
                                                               const crypto::Certificate& next) const {
  const std::string& arn = request.replaces;
  if (!IsCertificateArn(arn)) return Fail(Code::kInvalid, BadArnMessage(arn));
  auto stored = acm_.store.Get({.account = request.account, .region = request.region, .arn = arn});
  if (!stored && stored.error().code == Code::kNotFound) {
    return Fail(Code::kInvalid, fmt::format("The account {} has no certificate {} in the region {}.",
                                            request.account.str(), arn, request.region.str()));
  }
  if (!stored) return stored;
  if (auto reason = WhyNotReplaceable(*stored, next)) return Fail(Code::kInvalid, *std::move(reason));
  return stored;
}

Expected<std::string> TokenCertificates::Attach(const ports::TokenCertificate& request, const ports::AlsoAttach& also) {
  const auto certificate = ParseCertificate(acm_, request.certificate_pem, request.now);
  if (!certificate) return Fail(Code::kInvalid, certificate.error().error.message);
  const auto chain = ParseChain(request.chain_pem, *certificate);
  if (!chain) return Fail(Code::kInvalid, chain.error().error.message);
  const bool is_new = request.replaces.empty();
  auto row = is_new ? Expected<StoredCertificate>(NewRow(request)) : FindReplaceable(request, *certificate);
  if (!row) return std::unexpected(std::move(row).error());
  const std::optional<std::string> id = DecodeHex(request.key_id);
  if (!id) return Fail(Code::kInvalid, "The key's id must be hexadecimal.");
  auto token = tokens_.Find(request.token);
  if (!token) return TellOperator(std::move(token).error());
  auto key = keys::FindTokenKey(*token, certificate->public_key(), *id, request.key_label);
  if (!key) return TellOperator(std::move(key).error());
  row->certificate_pem = certificate->ToPem();
  row->chain_pem = *chain;
  row->sealed_key.clear();
  row->imported_at = request.now;
  row->token = request.token;
  row->token_key_id = EncodeHex(key->id);
  row->token_key_label = key->label;
  const auto stored = acm_.store.database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    if (is_new) {
      ASSIGN_OR_RETURN(const std::int64_t count, acm_.store.Count(transaction, row->account, row->region));
      if (count >= acm_.certificates_max) return Fail(Code::kInvalid, std::string(kTooManyCertificates));
    }
    RETURN_IF_ERROR(is_new ? acm_.store.Insert(transaction, *row) : acm_.store.Replace(transaction, *row));
    return also(transaction, row->arn);
  });
  if (!stored && !is_new && stored.error().code == Code::kConflict) {
    return Fail(Code::kInvalid, "The certificate was changed by another request. Try again.");
  }
  if (!stored) return std::unexpected(stored.error());
  acm_.certificates.Forget(row->arn);
  return row->arn;
}

}  // namespace firmsign::acm
