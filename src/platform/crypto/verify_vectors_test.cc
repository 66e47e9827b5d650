// SPDX-License-Identifier: Apache-2.0
//
// What is verified and what is refused, signature by signature, after the ideas of Project Wycheproof. The vectors were
// made by tests/vectors/verify/make.py with plain integers, and the openssl command judges them alike.

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "base/encoding.h"
#include "platform/crypto/ecdsa.h"
#include "platform/crypto/jwk.h"
#include "platform/crypto/key.h"
#include "platform/crypto/testing/vectors.h"
#include "platform/json/json.h"

namespace firmsign::crypto {
namespace {

// Every file, and how many vectors it has of which how many are right, so that none is lost unseen.
struct Group {
  std::string name;
  std::size_t vectors;
  std::size_t valid;
};
const Group kGroups[] = {
    {"ecdsa_p256_sha1", 27, 9},    {"ecdsa_p256_sha256", 396, 49}, {"ecdsa_p256_sha256_raw", 51, 3},
    {"ecdsa_p256_sha512", 31, 10}, {"ecdsa_p384_sha384", 94, 49},  {"ecdsa_p384_sha384_raw", 52, 3},
    {"ecdsa_p384_sha512", 32, 10}, {"ecdsa_p521_sha512", 94, 9},   {"rsa_1024_sha1", 5, 1},
    {"rsa_1024_sha256", 86, 1},    {"rsa_2048_e1_sha256", 1, 0},   {"rsa_2048_e3_sha256", 9, 1},
    {"rsa_2048_sha1", 5, 1},       {"rsa_2048_sha256", 27, 1},     {"rsa_2048_sha384", 5, 1},
    {"rsa_2048_sha512", 5, 1},     {"rsa_3072_sha384", 5, 1},      {"rsa_4096_sha512", 5, 1},
};

std::string Text(const json::Value& object, const std::string& name) {
  const json::Value* value = object.Find(name);
  return value != nullptr && value->AsString() != nullptr ? *value->AsString() : std::string();
}

// Of a vector, or of its group if it has none of its own.
std::string TextOf(const json::Value& vector, const json::Value& group, const std::string& name) {
  return vector.Find(name) != nullptr ? Text(vector, name) : Text(group, name);
}

Hash HashOf(const json::Value& group) {
  static const std::map<std::string, Hash> kByName = {
      {"SHA-1", Hash::kSha1}, {"SHA-256", Hash::kSha256}, {"SHA-384", Hash::kSha384}, {"SHA-512", Hash::kSha512}};
  return kByName.at(Text(group, "hash"));
}

json::Value ReadGroup(const std::string& name) {
  auto group = json::Parse(Vector("verify/" + name + ".json"));
  EXPECT_TRUE(group) << name << (group ? "" : group.error().message);
  static const std::set<std::string> kUsed = {"about", "algorithm", "encoding",          "curve",  "hash",
                                              "key",   "digest",    "number_of_vectors", "vectors"};
  for (const auto& [member, unused] : *group->AsObject()) EXPECT_TRUE(kUsed.contains(member)) << "unused: " << member;
  return *std::move(group);
}

const json::Array& VectorsOf(const json::Value& group) {
  static const std::set<std::string> kUsed = {"comment", "flag", "result", "signature", "digest", "key"};
  for (const json::Value& vector : *group.Find("vectors")->AsArray()) {
    for (const auto& [member, unused] : *vector.AsObject()) EXPECT_TRUE(kUsed.contains(member)) << "unused: " << member;
    const std::string result = Text(vector, "result");
    EXPECT_TRUE(result == "valid" || result == "invalid") << result;
  }
  return *group.Find("vectors")->AsArray();
}

std::size_t NumberBytes(const PublicKey& key) { return static_cast<std::size_t>(key.kind().bits + 7) / 8; }

// As JSON Web Tokens and Notation envelopes are verified, or as everything else is. A key that is refused verifies
// nothing.
bool IsVerified(const json::Value& group, const json::Value& vector) {
  const auto key = PublicKey::FromPem(TextOf(vector, group, "key"));
  std::string signature = DecodeHex(Text(vector, "signature")).value();
  if (!key) return false;
  if (Text(group, "encoding") == "raw") {
    auto der = EcdsaRawToDer(signature, NumberBytes(*key));
    if (!der) return false;
    signature = *std::move(der);
  }
  return key->VerifyDigest(HashOf(group), DecodeHex(TextOf(vector, group, "digest")).value(), signature);
}

TEST(VerifyVectors, AreAllThere) {
  std::set<std::string> listed;
  for (const Group& group : kGroups) listed.insert(group.name + ".json");
  std::set<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(FIRMSIGN_SOURCE_DIR "/tests/vectors/verify")) {
    if (entry.path().extension() == ".json") found.insert(entry.path().filename().string());
  }
  EXPECT_EQ(found, listed);
}

TEST(VerifyVectors, AreVerifiedOrRefusedAsTheyShould) {
  for (const Group& expected : kGroups) {
    const json::Value group = ReadGroup(expected.name);
    const json::Array& vectors = VectorsOf(group);
    EXPECT_EQ(vectors.size(), expected.vectors) << expected.name;
    EXPECT_EQ(*group.Find("number_of_vectors")->AsInt(), static_cast<std::int64_t>(vectors.size())) << expected.name;
    std::size_t valid = 0;
    for (const json::Value& vector : vectors) {
      const bool is_valid = Text(vector, "result") == "valid";
      valid += is_valid ? 1 : 0;
      EXPECT_EQ(IsVerified(group, vector), is_valid) << expected.name << ": " << Text(vector, "comment");
    }
    EXPECT_EQ(valid, expected.valid) << expected.name;
  }
}

// What is read in DER is written again as it was, so that no other form of it is ever read.
TEST(VerifyVectors, AreReadAsNumbersInOneFormAlone) {
  std::size_t read = 0;
  for (const Group& expected : kGroups) {
    const json::Value group = ReadGroup(expected.name);
    if (Text(group, "encoding") != "der") continue;
    const std::size_t bytes = NumberBytes(PublicKey::FromPem(Text(group, "key")).value());
    for (const json::Value& vector : VectorsOf(group)) {
      const std::string der = DecodeHex(Text(vector, "signature")).value();
      const auto raw = EcdsaDerToRaw(der, bytes);
      EXPECT_TRUE(raw || Text(vector, "result") == "invalid") << expected.name << ": " << Text(vector, "comment");
      if (!raw) continue;
      ++read;
      EXPECT_EQ(EcdsaRawToDer(*raw, bytes), der) << expected.name << ": " << Text(vector, "comment");
    }
  }
  EXPECT_GT(read, 200U);
}

TEST(VerifyVectors, HaveNoKeyOfAnExponentThatIsEvenOrOne) {
  const std::string modulus(256, '\xff');
  for (const std::string& exponent : {std::string(1, '\0'), std::string("\x01"), std::string("\x02"),
                                      std::string("\x01\x00\x00", 3), std::string("\xff\xfe")}) {
    EXPECT_EQ(RsaKeyOf(modulus, exponent).error().code, Code::kInvalid) << EncodeHex(exponent);
  }
  for (const std::string exponent : {"\x03", "\x11", "\xff\xff"}) {
    EXPECT_TRUE(RsaKeyOf(modulus, exponent)) << EncodeHex(exponent);
  }
}

}  // namespace
}  // namespace firmsign::crypto
