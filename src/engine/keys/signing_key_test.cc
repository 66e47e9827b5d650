// SPDX-License-Identifier: Apache-2.0
//
// The contract of SigningKey, over keys in this process and keys in a token; and tokens that fail.

#include "engine/keys/signing_key.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <thread>

#include "base/encoding.h"
#include "engine/keys/token_key.h"
#include "platform/pkcs11/testing/faulty.h"

namespace firmsign::keys {
namespace {

using crypto::Hash;
using crypto::PrivateKey;
using pkcs11::testing::Faulty;

std::string PemOf(const PrivateKey& key) {
  const SecretBytes der = key.ToPkcs8Der();
  const std::string_view bytes = der.Reveal(SecretAccess("a test's key goes into the token of a test"));
  return "-----BEGIN PRIVATE KEY-----\n" + EncodeBase64(bytes) + "\n-----END PRIVATE KEY-----\n";
}

// A key, and the token that holds it unless it is a software key.
struct Held {
  crypto::PublicKey public_key;
  std::unique_ptr<Faulty> faulty;
  std::shared_ptr<pkcs11::Token> token;
  std::shared_ptr<const SigningKey> key;
};

Held InSoftware(PrivateKey key) {
  return {.public_key = *key.Public(), .faulty = nullptr, .token = nullptr, .key = MakeSoftwareKey(std::move(key))};
}

Held InToken(const PrivateKey& key, const std::string& faults = "") {
  auto faulty = std::make_unique<Faulty>(std::map<std::string, std::string>{{"a.pem", PemOf(key)}}, faults);
  auto token = faulty->Make();
  return {.public_key = *key.Public(),
          .faulty = std::move(faulty),
          .token = token,
          .key = MakeTokenKey(token, "\x01", "key1", key.kind())};
}

struct Case {
  const char* name;
  std::function<Held()> make;
};

class SigningKeyContract : public ::testing::TestWithParam<Case> {};

TEST_P(SigningKeyContract, SignsEveryDigestForItsCertificate) {
  const Held held = GetParam().make();
  EXPECT_EQ(held.key->kind(), held.public_key.kind());
  for (const Hash hash : {Hash::kSha1, Hash::kSha256, Hash::kSha384, Hash::kSha512}) {
    const std::string digest = crypto::DigestOf(hash, "firmware");
    const auto signature = held.key->SignDigest(hash, digest);
    ASSERT_TRUE(signature) << signature.error().message;
    EXPECT_TRUE(held.public_key.VerifyDigest(hash, digest, *signature));
    EXPECT_FALSE(held.public_key.VerifyDigest(hash, crypto::DigestOf(hash, "other"), *signature));
  }
}

TEST_P(SigningKeyContract, RefusesADigestOfAWrongLength) {
  const Held held = GetParam().make();
  EXPECT_EQ(held.key->SignDigest(Hash::kSha256, std::string(31, 'x')).error().code, Code::kInvalid);
  EXPECT_EQ(held.key->SignDigest(Hash::kSha256, "").error().code, Code::kInvalid);
}

TEST_P(SigningKeyContract, SignsOnSeveralThreadsAtOnce) {
  const Held held = GetParam().make();
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i) {
        const std::string digest = crypto::DigestOf(Hash::kSha256, std::to_string(100 * t + i));
        good += SignVerified(*held.key, held.public_key, Hash::kSha256, digest) ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 100);
}

INSTANTIATE_TEST_SUITE_P(
    All, SigningKeyContract,
    ::testing::Values(Case{"SoftwareP256", [] { return InSoftware(*PrivateKey::GenerateEc("prime256v1")); }},
                      Case{"SoftwareRsa", [] { return InSoftware(*PrivateKey::GenerateRsa(2048)); }},
                      Case{"TokenP256", [] { return InToken(*PrivateKey::GenerateEc("prime256v1")); }},
                      Case{"TokenP384", [] { return InToken(*PrivateKey::GenerateEc("secp384r1")); }},
                      Case{"TokenP521", [] { return InToken(*PrivateKey::GenerateEc("secp521r1")); }},
                      Case{"TokenRsa", [] { return InToken(*PrivateKey::GenerateRsa(2048)); }}),
    [](const auto& param_info) { return std::string(param_info.param.name); });

TEST(TokenKey, IsFoundByTheCertificateAmongOthers) {
  const PrivateKey first = *PrivateKey::GenerateEc("prime256v1");
  const PrivateKey second = *PrivateKey::GenerateEc("prime256v1");
  const Faulty faulty(
      {{"a.pem", PemOf(first)}, {"b.pem", PemOf(second)}, {"c.pem", PemOf(*PrivateKey::GenerateRsa(2048))}});
  const auto token = faulty.Make();
  const auto found = FindTokenKey(token, *second.Public(), "", "");
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->label, "key2");
  EXPECT_EQ(found->id, "\x02");
  EXPECT_EQ(FindTokenKey(token, *second.Public(), "", "key1").error().code, Code::kNotFound);
  EXPECT_EQ(FindTokenKey(token, *PrivateKey::GenerateEc("prime256v1")->Public(), "", "").error().code, Code::kNotFound);
}

