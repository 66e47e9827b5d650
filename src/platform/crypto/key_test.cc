// SPDX-License-Identifier: Apache-2.0
//
// The vectors were made by tests/vectors/crypto/make.sh with the openssl command.

#include "platform/crypto/key.h"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <string>
#include <vector>

#include "platform/crypto/testing/vectors.h"

namespace firmsign::crypto {
namespace {

struct NamedHash {
  Hash hash;
  std::string name;
};
const NamedHash kHashes[] = {
    {Hash::kSha1, "sha1"}, {Hash::kSha256, "sha256"}, {Hash::kSha384, "sha384"}, {Hash::kSha512, "sha512"}};
const std::string kSigners[] = {"p256", "p384", "p521", "rsa2048"};

Expected<PrivateKey> LoadKey(const std::string& name) {
  return PrivateKey::FromPem(SecretVector("crypto/" + name + ".key.pem"));
}

std::string Spki(const PrivateKey& key) {
  auto half = key.Public();
  return half ? half->Spki() : half.error().message;
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

TEST(PrivateKey, KnowsItsKind) {
  EXPECT_EQ(LoadKey("p256")->kind(), (KeyKind{KeyType::kEc, 256, "prime256v1"}));
  EXPECT_EQ(LoadKey("p384")->kind(), (KeyKind{KeyType::kEc, 384, "secp384r1"}));
  EXPECT_EQ(LoadKey("p521")->kind(), (KeyKind{KeyType::kEc, 521, "secp521r1"}));
  EXPECT_EQ(LoadKey("rsa1024")->kind(), (KeyKind{KeyType::kRsa, 1024, ""}));
  EXPECT_EQ(LoadKey("rsa2048")->kind(), (KeyKind{KeyType::kRsa, 2048, ""}));
  EXPECT_EQ(LoadKey("ed25519")->kind().type, KeyType::kOther);
  EXPECT_EQ(LoadKey("rsa-pss")->kind().type, KeyType::kOther);
}

TEST(PrivateKey, IsMadeOfSoManyBits) {
  const PrivateKey key = *PrivateKey::GenerateRsa(2048);
  EXPECT_EQ(key.kind(), (KeyKind{KeyType::kRsa, 2048, ""}));
  EXPECT_NE(Spki(key), Spki(*PrivateKey::GenerateRsa(2048)));
  EXPECT_EQ(PrivateKey::GenerateRsa(1024).error().code, Code::kInvalid);
  EXPECT_EQ(PrivateKey::GenerateRsa(2047).error().code, Code::kInvalid);
}

TEST(PrivateKey, IsEncryptedWithAPassphrase) {
  const PrivateKey key = *PrivateKey::GenerateEc("prime256v1");
  const std::string pem = key.ToEncryptedPem(SecretBytes("open sesame"));
  EXPECT_TRUE(pem.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n")) << pem;
  EXPECT_NE(pem, key.ToEncryptedPem(SecretBytes("open sesame"))) << "another salt";
  EXPECT_EQ(PrivateKey::FromPem(SecretBytes(pem)).error().code, Code::kInvalid);
  const auto opened = [&](std::string passphrase) {
    BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    EVP_PKEY* read = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, passphrase.data());
    BIO_free(bio);
    unsigned char* der = nullptr;
    const int bytes = read != nullptr ? i2d_PUBKEY(read, &der) : 0;
    std::string spki(reinterpret_cast<const char*>(der), static_cast<std::size_t>(std::max(bytes, 0)));
    OPENSSL_free(der);
    EVP_PKEY_free(read);
    ERR_clear_error();
    return spki;
  };
  EXPECT_EQ(opened("open sesame"), Spki(key));
  EXPECT_EQ(opened("open barley"), "");
}

TEST(PrivateKey, IsMadeOnACurve) {
  const PrivateKey key = *PrivateKey::GenerateEc("secp384r1");
  EXPECT_EQ(key.kind(), (KeyKind{KeyType::kEc, 384, "secp384r1"}));
  EXPECT_NE(Spki(key), Spki(*PrivateKey::GenerateEc("secp384r1")));
  EXPECT_EQ(PrivateKey::FromPkcs8Der(key.ToPkcs8Der())->Public()->Spki(), Spki(key));
  EXPECT_EQ(PrivateKey::GenerateEc("prime256v1")->kind().curve, "prime256v1");
  EXPECT_EQ(PrivateKey::GenerateEc("secp256k1").error().code, Code::kInvalid);
}

TEST(PrivateKey, IsTheSameInEveryFormThatPeopleHave) {
  const std::string p256 = Vector("crypto/p256.spki.der");
  for (const char* form : {"p256", "p256-sec1", "p256-with-parameters", "p256-compressed"}) {
    auto key = LoadKey(form);
    ASSERT_TRUE(key) << form << ": " << key.error().message;
    EXPECT_EQ(Spki(*key), p256) << form;
  }
  EXPECT_EQ(Spki(*LoadKey("rsa2048-pkcs1")), Vector("crypto/rsa2048.spki.der"));
}

TEST(PrivateKey, IsReadWithWindowsLineEndsAndTextAroundIt) {
  const std::string pem = Vector("crypto/p256-with-parameters.key.pem");
  for (const std::string& text : {Replaced(pem, "\n", "\r\n"), "Bag Attributes\n  localKeyID: 01\n" + pem + "\nrest",
                                  Replaced(pem, "\n", " \n")}) {
    auto key = PrivateKey::FromPem(SecretBytes(text));
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_EQ(Spki(*key), Vector("crypto/p256.spki.der"));
  }
}

TEST(PrivateKey, RefusesWhatIsNotExactlyOneUsableKey) {
  const std::string p256 = Vector("crypto/p256.key.pem");
  const std::string rsa = Vector("crypto/rsa2048.key.pem");
  struct Case {
    std::string name;
    std::string pem;
    std::string words;
  };
  const Case cases[] = {
      {"empty", "", "empty"},
      {"no PEM", "hello", "no PEM block"},
      {"encrypted PKCS#8", Vector("crypto/encrypted-pkcs8.key.pem"), "encrypted"},
      {"encrypted PKCS#1", Vector("crypto/encrypted-pkcs1.key.pem"), "encrypted"},
      {"two keys", p256 + rsa, "more than one"},
      {"a key and parameters behind it",
       p256 + "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n", "EC PARAMETERS"},
      {"only parameters", "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n",
       "no private key"},
      {"a certificate", Vector("crypto/p256.crt.pem"), "CERTIFICATE"},
      {"a public key", Vector("crypto/p256.pub.pem"), "PUBLIC KEY"},
      {"cut off", rsa.substr(0, rsa.size() / 2), "damaged"},
      {"another end line", Replaced(rsa, "END PRIVATE", "END PUBLIC"), "damaged"},
      {"an RSA key called EC", Replaced(Vector("crypto/rsa2048-pkcs1.key.pem"), "RSA PRIVATE", "EC PRIVATE"),
       "damaged"},
      {"no base64", "-----BEGIN PRIVATE KEY-----\n!!!!\n-----END PRIVATE KEY-----\n", "damaged"},
      {"no DER", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "damaged"},
  };
  for (const Case& c : cases) {
    auto key = PrivateKey::FromPem(SecretBytes(c.pem));
    ASSERT_FALSE(key) << c.name;
    EXPECT_EQ(key.error().code, Code::kInvalid) << c.name;
    EXPECT_NE(key.error().message.find(c.words), std::string::npos) << c.name << ": " << key.error().message;
  }
}

TEST(PrivateKey, RefusesAKeyWithBytesBehindIt) {
  const SecretBytes der = LoadKey("p256")->ToPkcs8Der();
  const std::string longer = std::string(der.Reveal(SecretAccess("a test adds a byte"))) + '\0';
  EXPECT_EQ(PrivateKey::FromPkcs8Der(SecretBytes(longer)).error().code, Code::kInvalid);
}

TEST(PrivateKey, OfAKindThatIsNotUsedDoesNotSign) {
  const std::string digest = DigestOf(Hash::kSha256, "x");
  for (const char* name : {"ed25519", "rsa-pss", "dsa", "p256-explicit"}) {
    auto key = LoadKey(name);
    if (!key) {
      EXPECT_EQ(key.error().code, Code::kInvalid);
      continue;
    }
    EXPECT_EQ(key->kind().type, KeyType::kOther) << name;
    EXPECT_EQ(key->SignDigest(Hash::kSha256, digest).error().code, Code::kInvalid) << name;
  }
}

TEST(PrivateKey, SurvivesItsPkcs8Form) {
  for (const std::string& name : kSigners) {
    auto key = PrivateKey::FromPkcs8Der(LoadKey(name)->ToPkcs8Der());
    ASSERT_TRUE(key) << name;
    EXPECT_EQ(Spki(*key), Vector("crypto/" + name + ".spki.der"));
  }
}

TEST(SignDigest, OfRsaIsWhatOpensslSigns) {
  const std::string message = Vector("crypto/message.txt");
  for (const NamedHash& h : kHashes) {
    auto signature = LoadKey("rsa2048")->SignDigest(h.hash, DigestOf(h.hash, message));
    ASSERT_TRUE(signature) << h.name;
    EXPECT_EQ(*signature, Vector("crypto/rsa2048." + h.name + ".sig")) << h.name;
  }
}

TEST(SignDigest, VerifiesWithThePublicHalfAndNoOther) {
  const std::string message = Vector("crypto/message.txt");
  for (const std::string& name : kSigners) {
    for (const NamedHash& h : kHashes) {
      const std::string digest = DigestOf(h.hash, message);
      auto signature = LoadKey(name)->SignDigest(h.hash, digest);
      ASSERT_TRUE(signature) << name;
      EXPECT_TRUE(LoadKey(name)->Public()->VerifyDigest(h.hash, digest, *signature)) << name << h.name;
      EXPECT_FALSE(LoadKey("other-p256")->Public()->VerifyDigest(h.hash, digest, *signature)) << name << h.name;
    }
  }
}

TEST(SignDigest, RefusesADigestOfAnotherLengthAndAHashThatIsNotSignedWith) {
  EXPECT_EQ(LoadKey("p256")->SignDigest(Hash::kSha256, "short").error().code, Code::kInvalid);
  EXPECT_EQ(LoadKey("p256")->SignDigest(Hash::kSha384, DigestOf(Hash::kSha256, "")).error().code, Code::kInvalid);
  EXPECT_EQ(LoadKey("p256")->SignDigest(Hash::kMd5, DigestOf(Hash::kMd5, "")).error().code, Code::kInvalid);
}

TEST(VerifyDigest, AcceptsWhatOpensslSigned) {
  const std::string message = Vector("crypto/message.txt");
  for (const std::string& name : kSigners) {
    auto key = PublicKey::FromPem(Vector("crypto/" + name + ".pub.pem"));
    ASSERT_TRUE(key) << name;
    EXPECT_EQ(key->Spki(), Vector("crypto/" + name + ".spki.der"));
    for (const NamedHash& h : kHashes) {
      const std::string signature = Vector("crypto/" + name + "." + h.name + ".sig");
      EXPECT_TRUE(key->VerifyDigest(h.hash, DigestOf(h.hash, message), signature)) << name << h.name;
      EXPECT_FALSE(key->VerifyDigest(h.hash, DigestOf(h.hash, message + "x"), signature)) << name << h.name;
    }
  }
}

TEST(VerifyDigest, RefusesEveryChangedBitAndEveryOtherShape) {
  const std::string digest = DigestOf(Hash::kSha256, Vector("crypto/message.txt"));
  for (const std::string name : {"p256", "rsa2048"}) {
    auto key = PublicKey::FromPem(Vector("crypto/" + name + ".pub.pem"));
    const std::string signature = Vector("crypto/" + name + ".sha256.sig");
    for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
      std::string changed = signature;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
      EXPECT_FALSE(key->VerifyDigest(Hash::kSha256, digest, changed)) << name << bit;
    }
    for (const std::string& other : {std::string(), signature + '\0', signature.substr(1), std::string(5000, 'x')}) {
      EXPECT_FALSE(key->VerifyDigest(Hash::kSha256, digest, other)) << name;
    }
    EXPECT_FALSE(key->VerifyDigest(Hash::kSha256, digest.substr(1), signature));
    EXPECT_FALSE(key->VerifyDigest(Hash::kMd5, digest.substr(16), signature));
  }
}

TEST(PublicKey, ComesFromACertificateTooAndFromNothingElse) {
  EXPECT_EQ(PublicKey::FromPem(Vector("crypto/p256.crt.pem"))->Spki(), Vector("crypto/p256.spki.der"));
  for (const std::string& pem : {std::string("hello"), Vector("crypto/p256.key.pem"),
                                 Vector("crypto/p256.pub.pem") + Vector("crypto/p384.pub.pem"),
                                 std::string("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")}) {
    auto key = PublicKey::FromPem(pem);
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().code, Code::kInvalid);
  }
}

TEST(Certificate, SaysEverythingOfItself) {
  auto certificate = Certificate::FromPem(Vector("crypto/everything.crt.pem"));
  ASSERT_TRUE(certificate) << certificate.error().message;
  const CertificateInfo& info = certificate->info();
  EXPECT_EQ(info.version, 3);
  EXPECT_EQ(info.serial_hex_colons, "0a:1b:2c:3d");
  EXPECT_EQ(info.subject, "CN=last.example.com,CN=first.example.com,O=Müller & Söhne\\, GmbH,C=DE");
  EXPECT_EQ(info.issuer, info.subject);
  EXPECT_EQ(info.common_name, "last.example.com");
  EXPECT_EQ(info.dns_names, (std::vector<std::string>{"last.example.com", "*.example.com"}));
  EXPECT_EQ(info.signature_algorithm, "SHA384WITHECDSA");
  EXPECT_EQ(info.key_usages, (std::vector<std::string>{"DIGITAL_SIGNATURE", "NON_REPUDIATION", "KEY_ENCIPHERMENT",
                                                       "DATA_ENCIPHERMENT", "KEY_AGREEMENT", "CERTIFICATE_SIGNING",
                                                       "CRL_SIGNING", "ENCIPHER_ONLY", "DECIPHER_ONLY"}));
  std::vector<std::string> purposes;
  for (const auto& purpose : info.extended_key_usages) purposes.push_back(purpose.name + " " + purpose.oid);
  EXPECT_EQ(
      purposes,
      (std::vector<std::string>{
          "TLS_WEB_SERVER_AUTHENTICATION 1.3.6.1.5.5.7.3.1", "TLS_WEB_CLIENT_AUTHENTICATION 1.3.6.1.5.5.7.3.2",
          "CODE_SIGNING 1.3.6.1.5.5.7.3.3", "EMAIL_PROTECTION 1.3.6.1.5.5.7.3.4", "TIME_STAMPING 1.3.6.1.5.5.7.3.8",
          "OCSP_SIGNING 1.3.6.1.5.5.7.3.9", "IPSEC_END_SYSTEM 1.3.6.1.5.5.7.3.5", "IPSEC_TUNNEL 1.3.6.1.5.5.7.3.6",
          "IPSEC_USER 1.3.6.1.5.5.7.3.7", "ANY 2.5.29.37.0", "CUSTOM 1.2.3.4.5"}));
  EXPECT_TRUE(info.is_self_signed);
  EXPECT_EQ(info.not_after - info.not_before, std::chrono::hours(24 * 36500));
  EXPECT_GT(info.not_before, InstantFromSeconds(1'700'000'000));
}

TEST(Certificate, WithoutNameAndPurposeSaysSo) {
  auto certificate = Certificate::FromPem(Vector("crypto/plain.crt.pem"));
  ASSERT_TRUE(certificate);
  EXPECT_EQ(certificate->info().common_name, "");
  EXPECT_TRUE(certificate->info().dns_names.empty());
  EXPECT_TRUE(certificate->info().key_usages.empty());
  EXPECT_TRUE(certificate->info().extended_key_usages.empty());
  EXPECT_EQ(certificate->info().signature_algorithm, "SHA1WITHRSA");
}

TEST(Certificate, KnowsItsVersion) { EXPECT_EQ(Certificate::FromPem(Vector("crypto/v1.crt.pem"))->info().version, 1); }

TEST(Certificate, IsWrittenAsItWasReadWithItsFingerprint) {
  const std::string pem = Vector("crypto/p256.crt.pem");
  auto certificate = Certificate::FromPem("subject=CN = x\r\n" + Replaced(pem, "\n", "\r\n") + "trailing text\n");
  ASSERT_TRUE(certificate) << certificate.error().message;
  EXPECT_EQ(certificate->ToPem(), pem);
  EXPECT_EQ(certificate->FingerprintSha256(), DigestOf(Hash::kSha256, Vector("crypto/p256.crt.der")));
}

TEST(Certificate, IsExactlyOne) {
  const std::string pem = Vector("crypto/p256.crt.pem");
  EXPECT_EQ(Certificate::FromPem(pem + pem).error().code, Code::kConflict);
  for (const std::string& bad :
       {std::string(), std::string("hello"), pem.substr(0, 200), pem + Vector("crypto/p256.key.pem"),
        Vector("crypto/p256.key.pem"), pem + pem.substr(0, 100), Replaced(pem, "CERTIFICATE", "X509 CRL"),
        std::string("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")}) {
    auto certificate = Certificate::FromPem(bad);
    ASSERT_FALSE(certificate) << bad;
    EXPECT_EQ(certificate.error().code, Code::kInvalid) << bad;
  }
}

TEST(Certificate, KnowsWhoSignedIt) {
  auto chain = Certificate::ChainFromPem(Vector("crypto/leaf.crt.pem") + "\n# the authorities\n" +
                                         Vector("crypto/issuer.crt.pem") + Vector("crypto/root.crt.pem"));
  ASSERT_TRUE(chain) << chain.error().message;
  ASSERT_EQ(chain->size(), 3u);
  const Certificate& leaf = (*chain)[0];
  const Certificate& issuer = (*chain)[1];
  const Certificate& root = (*chain)[2];
  EXPECT_TRUE(leaf.IsSignedBy(issuer));
  EXPECT_TRUE(issuer.IsSignedBy(root));
  EXPECT_TRUE(root.IsSignedBy(root));
  EXPECT_TRUE(root.info().is_self_signed);
  EXPECT_FALSE(leaf.info().is_self_signed);
  EXPECT_FALSE(leaf.IsSignedBy(root));
  // The right name alone is not enough.
  auto impostor = Certificate::FromPem(Vector("crypto/false-issuer.crt.pem"));
  ASSERT_EQ(impostor->info().subject, issuer.info().subject);
  EXPECT_FALSE(leaf.IsSignedBy(*impostor));
}

}  // namespace
}  // namespace firmsign::crypto
