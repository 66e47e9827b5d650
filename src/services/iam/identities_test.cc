// SPDX-License-Identifier: Apache-2.0

#include "services/iam/identities.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/iam/mfa_store.h"
#include "services/iam/testing/iam_fixture.h"
#include "services/iam/totp.h"

namespace firmsign::iam {
namespace {

using ::testing::HasSubstr;

constexpr const char* kSerial = "arn:aws:iam::111122223333:mfa/sam";

class IdentitiesTest : public OperationTest {
 protected:
  IdentitiesTest() {
    user.type = policy::PrincipalType::kUser;
    user.entity_id = "AIDASAM";
    CHECK(database
              ->InTransaction([&](db::Transaction& transaction) {
                return mfa::Insert(transaction, {.serial = kSerial,
                                                 .sealed_seed = keyring->Seal(mfa::SealingContext(kSerial), seed),
                                                 .user_id = "AIDASAM",
                                                 .enabled_at = {},
                                                 .last_step = 0});
              })
              .has_value());
  }
  std::string Code(std::int64_t off = 0) const { return TotpCode(seed, TotpStep(clock.Now()) + off); }
  Expected<ports::MfaCode> Check(const std::string& code) const {
    return identities.CheckMfa(user, kSerial, code, clock.Now());
  }

  const SecretBytes seed{"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"};
  policy::Principal user;
  policy::ParsedPolicies parsed;
  Identities identities{store, *keyring, parsed};
};

TEST_F(IdentitiesTest, TakeACodeOnceAndNoneBefore) {
  const auto now = Check(Code());
  ASSERT_TRUE(now);
  const auto take = [&](const ports::MfaCode& code) {
    return database->InTransaction([&](db::Transaction& transaction) { return identities.TakeMfa(transaction, code); });
  };
  ASSERT_TRUE(take(*now));
  EXPECT_EQ(take(*now).error().code, firmsign::Code::kDenied);
  EXPECT_FALSE(Check(Code()));
  EXPECT_FALSE(Check(Code(-1))) << "one before";
  EXPECT_TRUE(Check(Code(1)));
}

TEST_F(IdentitiesTest, KnowADeviceByItsUserAlone) {
  user.entity_id = "AIDAEVE";
  EXPECT_FALSE(Check(Code()));
}

TEST_F(IdentitiesTest, LetNobodyGuessForLong) {
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(Check("000000"));
  const auto paused = Check(Code());
  ASSERT_FALSE(paused);
  EXPECT_THAT(paused.error().message, HasSubstr("too many wrong codes"));
  clock.Advance(std::chrono::minutes(1));
  EXPECT_TRUE(Check(Code()));
}

}  // namespace
}  // namespace firmsign::iam