TEST(TokenKey, GivesThePinBeforeEachSignatureWhenTheKeyWantsIt) {
  const Held held = InToken(*PrivateKey::GenerateEc("prime256v1"));
  Faulty::Set("FAULTY_ALWAYS", "1");
  const std::string digest = crypto::DigestOf(Hash::kSha256, "firmware");
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(SignVerified(*held.key, held.public_key, Hash::kSha256, digest));
}

TEST(TokenKey, AsksAPinThatWasRefusedNoSecondTime) {
  const Held held = InToken(*PrivateKey::GenerateEc("prime256v1"));
  held.faulty->WritePin("4321\n");
  const std::string digest = crypto::DigestOf(Hash::kSha256, "firmware");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(held.key->SignDigest(Hash::kSha256, digest).error().code, Code::kUnavailable);
  EXPECT_EQ(held.faulty->WrongLogins(), 1u);
  const std::string why = held.key->SignDigest(Hash::kSha256, digest).error().message;
  EXPECT_NE(why.find("refused the PIN"), std::string::npos) << why;
  EXPECT_EQ(why.find("4321"), std::string::npos);
  held.faulty->WritePin("1234\n");
  EXPECT_TRUE(held.key->SignDigest(Hash::kSha256, digest));
}

TEST(TokenKey, TakesNoPinThatEverybodyCanRead) {
  const Held held = InToken(*PrivateKey::GenerateEc("prime256v1"));
  std::filesystem::permissions(held.faulty->folder() + "/pin", std::filesystem::perms(0644));
  const auto signature = held.key->SignDigest(Hash::kSha256, crypto::DigestOf(Hash::kSha256, "firmware"));
  ASSERT_FALSE(signature);
  EXPECT_NE(signature.error().message.find("chmod 600"), std::string::npos) << signature.error().message;
}

TEST(TokenKey, SignsAgainWhenTheTokenIsBack) {
  const Held held = InToken(*PrivateKey::GenerateEc("prime256v1"));
  const std::string digest = crypto::DigestOf(Hash::kSha256, "firmware");
  ASSERT_TRUE(held.key->SignDigest(Hash::kSha256, digest));
  held.faulty->TakeAway();
  EXPECT_EQ(held.key->SignDigest(Hash::kSha256, digest).error().code, Code::kUnavailable);
  held.faulty->PutBack();
  const auto signature = held.key->SignDigest(Hash::kSha256, digest);
  ASSERT_TRUE(signature) << signature.error().message;
  EXPECT_GE(held.token->Statistics().workers_lost, 1);
}

TEST(TokenKey, NeverHandsOutASignatureThatIsWrong) {
  const Held held = InToken(*PrivateKey::GenerateEc("prime256v1"), "flip=10000");
  const auto signature =
      SignVerified(*held.key, held.public_key, Hash::kSha256, crypto::DigestOf(Hash::kSha256, "firmware"));
  EXPECT_EQ(signature.error().code, Code::kInternal);
}

TEST(TokenKey, AsksNoSecondTimeWhenThePinChangesUnderARunningWorker) {
  const Held held = InToken(*PrivateKey::GenerateEc("prime256v1"));
  Faulty::Set("FAULTY_ALWAYS", "1");
  const std::string digest = crypto::DigestOf(Hash::kSha256, "firmware");
  ASSERT_TRUE(held.key->SignDigest(Hash::kSha256, digest));
  held.faulty->ChangePinOfToken("5678");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(held.key->SignDigest(Hash::kSha256, digest).error().code, Code::kUnavailable);
  EXPECT_EQ(held.faulty->WrongLogins(), 1u);
  held.faulty->WritePin("5678\n");
  const auto signature = held.key->SignDigest(Hash::kSha256, digest);
  EXPECT_TRUE(signature) << signature.error().message;
}

TEST(TokenKey, NoticesAWorkerThatEndedThoughItsModuleForked) {
  const PrivateKey private_key = *PrivateKey::GenerateEc("prime256v1");
  const Faulty faulty({{"a.pem", PemOf(private_key)}}, "crash=10000");
  Faulty::Set("FAULTY_FORK", faulty.folder());
  pkcs11::TokenOptions options = faulty.Options();
  options.answer_max = std::chrono::minutes(10);  // the test would take as long
  const auto key = MakeTokenKey(std::make_shared<pkcs11::Token>(options), "\x01", "key1", private_key.kind());
  const auto signature = key->SignDigest(Hash::kSha256, crypto::DigestOf(Hash::kSha256, "firmware"));
  ASSERT_FALSE(signature);
  EXPECT_EQ(signature.error().code, Code::kUnavailable);
}

