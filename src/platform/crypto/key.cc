// SPDX-License-Identifier: Apache-2.0

#include "platform/crypto/key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <limits>

#include "base/check.h"
#include "platform/crypto/digest_evp.h"
#include "platform/crypto/key_evp.h"
#include "platform/crypto/openssl_error.h"
#include "platform/crypto/pem.h"

namespace firmsign::crypto {
namespace {

const unsigned char* Unsigned(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

// OpenSSL's decoders take a length of type long, and some an int.
bool IsDecodable(std::string_view der) {
  return !der.empty() && der.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max());
}

KeyKind KindOf(const EVP_PKEY* key) {
  KeyKind kind{.bits = EVP_PKEY_get_bits(key)};
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA: kind.type = KeyType::kRsa; break;
    case EVP_PKEY_EC: {
      // Parameters spelled out instead of named can describe a doctored curve (CVE-2020-0601), so such keys are not
      // offered as EC keys at all.
      int is_explicit = 0;
      EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &is_explicit);
      std::array<char, 64> name;
      std::size_t length = 0;
      if (is_explicit == 0 && EVP_PKEY_get_group_name(key, name.data(), name.size(), &length) == 1) {
        kind.type = KeyType::kEc;
        kind.curve.assign(name.data(), length);
      }
      break;
    }
    default: break;
  }
  ERR_clear_error();
  return kind;
}

using Initialise = int (*)(EVP_PKEY_CTX*);

Expected<KeyContexts> MakeContexts(EVP_PKEY* key, const KeyKind& kind, Initialise initialise) {
  KeyContexts contexts;
  if (kind.type == KeyType::kOther) return contexts;
  for (const Hash hash : {Hash::kSha1, Hash::kSha256, Hash::kSha384, Hash::kSha512}) {
    KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
    const bool is_ready =
        context != nullptr && initialise(context.get()) == 1 &&
        (kind.type != KeyType::kRsa || EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1) &&
        EVP_PKEY_CTX_set_signature_md(context.get(), MessageDigest(hash)) == 1;
    if (!is_ready) return Fail(Code::kInvalid, "the key cannot be used: " + TakeOpenSslReason());
    contexts[static_cast<std::size_t>(hash)] = std::move(context);
  }
  return contexts;
}

KeyContext Duplicate(const KeyContexts& contexts, Hash hash) {
  const KeyContext& original = contexts[static_cast<std::size_t>(hash)];
  if (!original) return nullptr;
  KeyContext copy(EVP_PKEY_CTX_dup(original.get()));
  CHECK(copy != nullptr);
  return copy;
}

Expected<PrivateKey> MakePrivateKey(KeyHandle key) {
  auto state = std::make_shared<PrivateKey::State>();
  state->kind = KindOf(key.get());
  ASSIGN_OR_RETURN(state->sign, MakeContexts(key.get(), state->kind, &EVP_PKEY_sign_init));
  state->key = std::move(key);
  return PrivateKey(std::move(state));
}

KeyHandle DecodePkcs8(std::string_view der) {
  const unsigned char* position = Unsigned(der);
  PKCS8_PRIV_KEY_INFO* info = d2i_PKCS8_PRIV_KEY_INFO(nullptr, &position, static_cast<long>(der.size()));
  if (info == nullptr) return nullptr;
  KeyHandle key(position == Unsigned(der) + der.size() ? EVP_PKCS82PKEY(info) : nullptr);
  PKCS8_PRIV_KEY_INFO_free(info);
  return key;
}

KeyHandle DecodeTraditional(int type, std::string_view der) {
  const unsigned char* position = Unsigned(der);
  KeyHandle key(d2i_PrivateKey(type, nullptr, &position, static_cast<long>(der.size())));
  return position == Unsigned(der) + der.size() ? std::move(key) : nullptr;
}

// The one private key among the blocks. kInvalid: see PrivateKey::FromPem.
Expected<const PemBlock*> FindPrivateKey(const std::vector<PemBlock>& blocks) {
  const PemBlock* found = nullptr;
  for (const PemBlock& block : blocks) {
    // `openssl ecparam -genkey` writes the curve before the key, which names it again.
    if (block.name == "EC PARAMETERS" && found == nullptr) continue;
    if (block.is_encrypted || block.name == "ENCRYPTED PRIVATE KEY") {
      return Fail(Code::kInvalid, "the private key is encrypted; it must be given without a passphrase");
    }
    if (block.name != "PRIVATE KEY" && block.name != "RSA PRIVATE KEY" && block.name != "EC PRIVATE KEY") {
      return Fail(Code::kInvalid, "a PEM block of this kind is no private key that can be used: " + block.name);
    }
    if (found != nullptr) return Fail(Code::kInvalid, "there is more than one private key");
    found = &block;
  }
  if (found == nullptr) return Fail(Code::kInvalid, "there is no private key");
  return found;
}

