// SPDX-License-Identifier: Apache-2.0

#include "engine/signing/service_identity.h"

#include <span>

#include "platform/crypto/certificate_chain.h"

namespace firmsign::signing {
namespace {

bool IsP384(const crypto::KeyKind& kind) { return kind.type == crypto::KeyType::kEc && kind.curve == "secp384r1"; }

}  // namespace

Expected<void> CheckIdentity(const ServiceIdentity& identity, Instant at) {
  if (identity.key == nullptr || identity.chain.empty()) {
    return Fail(Code::kInvalid, "the service has no key or no certificate to sign with");
  }
  const crypto::Certificate& leaf = identity.chain.front();
  if (!IsP384(identity.key->kind()) || !IsP384(leaf.public_key().kind())) {
    return Fail(Code::kInvalid, "the service's key is not on P-384");
  }
  ASSIGN_OR_RETURN(
      const std::vector<crypto::Certificate> chain,
      crypto::VerifyCodeSigningChain(leaf, std::span(identity.chain).subspan(1), identity.chain.back(), at));
  bool is_same = chain.size() == identity.chain.size();
  for (std::size_t i = 0; is_same && i < chain.size(); ++i) is_same = chain[i].ToDer() == identity.chain[i].ToDer();
  if (!is_same) return Fail(Code::kInvalid, "the service's certificates are not one chain from leaf to root");
  return {};
}

Expected<void> CheckPeriod(const SignatureFacts& facts, Instant at) {
  if (facts.signed_at > at)
    return Fail(Code::kInvalid, "the signature is from the future: " + FormatIso8601(facts.signed_at));
  if (facts.expires_at <= facts.signed_at) return Fail(Code::kInvalid, "the signature expires before it was made");
  if (facts.expires_at <= at)
    return Fail(Code::kInvalid, "the signature has expired: " + FormatIso8601(facts.expires_at));
  return {};
}

std::vector<std::string> RevocationHashes(const std::vector<crypto::Certificate>& chain) {
  std::vector<std::string> hashes;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const crypto::Certificate& issuer = i + 1 < chain.size() ? chain[i + 1] : chain[i];
    hashes.push_back(chain[i].TbsSha384Hex() + issuer.TbsSha384Hex());
  }
  return hashes;
}

}  // namespace firmsign::signing
