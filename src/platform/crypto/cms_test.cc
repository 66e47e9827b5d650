// SPDX-License-Identifier: Apache-2.0
//
// The vectors were made by tests/vectors/cms/make.sh with the openssl command.

#include "platform/crypto/cms.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "platform/crypto/der.h"
#include "platform/crypto/ecdsa.h"
#include "platform/crypto/testing/vectors.h"

namespace firmsign::crypto {
namespace {

class CmsSignedData : public testing::Test {
 protected:
  static Certificate Load(const std::string& name) { return *Certificate::FromPem(Vector("cms/" + name + ".crt.pem")); }

  Expected<std::string> Sign(std::string_view text, const std::vector<CmsAttribute>& attributes = {}) {
    return SignCms({.content = text, .chain = chain, .signed_at = signed_at, .attributes = attributes},
                   [this](std::string_view digest) { return key.SignDigest(Hash::kSha384, digest); });
  }

  const std::string content = Vector("cms/content.bin");
  const PrivateKey key = *PrivateKey::FromPem(SecretVector("cms/leaf.key.pem"));
  const std::vector<Certificate> chain = {Load("leaf"), Load("issuer"), Load("root")};
  const Instant signed_at = *ParseIso8601("2026-09-28T09:19:26.806999Z");
};

TEST_F(CmsSignedData, IsReadBackAsItWasWritten) {
  const Instant expires_at = *ParseIso8601("2037-12-28T09:19:26.500Z");
  const std::vector<CmsAttribute> attributes = {
      {"1.3.187.137.1.3", expires_at}, {"1.3.187.137.1.2", "one"}, {"1.3.187.137.1.4", "gr\u00fc\u00dfe"}};
  auto der = Sign(content, attributes);
  ASSERT_TRUE(der) << der.error().message;
  auto cms = ParseCms(*der);
  ASSERT_TRUE(cms) << cms.error().message;
  EXPECT_EQ(cms->signed_at, *ParseIso8601("2026-09-28T09:19:26.806Z")) << "cut to milliseconds";
  ASSERT_EQ(cms->attributes.size(), 3u);
  for (const CmsAttribute& attribute : attributes) {
    EXPECT_NE(std::ranges::find(cms->attributes, attribute), cms->attributes.end()) << attribute.oid;
  }
  ASSERT_EQ(cms->certificates.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(cms->certificates[i].ToDer(), chain[i].ToDer()) << "leaf first";
  EXPECT_EQ(cms->leaf.ToDer(), chain[0].ToDer());
  EXPECT_TRUE(VerifyCms(*cms, content));
}

TEST_F(CmsSignedData, IsNotBelievedForOtherContentKeyOrAttributes) {
  const Cms good = *ParseCms(*Sign(content, {{"1.3.187.137.1.2", "one"}}));
  EXPECT_EQ(VerifyCms(good, content + "x").error().code, Code::kInvalid);
  Cms changed = good;
  changed.signed_attributes.back() ^= 1;
  EXPECT_EQ(VerifyCms(changed, content).error().code, Code::kInvalid);
  changed = good;
  changed.leaf = Load("server");
  EXPECT_EQ(VerifyCms(changed, content).error().code, Code::kInvalid);
  changed = good;
  changed.signature.clear();
  EXPECT_EQ(VerifyCms(changed, content).error().code, Code::kInvalid);
}

TEST_F(CmsSignedData, OfOpensslIsUnderstood) {
  for (const char* name : {"detached", "smimecap"}) {
    auto cms = ParseCms(Vector(std::string("cms/") + name + ".der"));
    ASSERT_TRUE(cms) << name << ": " << cms.error().message;
    EXPECT_TRUE(VerifyCms(*cms, content)) << name;
    EXPECT_FALSE(VerifyCms(*cms, "other")) << name;
    EXPECT_EQ(cms->leaf.info().common_name, "Test Leaf");
    EXPECT_GT(cms->signed_at, InstantFromSeconds(1'700'000'000));
  }
}

TEST_F(CmsSignedData, OfAnotherFormIsRefused) {
  const struct {
    const char* name;
    const char* message;
  } cases[] = {{"attached", "the CMS has its content inside, or another kind of content than data"},
               {"no-attributes", "a signed attribute is missing: 1.2.840.113549.1.9.3"},
               {"no-certificate", "the CMS has no certificate for its signature"},
               {"sha256", "the CMS is not signed by ecdsa-with-SHA384"}};
  for (const auto& c : cases) {
    auto cms = ParseCms(Vector(std::string("cms/") + c.name + ".der"));
    ASSERT_FALSE(cms) << c.name;
    EXPECT_EQ(cms.error().message, c.message);
  }
  EXPECT_EQ(ParseCms("").error().code, Code::kInvalid);
  EXPECT_EQ(ParseCms("no CMS").error().code, Code::kInvalid);
  EXPECT_EQ(ParseCms(Vector("cms/detached.der") + "x").error().code, Code::kInvalid);
}

// AWS's own signatures leave the outer lengths open.
TEST_F(CmsSignedData, MayHaveLengthsThatAreNotStated) {
  const std::string der = *Sign(content);
  const std::string oid = der::Oid("1.2.840.113549.1.7.2");
  const std::size_t data = der.find(oid) + oid.size() + 4;  // after the head of [0], which has four bytes
  auto cms = ParseCms(std::string("\x30\x80") + oid + "\xa0\x80" + der.substr(data) + std::string(4, '\0'));
  ASSERT_TRUE(cms) << cms.error().message;
  EXPECT_TRUE(VerifyCms(*cms, content));
}

TEST_F(CmsSignedData, NamesNothingTwice) {
  auto der = Sign(content, {{"1.3.187.137.1.2", "one"}, {"1.3.187.137.1.2", "two"}});
  ASSERT_TRUE(der);
  EXPECT_EQ(ParseCms(*der).error().code, Code::kInvalid);
  der = Sign(content, {{"1.2.840.113549.1.9.5", signed_at}});
  ASSERT_TRUE(der);
  EXPECT_EQ(ParseCms(*der).error().code, Code::kInvalid) << "a second signing time";
}

TEST_F(CmsSignedData, NeedsAnOidAndACertificate) {
  EXPECT_EQ(Sign(content, {{"signing job", "one"}}).error().code, Code::kInvalid);
  EXPECT_EQ(SignCms({.content = content, .signed_at = signed_at}, nullptr).error().code, Code::kInvalid);
}

TEST_F(CmsSignedData, SurvivesItsPemUnderOneLabelAlone) {
  const std::string der = *Sign(content);
  const std::string pem = FormatCmsPem(der);
  EXPECT_TRUE(pem.starts_with("-----BEGIN PKCS7-----\n"));
  EXPECT_EQ(ParseCmsPem(pem), der);
  EXPECT_FALSE(ParseCmsPem(pem + pem));
  EXPECT_FALSE(ParseCmsPem(Vector("cms/leaf.crt.pem")));
  EXPECT_FALSE(ParseCmsPem(der));
}

TEST(DerTime, HasAsManyDigitsAsItNeeds) {
  const struct {
    const char* at;
    const char* expected;
  } cases[] = {{"2026-09-28T09:19:26.806Z", "20260928091926.806Z"},
               {"2026-09-28T09:19:26.800Z", "20260928091926.8Z"},
               {"2026-09-28T09:19:20Z", "20260928091920Z"},
               {"2026-09-28T09:19:26.0009Z", "20260928091926Z"}};
  for (const auto& c : cases) {
    const std::string element = der::TimeWithMillis(*ParseIso8601(c.at));
    EXPECT_EQ(element.substr(2), c.expected);
    EXPECT_EQ(der::ParseGeneralizedTime(element.substr(2))->micros / 1000, ParseIso8601(c.at)->micros / 1000);
  }
  EXPECT_EQ(der::ParseUtcTime("260928091926Z"), ParseIso8601("2026-09-28T09:19:26Z"));
  EXPECT_EQ(der::ParseUtcTime("990928091926Z"), ParseIso8601("1999-09-28T09:19:26Z"));
  for (const char* text : {"", "Z", "20260928091926", "20260928091926.Z", "2026092809192xZ", "20261328091926Z",
                           "20260928091926+0100", "20260928091926,5Z"}) {
    EXPECT_EQ(der::ParseGeneralizedTime(text), std::nullopt) << text;
  }
}

TEST(DerElement, StatesLengthsOfEverySize) {
  EXPECT_EQ(der::Element(0x04, "ab"),
            "\x04\x02"
            "ab");
  EXPECT_EQ(der::Element(0x04, std::string(127, 'x')).substr(0, 2), "\x04\x7f");
  EXPECT_EQ(der::Element(0x04, std::string(128, 'x')).substr(0, 3), "\x04\x81\x80");
  EXPECT_EQ(der::Element(0x04, std::string(65'537, 'x')).substr(0, 5), std::string("\x04\x83\x01\x00\x01", 5));
  EXPECT_EQ(der::Unsigned(std::string("\x00\x00", 2)), std::string("\x02\x01\x00", 3));
  EXPECT_EQ(der::Unsigned(std::string("\x00\x80", 2)), std::string("\x02\x02\x00\x80", 4));
}

TEST(EcdsaEncoding, IsTheSameThereAndBack) {
  const PrivateKey key = *PrivateKey::FromPem(SecretVector("cms/leaf.key.pem"));
  const std::string digest = DigestOf(Hash::kSha384, "text");
  for (int i = 0; i < 50; ++i) {
    const std::string der = *key.SignDigest(Hash::kSha384, digest);
    const std::string raw = *EcdsaDerToRaw(der, 48);
    EXPECT_EQ(raw.size(), 96u);
    EXPECT_EQ(EcdsaRawToDer(raw, 48), der);
  }
}

TEST(EcdsaEncoding, RefusesWhatIsNoSignature) {
  EXPECT_EQ(EcdsaDerToRaw("no DER", 48).error().code, Code::kInvalid);
  const std::string numbers = "\x30\x06\x02\x01\x05\x02\x01\x07";
  EXPECT_EQ(*EcdsaDerToRaw(numbers, 1), "\x05\x07");
  EXPECT_EQ(EcdsaDerToRaw(numbers + "x", 1).error().code, Code::kInvalid);
  EXPECT_EQ(EcdsaDerToRaw("\x30\x06\x02\x01\x85\x02\x01\x07", 1).error().code, Code::kInvalid) << "negative";
  EXPECT_EQ(EcdsaDerToRaw("\x30\x07\x02\x02\x05\x01\x02\x01\x07", 1).error().code, Code::kInvalid) << "too long";
  for (const char* raw : {"", "a", "abc", "abcd"}) EXPECT_EQ(EcdsaRawToDer(raw, 1).error().code, Code::kInvalid) << raw;
}

}  // namespace
}  // namespace firmsign::crypto
