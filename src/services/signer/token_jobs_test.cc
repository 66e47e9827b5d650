// SPDX-License-Identifier: Apache-2.0
//
// Jobs whose key lies in a token that fails: none is lost, none ends twice, and no wrong signature is published.

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <set>
#include <string>

#include "base/encoding.h"
#include "engine/keys/token_key.h"
#include "platform/json/json.h"
#include "platform/pkcs11/testing/faulty.h"
#include "services/signer/testing/world.h"

namespace firmsign::signer {
namespace {

using pkcs11::testing::Faulty;

class TokenJobs : public SignerTest {
 protected:
  // Runs what waits until everything has ended; whether it has.
  bool RunAll(const std::set<std::string>& jobs) {
    constexpr int kRounds = 20;
    std::size_t open = jobs.size();
    for (int i = 0; i < kRounds && open > 0; ++i) {
      Run();
      // A job that met a token that was away is left until its lease has ended.
      clock.Advance(std::chrono::minutes(2));
      open = 0;
      for (const std::string& job : jobs) open += MustFind(job).status == "InProgress" ? 1 : 0;
    }
    return open == 0;
  }
};

TEST_F(TokenJobs, EndOnceEachUnderFaults) {
  const Faulty faulty({{"a.pem", crypto::Vector("crypto/p256.key.pem")}},
                      "crash=20,hang=5,lost=200,removed=20,length=200,flip=200");
  pkcs11::TokenOptions options = faulty.Options();
  options.answer_max = std::chrono::milliseconds(500);
  const auto token = std::make_shared<pkcs11::Token>(options);
  const auto certificate = crypto::Certificate::FromPem(crypto::Vector("crypto/p256.crt.pem"));
  const crypto::PublicKey& public_key = certificate->public_key();
  certificates.Add(kAccount, kHome, kEcArn, *certificate, keys::MakeTokenKey(token, "\x01", "key1", public_key.kind()));
  MustPut("detached", kIot);

  constexpr int kJobs = 2'000;
  std::set<std::string> jobs;
  for (int i = 0; i < kJobs; ++i) jobs.insert(MustStart("detached", "t" + std::to_string(i)));
  ASSERT_TRUE(RunAll(jobs));
  for (const std::string& job : jobs) EXPECT_EQ(MustFind(job).status, "Succeeded") << MustFind(job).status_reason;

  const std::string digest = crypto::DigestOf(crypto::Hash::kSha256, "firmware, version 1");
  std::set<std::string> published;
  for (const auto& object : ports::FakeObjectStore::AllPublished(*database)) {
    EXPECT_TRUE(published.insert(object.key).second) << object.key;
    const auto content = json::Parse(object.content);
    ASSERT_TRUE(content);
    const auto signature = DecodeBase64(*content->Find("signature")->AsString());
    EXPECT_TRUE(signature && public_key.VerifyDigest(crypto::Hash::kSha256, digest, *signature)) << object.key;
  }
  EXPECT_EQ(published.size(), jobs.size());
  EXPECT_GT(token->Statistics().workers_lost, 0);
}

}  // namespace
}  // namespace firmsign::signer