TEST(TokenKey, WaitsForAModuleThatCannotBeLoaded) {
  const Held held = InToken(*PrivateKey::GenerateEc("prime256v1"));
  pkcs11::TokenOptions options = held.faulty->Options();
  options.uri.module_path = "/nowhere.so";
  const auto key = MakeTokenKey(std::make_shared<pkcs11::Token>(options), "\x01", "key1", held.key->kind());
  const auto signature = key->SignDigest(Hash::kSha256, crypto::DigestOf(Hash::kSha256, "firmware"));
  ASSERT_FALSE(signature);
  EXPECT_EQ(signature.error().code, Code::kUnavailable);
  EXPECT_NE(signature.error().message.find("cannot be loaded"), std::string::npos) << signature.error().message;
}

// Four threads sign under every kind of fault at once; each digest is signed rightly, however often it takes.
pkcs11::TokenStatistics SignUnderFaults(int each, const std::string& faults) {
  constexpr int kThreads = 4;
  const PrivateKey private_key = *PrivateKey::GenerateEc("prime256v1");
  const Faulty faulty({{"a.pem", PemOf(private_key)}}, faults);
  pkcs11::TokenOptions options = faulty.Options();
  options.answer_max = std::chrono::milliseconds(500);
  const auto token = std::make_shared<pkcs11::Token>(options);
  const auto key = MakeTokenKey(token, "\x01", "key1", private_key.kind());
  const crypto::PublicKey public_key = *private_key.Public();
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < each;) {
        const std::string digest = crypto::DigestOf(Hash::kSha256, std::to_string(t * each + i));
        const auto signature = SignVerified(*key, public_key, Hash::kSha256, digest);
        if (!signature) continue;  // as a job, it comes again
        right += public_key.VerifyDigest(Hash::kSha256, digest, *signature) ? 1 : 0;
        ++i;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, kThreads * each);
  return token->Statistics();
}

TEST(MasterKeyOfAToken, WantsTheTokenAndTheShare) {
  const Faulty faulty({});
  const auto token = faulty.Make();
  const SecretAccess access("a test compares it");
  const auto derive = [&](const std::string& share, const std::string& label = "master") {
    const auto key = DeriveMasterKey(token, label, SecretBytes(share));
    return key ? std::string(key->Reveal(access)) : key.error().message;
  };
  const std::string key = derive("one share");
  EXPECT_EQ(key.size(), 32U);
  EXPECT_EQ(derive("one share"), key);
  EXPECT_NE(derive("another share"), key);
  EXPECT_EQ(derive("one share", "other"), "token test: the token has no such key: other");
  Faulty::Set("FAULTY_SECRET", "of another token");
  const auto other = faulty.Make();
  EXPECT_NE(DeriveMasterKey(other, "master", SecretBytes("one share"))->Reveal(access), key);
}

TEST(MasterKeyOfAToken, IsNoneWhenTheTokenMakesAMistake) {
  const Faulty faulty({}, "flip=5000,length=2000");
  const auto token = faulty.Make();
  const auto right = crypto::Hmac(Hash::kSha256, "a secret key of the token",
                                  crypto::Hmac(Hash::kSha256, "share", "firmsign/master-key/share/1"));
  const std::string expected = crypto::Hmac(Hash::kSha256, right, "firmsign/master-key/1share");
  int refused = 0;
  for (int i = 0; i < 50; ++i) {
    const auto key = DeriveMasterKey(token, "master", SecretBytes("share"));
    if (key) EXPECT_EQ(key->Reveal(SecretAccess("a test compares it")), expected);
    if (!key) EXPECT_EQ(key.error().code, Code::kCorrupt);
    refused += key ? 0 : 1;
  }
  EXPECT_GT(refused, 0);
}

TEST(TokenKey, SignsAHundredThousandDigestsUnderFaults) {
  const pkcs11::TokenStatistics statistics =
      SignUnderFaults(25'000, "crash=2,flip=100,hang=1,length=100,lost=30,removed=2");
  EXPECT_GT(statistics.workers_lost, 10);
  EXPECT_GT(statistics.answers, 101'000) << "wrong signatures were to be made anew";
}

// What the step with ThreadSanitizer runs.
TEST(TokenKeyConcurrency, SignsUnderFaults) {
  const pkcs11::TokenStatistics statistics =
      SignUnderFaults(500, "crash=50,flip=100,hang=5,length=100,lost=100,removed=50");
  EXPECT_GT(statistics.workers_lost, 3);
}

}  // namespace
}  // namespace firmsign::keys
