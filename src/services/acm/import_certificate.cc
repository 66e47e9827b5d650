// SPDX-License-Identifier: Apache-2.0
//
// ImportCertificate: stores a certificate with its private key and chain, or replaces those behind an ARN.
//
// AWS's wording where it is known (contract 07 §7.2). The reason inside stays in the log: it comes from the parser and
// never holds a part of the key.

#include <fmt/format.h>

#include "services/acm/change.h"
#include "services/acm/operations.h"
#include "services/acm/presented.h"

namespace firmsign::acm {
namespace {

// What a request brings, once it is known to fit together.
struct Material {
  crypto::Certificate certificate;
  crypto::PrivateKey key;
  std::string chain_pem;
};

std::expected<crypto::PrivateKey, Invalid> ParseKey(const SecretBytes& pem, const crypto::Certificate& certificate) {
  auto key = crypto::PrivateKey::FromPem(pem);
  if (!key) return Refused("The private key is not PEM-encoded or is not valid.", key.error().message);
  const auto public_key = key->Public();
  if (!public_key || public_key->Spki() != certificate.public_key().Spki()) {
    return Refused("The private key does not match the certificate's public key.");
  }
  // A doctored key can carry the right public half and still not sign, so it signs something once.
  const std::string digest = crypto::DigestOf(crypto::Hash::kSha256, "ImportCertificate");
  const auto signature = key->SignDigest(crypto::Hash::kSha256, digest);
  if (!signature || !certificate.public_key().VerifyDigest(crypto::Hash::kSha256, digest, *signature)) {
    return Refused("The private key is not PEM-encoded or is not valid.", "it does not sign for the certificate");
  }
  return *std::move(key);
}

std::expected<Material, Invalid> ParseMaterial(const Service& acm, const ImportCertificateRequest& input, Instant now) {
  ASSIGN_OR_RETURN(crypto::Certificate certificate, ParseCertificate(acm, input.certificate, now));
  ASSIGN_OR_RETURN(crypto::PrivateKey key, ParseKey(input.private_key, certificate));
  ASSIGN_OR_RETURN(std::string chain_pem, ParseChain(input.certificate_chain, certificate));
  return Material{.certificate = std::move(certificate), .key = std::move(key), .chain_pem = std::move(chain_pem)};
}

StoredCertificate Sealed(const Service& acm, const Material& material, StoredCertificate row, Instant now) {
  row.certificate_pem = material.certificate.ToPem();
  row.chain_pem = material.chain_pem;
  row.sealed_key = acm.keyring.Seal(SealingContext(row.arn), material.key.ToPkcs8Der());
  row.imported_at = now;
  return row;
}

aws::Result<ops::ImportCertificate> Reimport(Service& acm, const gateway::Authorized<ops::ImportCertificate>& call,
                                             const Material& material) {
  using Op = ops::ImportCertificate;
  const std::string& arn = *call.input().certificate_arn;
  return ChangeCertificate(
      acm, call, arn, {.certificate_arn = arn},
      [&](StoredCertificate& stored, ImportCertificateResponse&) -> std::expected<void, aws::OperationError<Op>> {
        if (!stored.token.empty()) {
          return Refused(
              fmt::format("The key of this certificate lies in the token {}, so none can be imported.", stored.token));
        }
        if (auto reason = WhyNotReplaceable(stored, material.certificate)) return Refused(*std::move(reason));
        stored = Sealed(acm, material, std::move(stored), call.facts().now);
        return {};
      });
}

}  // namespace

aws::Result<ops::ImportCertificate> ImportCertificate(Service& acm,
                                                      const gateway::Authorized<ops::ImportCertificate>& call) {
  const ImportCertificateRequest& input = call.input();
  const bool is_reimport = input.certificate_arn.has_value();
  if (is_reimport && !IsCertificateArn(*input.certificate_arn)) return BadArn(*input.certificate_arn);
  if (is_reimport && input.tags) return Refused("Tags cannot be given when a certificate is imported again.");
  ASSIGN_OR_RETURN(const std::vector<StoredTag> tags, NewTags<ops::ImportCertificate>(input.tags));

  auto material = ParseMaterial(acm, input, call.facts().now);
  if (!material) return std::unexpected(std::move(material).error());
  if (is_reimport) return Reimport(acm, call, *material);

  const AccountId& account = call.facts().account();
  const std::string arn = FormatCertificateArn(account, call.facts().region, MakeUuid(acm.random));
  const StoredCertificate row = Sealed(
      acm, *material, {.arn = arn, .account = account, .region = call.facts().region, .created_at = call.facts().now},
      call.facts().now);
  ImportCertificateResponse output{.certificate_arn = arn};
  bool is_full = false;  // and not the disk, which says kExhausted too
  const auto inserted = acm.store.database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    ASSIGN_OR_RETURN(const std::int64_t count, acm.store.Count(transaction, account, call.facts().region));
    is_full = count >= acm.certificates_max;
    if (is_full) return Fail(Code::kExhausted, "the account has as many certificates as it may have");
    RETURN_IF_ERROR(acm.store.Insert(transaction, row));
    RETURN_IF_ERROR(acm.store.AddTags(transaction, NameOf(call.facts(), arn), tags));
    return call.Record(transaction, output);
  });
  if (is_full) return aws::Refuse<errors::LimitExceededException>(kTooManyCertificates);
  if (!inserted) return std::unexpected(inserted.error());
  return output;
}

}  // namespace firmsign::acm
