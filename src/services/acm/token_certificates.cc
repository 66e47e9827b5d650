// SPDX-License-Identifier: Apache-2.0

#include "services/acm/token_certificates.h"

#include <utility>

#include "base/encoding.h"
#include "services/acm/answers.h"
#include "services/acm/presented.h"

namespace firmsign::acm {
namespace {

// Whatever a token says, the operator can do something about it.
std::unexpected<Error> TellOperator(Error error) { return Fail(Code::kInvalid, std::move(error).message); }

}  // namespace

Expected<std::string> TokenCertificates::Attach(const ports::TokenCertificate& request, const ports::AlsoAttach& also) {
  const auto certificate = ParseCertificate(acm_, request.certificate_pem, request.now);
  if (!certificate) return Fail(Code::kInvalid, certificate.error().error.message);
  const auto chain = ParseChain(request.chain_pem, *certificate);
  if (!chain) return Fail(Code::kInvalid, chain.error().error.message);
  const std::optional<std::string> id = DecodeHex(request.key_id);
  if (!id) return Fail(Code::kInvalid, "The key's id must be hexadecimal.");
  auto token = tokens_.Find(request.token);
  if (!token) return TellOperator(std::move(token).error());
  auto key = keys::FindTokenKey(*token, certificate->public_key(), *id, request.key_label);
  if (!key) return TellOperator(std::move(key).error());
  const StoredCertificate row{.arn = FormatCertificateArn(request.account, request.region, MakeUuid(acm_.random)),
                              .account = request.account,
                              .region = request.region,
                              .certificate_pem = certificate->ToPem(),
                              .chain_pem = *chain,
                              .created_at = request.now,
                              .imported_at = request.now,
                              .token = request.token,
                              .token_key_id = EncodeHex(key->id),
                              .token_key_label = key->label};
  RETURN_IF_ERROR(acm_.store.database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    ASSIGN_OR_RETURN(const std::int64_t count, acm_.store.Count(transaction, row.account, row.region));
    if (count >= acm_.certificates_max) return Fail(Code::kInvalid, std::string(kTooManyCertificates));
    RETURN_IF_ERROR(acm_.store.Insert(transaction, row));
    return also(transaction, row.arn);
  }));
  return row.arn;
}

}  // namespace firmsign::acm
