// SPDX-License-Identifier: Apache-2.0

#include "platform/crypto/certificate_issuer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "platform/crypto/testing/vectors.h"

namespace firmsign::crypto {
namespace {

const Instant kBegin = InstantFromSeconds(1'790'000'000);
const Instant kEnd = InstantFromSeconds(1'800'000'000);

CertificateRequest RequestFor(const PrivateKey& key, std::string common_name, CertificateRole role) {
  return {.subject = {.common_name = std::move(common_name), .organization = "Example"},
          .public_key = *key.Public(),
          .role = role,
          .not_before = kBegin,
          .not_after = kEnd};
}

class CertificateIssuer : public testing::Test {
 protected:
  Expected<Certificate> SelfSigned(const CertificateRequest& request) {
    return IssueSelfSigned(request, SignWith(root_key), random);
  }
  Expected<Certificate> ByRoot(const CertificateRequest& request) {
    return IssueCertificate(request, root, SignWith(root_key), random);
  }

  FakeRandom random;
  PrivateKey root_key = *PrivateKey::GenerateEc("secp384r1");
  PrivateKey key = *PrivateKey::GenerateEc("secp384r1");
  Certificate root = *SelfSigned(RequestFor(root_key, "Root", CertificateRole::kAuthority));
};

TEST_F(CertificateIssuer, MakesARootThatSignedItself) {
  const CertificateInfo& info = root.info();
  EXPECT_EQ(info.version, 3);
  EXPECT_EQ(info.subject, "CN=Root,O=Example");
  EXPECT_EQ(info.issuer, info.subject);
  EXPECT_TRUE(info.is_self_signed);
  EXPECT_TRUE(info.is_authority);
  EXPECT_EQ(info.path_length, std::nullopt);
  EXPECT_EQ(info.key_usages, (std::vector<std::string>{"CERTIFICATE_SIGNING", "CRL_SIGNING"}));
  EXPECT_TRUE(info.extended_key_usages.empty());
  EXPECT_EQ(info.signature_algorithm, "SHA384WITHECDSA");
  EXPECT_EQ(info.not_before, kBegin);
  EXPECT_EQ(info.not_after, kEnd);
  EXPECT_EQ(info.serial_hex_colons.size(), 16u * 3 - 1);
}

TEST_F(CertificateIssuer, MakesALeafForSigningCodeAlone) {
  auto leaf = ByRoot(RequestFor(key, "Leaf", CertificateRole::kCodeSigning));
  ASSERT_TRUE(leaf) << leaf.error().message;
  EXPECT_EQ(leaf->info().issuer, "CN=Root,O=Example");
  EXPECT_TRUE(leaf->IsSignedBy(root));
  EXPECT_FALSE(leaf->info().is_authority);
  EXPECT_FALSE(leaf->info().is_self_signed);
  EXPECT_EQ(leaf->info().key_usages, (std::vector<std::string>{"DIGITAL_SIGNATURE"}));
  ASSERT_EQ(leaf->info().extended_key_usages.size(), 1u);
  EXPECT_EQ(leaf->info().extended_key_usages[0].name, "CODE_SIGNING");
  EXPECT_EQ(leaf->public_key().Spki(), key.Public()->Spki());
}

TEST_F(CertificateIssuer, WritesNamesOfTheDns) {
  CertificateRequest request = RequestFor(key, "Leaf", CertificateRole::kCodeSigning);
  EXPECT_TRUE(ByRoot(request)->info().dns_names.empty());
  request.dns_names = {"firmware.example.com", "*.example.com"};
  EXPECT_EQ(ByRoot(request)->info().dns_names, request.dns_names);
}

TEST_F(CertificateIssuer, GivesEachCertificateAnotherSerialNumber) {
  const CertificateRequest request = RequestFor(key, "Leaf", CertificateRole::kCodeSigning);
  EXPECT_NE(ByRoot(request)->info().serial_hex_colons, ByRoot(request)->info().serial_hex_colons);
}

TEST_F(CertificateIssuer, WritesDatesBeyond2049) {
  CertificateRequest request = RequestFor(key, "Leaf", CertificateRole::kCodeSigning);
  request.not_after = *ParseIso8601("2122-10-27T22:33:22Z");
  EXPECT_EQ(ByRoot(request)->info().not_after, request.not_after);
  request.not_after = *ParseIso8601("2049-12-31T23:59:59Z");
  EXPECT_EQ(ByRoot(request)->info().not_after, request.not_after);
}

TEST_F(CertificateIssuer, KeepsToThePathLength) {
  CertificateRequest request = RequestFor(key, "Authority", CertificateRole::kAuthority);
  request.path_length = 1;
  const Certificate first = *ByRoot(request);
  EXPECT_EQ(first.info().path_length, 1);
  EXPECT_EQ(IssueCertificate(request, first, SignWith(key), random).error().code, Code::kInvalid);
  request.path_length = 0;
  const Certificate second = *IssueCertificate(request, first, SignWith(key), random);
  EXPECT_EQ(IssueCertificate(request, second, SignWith(key), random).error().code, Code::kInvalid);
  EXPECT_TRUE(IssueCertificate(RequestFor(key, "Leaf", CertificateRole::kCodeSigning), second, SignWith(key), random));
}

TEST_F(CertificateIssuer, RefusesWhatNoVerifierWouldAccept) {
  const CertificateRequest good = RequestFor(key, "Leaf", CertificateRole::kCodeSigning);
  CertificateRequest unnamed = good;
  unnamed.subject.common_name = "";
  CertificateRequest long_name = good;
  long_name.subject.organization = std::string(65, 'x');
  CertificateRequest no_text = good;
  no_text.subject.common_name = "\xff";
  CertificateRequest backwards = good;
  backwards.not_after = backwards.not_before;
  CertificateRequest leaf_with_length = good;
  leaf_with_length.path_length = 0;
  for (const CertificateRequest& request : {unnamed, long_name, no_text, backwards, leaf_with_length}) {
    EXPECT_EQ(ByRoot(request).error().code, Code::kInvalid);
  }
  const Certificate leaf = *ByRoot(good);
  EXPECT_EQ(IssueCertificate(good, leaf, SignWith(key), random).error().code, Code::kInvalid);
  CertificateRequest umlauts = good;
  umlauts.subject.common_name = "";
  for (std::string& name = umlauts.subject.common_name; name.size() < 128;) name += "\u00fc";
  EXPECT_TRUE(ByRoot(umlauts)) << "64 characters of two bytes each";
}

TEST_F(CertificateIssuer, NoticesAKeyThatIsNotTheIssuers) {
  const CertificateRequest request = RequestFor(key, "Leaf", CertificateRole::kCodeSigning);
  EXPECT_EQ(IssueCertificate(request, root, SignWith(key), random).error().code, Code::kInternal);
  EXPECT_EQ(IssueSelfSigned(request, SignWith(root_key), random).error().code, Code::kInternal);
}

TEST_F(CertificateIssuer, PassesOnThatTheKeyIsAway) {
  const SignSha384 away = [](std::string_view) { return Fail(Code::kUnavailable, "the token is away"); };
  EXPECT_EQ(IssueCertificate(RequestFor(key, "Leaf", CertificateRole::kCodeSigning), root, away, random).error().code,
            Code::kUnavailable);
}

TEST(TbsSha384Hex, IsWhatOpensslHashes) {
  for (const std::string name : {"leaf", "issuer", "root"}) {
    const std::string expected = Vector("cms/" + name + ".tbs-sha384.txt");
    EXPECT_EQ(Certificate::FromPem(Vector("cms/" + name + ".crt.pem"))->TbsSha384Hex() + "\n", expected) << name;
  }
}

TEST(Certificate, IsTheSameFromItsDer) {
  const Certificate leaf = *Certificate::FromPem(Vector("cms/leaf.crt.pem"));
  EXPECT_EQ(Certificate::FromDer(leaf.ToDer())->ToPem(), leaf.ToPem());
  EXPECT_EQ(Certificate::FromDer(leaf.ToDer() + "x").error().code, Code::kInvalid);
  EXPECT_EQ(Certificate::FromDer("").error().code, Code::kInvalid);
}

}  // namespace
}  // namespace firmsign::crypto