// RFC 8017 §3.1. OpenSSL takes any exponent, and under 1 every encoded message is its own signature.
bool HasRsaExponent(const EVP_PKEY* key) {
  BIGNUM* exponent = nullptr;
  const bool is_good = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) == 1 && BN_is_odd(exponent) == 1 &&
                       BN_is_one(exponent) == 0 && BN_is_negative(exponent) == 0;
  BN_free(exponent);
  ERR_clear_error();
  return is_good;
}

}  // namespace

Expected<PublicKey> MakePublicKey(KeyHandle key) {
  auto state = std::make_shared<PublicKey::State>();
  state->kind = KindOf(key.get());
  if (state->kind.type == KeyType::kRsa && !HasRsaExponent(key.get())) {
    return Fail(Code::kInvalid, "the public exponent of an RSA key is odd and at least 3");
  }
  if (state->kind.type == KeyType::kEc) {
    // So that a key given as a compressed point has the same SubjectPublicKeyInfo as itself in full.
    EVP_PKEY_set_utf8_string_param(key.get(), OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
                                   OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_UNCOMPRESSED);
  }
  unsigned char* der = nullptr;
  const int bytes = i2d_PUBKEY(key.get(), &der);
  if (bytes <= 0) return Fail(Code::kInvalid, "the public key cannot be written: " + TakeOpenSslReason());
  state->spki.assign(reinterpret_cast<const char*>(der), static_cast<std::size_t>(bytes));
  OPENSSL_free(der);
  ASSIGN_OR_RETURN(state->verify, MakeContexts(key.get(), state->kind, &EVP_PKEY_verify_init));
  state->key = std::move(key);
  return PublicKey(std::move(state));
}

Expected<PublicKey> PublicKey::FromPem(std::string_view pem) {
  ASSIGN_OR_RETURN(const std::vector<PemBlock> blocks, ParsePem(pem));
  if (blocks.size() != 1) return Fail(Code::kInvalid, "there must be exactly one public key or certificate");
  if (blocks[0].name == "CERTIFICATE") {
    ASSIGN_OR_RETURN(const Certificate certificate, Certificate::FromPem(pem));
    return certificate.public_key();
  }
  if (blocks[0].name != "PUBLIC KEY") {
    return Fail(Code::kInvalid, "neither a public key nor a certificate, but: " + blocks[0].name);
  }
  const std::string_view der = blocks[0].der.Reveal(SecretAccess("a public key is no secret"));
  const unsigned char* position = Unsigned(der);
  KeyHandle key(IsDecodable(der) ? d2i_PUBKEY(nullptr, &position, static_cast<long>(der.size())) : nullptr);
  if (key == nullptr || position != Unsigned(der) + der.size()) {
    return Fail(Code::kInvalid, "the public key is damaged: " + TakeOpenSslReason());
  }
  return MakePublicKey(std::move(key));
}

KeyKind PublicKey::kind() const { return state_->kind; }

bool PublicKey::VerifyDigest(Hash hash, std::string_view digest, std::string_view signature) const {
  if (digest.size() != DigestBytes(hash)) return false;
  const KeyContext context = Duplicate(state_->verify, hash);
  if (!context) return false;
  const bool is_good =
      EVP_PKEY_verify(context.get(), Unsigned(signature), signature.size(), Unsigned(digest), digest.size()) == 1;
  if (!is_good) ERR_clear_error();
  return is_good;
}

std::string PublicKey::Spki() const { return state_->spki; }

Expected<PrivateKey> PrivateKey::FromPem(const SecretBytes& pem) {
  ASSIGN_OR_RETURN(const std::vector<PemBlock> blocks, ParsePem(pem.Reveal(SecretAccess("to parse the key"))));
  ASSIGN_OR_RETURN(const PemBlock* block, FindPrivateKey(blocks));
  if (block->name == "PRIVATE KEY") return FromPkcs8Der(block->der);
  const std::string_view der = block->der.Reveal(SecretAccess("to parse the key"));
  const int type = block->name == "RSA PRIVATE KEY" ? EVP_PKEY_RSA : EVP_PKEY_EC;
  KeyHandle key = IsDecodable(der) ? DecodeTraditional(type, der) : nullptr;
  if (key == nullptr) return Fail(Code::kInvalid, "the private key is damaged: " + TakeOpenSslReason());
  return MakePrivateKey(std::move(key));
}

