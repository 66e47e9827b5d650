// SPDX-License-Identifier: Apache-2.0
//
// Asymmetric keys and X.509 certificates, by OpenSSL 3.
//
// Keys are parsed once and kept: loading one costs as much as 18 signatures. Signatures over a digest that is already
// computed are what signing needs, since digests are stored with the objects.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/secret.h"
#include "base/time.h"
#include "platform/crypto/digest.h"

namespace firmsign::crypto {

enum class KeyType { kRsa, kEc, kOther };

struct KeyKind {
  KeyType type = KeyType::kOther;
  int bits = 0;       // RSA modulus, or the curve's size: 256, 384, 521
  std::string curve;  // OpenSSL's short name: "prime256v1", "secp384r1", "secp521r1"; empty for RSA

  friend bool operator==(const KeyKind&, const KeyKind&) = default;
};

// Thread safety: immutable, shared freely between threads.
class PublicKey {
 public:
  // SubjectPublicKeyInfo or a certificate in PEM. kInvalid: neither, or RSA with an exponent that is even or 1.
  static Expected<PublicKey> FromPem(std::string_view pem);

  KeyKind kind() const;
  // ECDSA over a DER signature, or RSASSA-PKCS1-v1_5, by the key's type. False for a bad signature of any shape.
  bool VerifyDigest(Hash hash, std::string_view digest, std::string_view signature) const;
  // The DER SubjectPublicKeyInfo: equal for equal keys.
  std::string Spki() const;

  struct State;
  explicit PublicKey(std::shared_ptr<const State> state) : state_(std::move(state)) {}

 private:
  std::shared_ptr<const State> state_;
};

// Thread safety: immutable, shared freely between threads.
class PrivateKey {
 public:
  // Unencrypted PKCS#8, PKCS#1 or SEC1 PEM; an EC PARAMETERS block before it is skipped. kInvalid: none of these, or
  // encrypted, or more than one key.
  static Expected<PrivateKey> FromPem(const SecretBytes& pem);
  // A new key on a curve: "prime256v1", "secp384r1", "secp521r1". kInvalid: another name. kInternal: OpenSSL cannot.
  static Expected<PrivateKey> GenerateEc(const std::string& curve);
  // A new RSA key of 2048, 3072 or 4096 bits, which takes up to some seconds. kInvalid: another length.
  static Expected<PrivateKey> GenerateRsa(int bits);

  KeyKind kind() const;
  // DER SEQUENCE{r,s} for EC; PKCS#1 v1.5 for RSA. kInvalid: the digest's length does not fit the hash.
  Expected<std::string> SignDigest(Hash hash, std::string_view digest) const;
  Expected<PublicKey> Public() const;
  SecretBytes ToPkcs8Der() const;
  // PEM "ENCRYPTED PRIVATE KEY": PKCS#8 under AES-256-CBC and PBKDF2 with HMAC-SHA256 (PBES2, RFC 8018).
  std::string ToEncryptedPem(const SecretBytes& passphrase) const;
  static Expected<PrivateKey> FromPkcs8Der(const SecretBytes& der);

  struct State;
  explicit PrivateKey(std::shared_ptr<const State> state) : state_(std::move(state)) {}

 private:
  std::shared_ptr<const State> state_;
};

// What certificates say of themselves. Thread safety: immutable.
struct CertificateInfo {
  int version = 0;                // 3 for X.509v3
  std::string serial_hex_colons;  // "0a:1b:…"
  std::string subject;            // RFC 2253-like: "CN=x,O=y"
  std::string issuer;
  std::string common_name;             // of the subject; empty when it has none
  std::vector<std::string> dns_names;  // subjectAltName
  Instant not_before;
  Instant not_after;
  std::string signature_algorithm;      // "SHA256WITHRSA", "SHA256WITHECDSA", …
  std::vector<std::string> key_usages;  // ACM's names: "DIGITAL_SIGNATURE", …; empty when the extension is absent
  struct Purpose {
    std::string name;  // ACM's: "CODE_SIGNING", …, "CUSTOM"
    std::string oid;   // "1.3.6.1.5.5.7.3.3"
  };
  std::vector<Purpose> extended_key_usages;
  bool is_self_signed = false;     // issuer is subject, and its own key verifies it
  bool is_authority = false;       // basicConstraints says CA
  std::optional<int> path_length;  // how many authorities may stand below this one; no value: any number
};

class Certificate {
 public:
  // Exactly one certificate. kInvalid: none, or not PEM; kConflict: more than one.
  static Expected<Certificate> FromPem(std::string_view pem);
  // One or more, in order; nothing but white space and comments between them.
  static Expected<std::vector<Certificate>> ChainFromPem(std::string_view pem);
  // One certificate and no byte more. kInvalid: it is not.
  static Expected<Certificate> FromDer(std::string_view der);

  const CertificateInfo& info() const;
  const PublicKey& public_key() const;
  std::string ToPem() const;
  const std::string& ToDer() const;
  // `issuer` has this certificate's issuer name as subject and verifies its signature.
  bool IsSignedBy(const Certificate& issuer) const;
  std::string FingerprintSha256() const;  // raw, over the DER
  // Lower-case hexadecimal SHA-384 of the TBSCertificate: what is signed of a certificate, without the signature.
  std::string TbsSha384Hex() const;

  struct State;
  explicit Certificate(std::shared_ptr<const State> state) : state_(std::move(state)) {}

 private:
  std::shared_ptr<const State> state_;
};

}  // namespace firmsign::crypto
