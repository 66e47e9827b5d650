// SPDX-License-Identifier: Apache-2.0

#include "services/iam/testing/iam_fixture.h"

namespace firmsign::iam {
namespace {

class RotateCodeSigningKey : public OperationTest {
 protected:
  auto Rotate(std::optional<std::string> revokes) {
    return gateway.Call<operator_api::ops::RotateCodeSigningKey, nullptr, &iam::RotateCodeSigningKey>(
        service, {.revokes = std::move(revokes)});
  }
};

TEST_F(RotateCodeSigningKey, KeepsTheOldKeysValidUnlessItIsToldOtherwise) {
  const auto rotated = Rotate(std::nullopt);
  ASSERT_TRUE(rotated.has_value());
  EXPECT_EQ(rotated->signing_certificate, "the next certificate");
  EXPECT_EQ(authority.rotated, ports::OldKeys::kStay);
  EXPECT_EQ(gateway.records, 1);
}

TEST_F(RotateCodeSigningKey, RevokesTheLastKeyOrAll) {
  ASSERT_TRUE(Rotate("LAST").has_value());
  EXPECT_EQ(authority.rotated, ports::OldKeys::kLastRevoked);
  ASSERT_TRUE(Rotate("ALL").has_value());
  EXPECT_EQ(authority.rotated, ports::OldKeys::kAllRevoked);
}

TEST_F(RotateCodeSigningKey, TriesAgainWhenAnotherNodeWasFaster) {
  authority.conflicts = 4;
  EXPECT_TRUE(Rotate(std::nullopt).has_value());
  authority.conflicts = 5;
  EXPECT_FALSE(Rotate(std::nullopt).has_value());
}

}  // namespace
}  // namespace firmsign::iam