Expected<PrivateKey> PrivateKey::FromPkcs8Der(const SecretBytes& der) {
  const std::string_view bytes = der.Reveal(SecretAccess("to parse the key"));
  KeyHandle key = IsDecodable(bytes) ? DecodePkcs8(bytes) : nullptr;
  if (key == nullptr) return Fail(Code::kInvalid, "the private key is damaged: " + TakeOpenSslReason());
  return MakePrivateKey(std::move(key));
}

Expected<PrivateKey> PrivateKey::GenerateEc(const std::string& curve) {
  if (curve != "prime256v1" && curve != "secp384r1" && curve != "secp521r1") {
    return Fail(Code::kInvalid, "keys are made on prime256v1, secp384r1 and secp521r1, not on " + curve);
  }
  KeyHandle key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve.c_str()));
  if (key == nullptr) return Fail(Code::kInternal, "no key can be made: " + TakeOpenSslReason());
  return MakePrivateKey(std::move(key));
}

Expected<PrivateKey> PrivateKey::GenerateRsa(int bits) {
  if (bits != 2048 && bits != 3072 && bits != 4096) {
    return Fail(Code::kInvalid, "RSA keys are made of 2048, 3072 and 4096 bits");
  }
  KeyHandle key(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<std::size_t>(bits)));
  if (key == nullptr) return Fail(Code::kInternal, "no key can be made: " + TakeOpenSslReason());
  return MakePrivateKey(std::move(key));
}

KeyKind PrivateKey::kind() const { return state_->kind; }

Expected<std::string> PrivateKey::SignDigest(Hash hash, std::string_view digest) const {
  if (digest.size() != DigestBytes(hash)) return Fail(Code::kInvalid, "the digest's length does not fit the hash");
  const KeyContext context = Duplicate(state_->sign, hash);
  if (!context) return Fail(Code::kInvalid, "a key of this kind does not sign with this hash");
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(state_->key.get())), '\0');
  std::size_t bytes = signature.size();
  if (EVP_PKEY_sign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &bytes, Unsigned(digest),
                    digest.size()) != 1) {
    return Fail(Code::kInvalid, "the key cannot sign: " + TakeOpenSslReason());
  }
  signature.resize(bytes);
  return signature;
}

Expected<PublicKey> PrivateKey::Public() const {
  // A copy that holds the public half only: by way of its encoding, which is what certificates are compared with.
  unsigned char* der = nullptr;
  const int bytes = i2d_PUBKEY(state_->key.get(), &der);
  if (bytes <= 0) return Fail(Code::kInvalid, "the key has no public half: " + TakeOpenSslReason());
  const unsigned char* position = der;
  KeyHandle key(d2i_PUBKEY(nullptr, &position, bytes));
  OPENSSL_free(der);
  if (key == nullptr) return Fail(Code::kInvalid, "the public half is damaged: " + TakeOpenSslReason());
  return MakePublicKey(std::move(key));
}

SecretBytes PrivateKey::ToPkcs8Der() const {
  PKCS8_PRIV_KEY_INFO* info = EVP_PKEY2PKCS8(state_->key.get());
  CHECK(info != nullptr);
  unsigned char* der = nullptr;
  const int bytes = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
  PKCS8_PRIV_KEY_INFO_free(info);
  CHECK(bytes > 0);
  SecretBytes secret(std::string(reinterpret_cast<const char*>(der), static_cast<std::size_t>(bytes)));
  OPENSSL_clear_free(der, static_cast<std::size_t>(bytes));
  return secret;
}

std::string PrivateKey::ToEncryptedPem(const SecretBytes& passphrase) const {
  constexpr int kIterations = 600'000;  // OWASP's figure for HMAC-SHA256
  PKCS8_PRIV_KEY_INFO* info = EVP_PKEY2PKCS8(state_->key.get());
  X509_ALGOR* scheme = PKCS5_pbe2_set_iv(EVP_aes_256_cbc(), kIterations, nullptr, 0, nullptr, NID_hmacWithSHA256);
  CHECK(info != nullptr && scheme != nullptr);
  const std::string_view secret = passphrase.Reveal(SecretAccess("to encrypt the key"));
  X509_SIG* sealed = PKCS8_set0_pbe(secret.data(), static_cast<int>(secret.size()), info, scheme);
  PKCS8_PRIV_KEY_INFO_free(info);
  CHECK(sealed != nullptr);
  unsigned char* der = nullptr;
  const int bytes = i2d_X509_SIG(sealed, &der);
  X509_SIG_free(sealed);
  CHECK(bytes > 0);
  std::string pem = FormatPem("ENCRYPTED PRIVATE KEY",
                              std::string_view(reinterpret_cast<const char*>(der), static_cast<std::size_t>(bytes)));
  OPENSSL_free(der);
  return pem;
}

}  // namespace firmsign::crypto
