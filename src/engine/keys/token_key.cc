// SPDX-License-Identifier: Apache-2.0

#include "engine/keys/token_key.h"

#include <algorithm>
#include <utility>

#include "platform/crypto/ecdsa.h"

namespace firmsign::keys {
namespace {

// What stands before the digest in a DigestInfo (RFC 8017 §9.2, note 1).
std::string_view DigestInfoPrefix(crypto::Hash hash) {
  using namespace std::string_view_literals;
  switch (hash) {
    case crypto::Hash::kSha1: return "\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14"sv;
    case crypto::Hash::kSha256: return "\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"sv;
    case crypto::Hash::kSha384: return "\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30"sv;
    case crypto::Hash::kSha512: return "\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40"sv;
    default: return {};
  }
}

pkcs11::KeyType TypeOf(const crypto::KeyKind& kind) {
  return kind.type == crypto::KeyType::kRsa ? pkcs11::KeyType::kRsa : pkcs11::KeyType::kEc;
}

class TokenKey final : public SigningKey {
 public:
  TokenKey(std::shared_ptr<pkcs11::Token> token, pkcs11::KeyReference reference, crypto::KeyKind kind)
      : token_(std::move(token)), reference_(std::move(reference)), kind_(std::move(kind)) {}

  crypto::KeyKind kind() const override { return kind_; }

  Expected<std::string> SignDigest(crypto::Hash hash, std::string_view digest) const override {
    if (digest.size() != crypto::DigestBytes(hash)) {
      return Fail(Code::kInvalid, "the digest's length does not fit its hash");
    }
    const std::size_t key_bytes = static_cast<std::size_t>(kind_.bits + 7) / 8;
    if (kind_.type == crypto::KeyType::kRsa) {
      const std::string_view prefix = DigestInfoPrefix(hash);
      if (prefix.empty()) return Fail(Code::kInvalid, "tokens do not sign with this hash");
      ASSIGN_OR_RETURN(std::string signature, token_->Sign(reference_, std::string(prefix).append(digest)));
      if (signature.size() != key_bytes) return WrongLength();
      return signature;
    }
    // ECDSA takes the digest's leftmost bits (FIPS 186-4 §6.4); not every token cuts it itself.
    ASSIGN_OR_RETURN(const std::string raw, token_->Sign(reference_, digest.substr(0, key_bytes)));
    auto der = crypto::EcdsaRawToDer(raw, key_bytes);
    if (!der) return WrongLength();
    return der;
  }

 private:
  static std::unexpected<Error> WrongLength() {
    return Fail(Code::kCorrupt, "the token returned a signature of a wrong length");
  }

  const std::shared_ptr<pkcs11::Token> token_;
  const pkcs11::KeyReference reference_;
  const crypto::KeyKind kind_;
};

// What the token's part of a master key is for, and the rest of it.
constexpr std::string_view kShareContext = "firmsign/master-key/share/1";
constexpr std::string_view kMasterKeyContext = "firmsign/master-key/1";

}  // namespace

Expected<std::shared_ptr<pkcs11::Token>> Tokens::Find(std::string_view name) const {
  const auto found = std::ranges::find_if(tokens_, [&](const auto& token) { return token->options().name == name; });
  if (found != tokens_.end()) return *found;
  return Fail(Code::kUnavailable,
              "no token called " + std::string(name) + " is configured here; name it in the option pkcs11.tokens");
}

std::shared_ptr<const SigningKey> MakeTokenKey(std::shared_ptr<pkcs11::Token> token, std::string id, std::string label,
                                               crypto::KeyKind kind) {
  pkcs11::KeyReference reference{.type = TypeOf(kind), .id = std::move(id), .label = std::move(label)};
  return std::make_shared<TokenKey>(std::move(token), std::move(reference), std::move(kind));
}

Expected<pkcs11::KeyReference> FindTokenKey(const std::shared_ptr<pkcs11::Token>& token,
                                            const crypto::PublicKey& public_key, const std::string& id,
                                            const std::string& label) {
  const crypto::KeyKind kind = public_key.kind();
  if (kind.type == crypto::KeyType::kOther) return Fail(Code::kInvalid, "the certificate's key is neither RSA nor EC");
  ASSIGN_OR_RETURN(std::vector<pkcs11::KeyReference> keys, token->List(id, label));
  const std::string digest = crypto::DigestOf(crypto::Hash::kSha256, "FindTokenKey");
  for (pkcs11::KeyReference& key : keys) {
    if (key.type != TypeOf(kind)) continue;
    const auto signature =
        SignVerified(*MakeTokenKey(token, key.id, key.label, kind), public_key, crypto::Hash::kSha256, digest);
    if (signature) return std::move(key);
    if (signature.error().code == Code::kUnavailable) return std::unexpected(signature.error());
  }
  return Fail(Code::kNotFound,
              keys.size() == pkcs11::kKeysListedMax
                  ? "none of the token's first keys signs for the certificate; give the key's id or label"
                  : "no key of the token signs for the certificate");
}

Expected<SecretBytes> DeriveMasterKey(const std::shared_ptr<pkcs11::Token>& token, const std::string& label,
                                      const SecretBytes& share) {
  const std::string_view bytes = share.Reveal(SecretAccess("to derive a master key"));
  const std::string hash = crypto::Hmac(crypto::Hash::kSha256, bytes, kShareContext);
  const pkcs11::KeyReference key{.type = pkcs11::KeyType::kHmac, .id = "", .label = label};
  ASSIGN_OR_RETURN(std::string answer, token->Sign(key, hash));
  // Nothing verifies it, and a key that is wrapped with a wrong one is lost.
  ASSIGN_OR_RETURN(std::string again, token->Sign(key, hash));
  const bool is_good = answer.size() == crypto::DigestBytes(crypto::Hash::kSha256) && ConstantTimeEquals(answer, again);
  const SecretBytes whole(std::string(kMasterKeyContext).append(bytes));
  SecretBytes master_key(
      crypto::Hmac(crypto::Hash::kSha256, answer, whole.Reveal(SecretAccess("to derive a master key"))));
  Wipe(answer);
  Wipe(again);
  if (is_good) return master_key;
  return Fail(Code::kCorrupt, "the token answers twice in two ways, or with what is no HMAC-SHA256");
}

}  // namespace firmsign::keys
