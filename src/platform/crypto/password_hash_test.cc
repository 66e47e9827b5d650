// SPDX-License-Identifier: Apache-2.0

#include "platform/crypto/password_hash.h"

#include <gtest/gtest.h>

namespace firmsign::crypto {
namespace {

TEST(PasswordHash, KnowsItsPasswordAndNoOther) {
  FakeRandom random;
  const auto hash = HashPassword(SecretBytes("correct horse"), random);
  ASSERT_TRUE(hash);
  EXPECT_TRUE(hash->starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
  EXPECT_TRUE(IsPassword(SecretBytes("correct horse"), *hash));
  EXPECT_FALSE(IsPassword(SecretBytes("correct horsf"), *hash));
  EXPECT_FALSE(IsPassword(SecretBytes(""), *hash));
  EXPECT_FALSE(IsPassword(SecretBytes("correct horse"), "no hash"));
  EXPECT_NE(*hash, *HashPassword(SecretBytes("correct horse"), random)) << "the salt differs";
}

// A test vector of the reference implementation.
TEST(PasswordHash, TakesHashesOfOtherParameters) {
  EXPECT_FALSE(IsPassword(SecretBytes("passworb"),
                          "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"));
  EXPECT_TRUE(IsPassword(SecretBytes("password"),
                         "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"));
}

}  // namespace
}  // namespace firmsign::crypto
