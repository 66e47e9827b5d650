// SPDX-License-Identifier: Apache-2.0

#include "services/iam/testing/iam_fixture.h"

namespace firmsign::iam {
namespace {

class RotateMasterKeyTest : public OperationTest {
 protected:
  std::expected<operator_api::RotateMasterKeyResponse, aws::ApiError> Rotate(
      std::optional<std::string> to = std::nullopt) {
    return gateway.Call<operator_api::ops::RotateMasterKey, nullptr, &RotateMasterKey>(
        service, {.to = std::move(to), .token = {}, .key_label = {}});
  }
};

TEST_F(RotateMasterKeyTest, TellsWhereTheKeysAre) {
  const auto rotated = Rotate();
  ASSERT_TRUE(rotated);
  EXPECT_EQ(rotated->master_key_file, "/master.key");
  EXPECT_EQ(rotated->master_key_id, "0123456789abcdef");
  EXPECT_EQ(rotated->previous_key_file, "/master.key.before");
  const auto elsewhere = Rotate("/elsewhere");
  ASSERT_TRUE(elsewhere);
  EXPECT_EQ(elsewhere->master_key_file, "/elsewhere");
  EXPECT_EQ(elsewhere->previous_key_file, std::nullopt);
  EXPECT_EQ(gateway.records, 2);
}

TEST_F(RotateMasterKeyTest, PassesOnWhichTokenIsMeant) {
  const auto call = [&](operator_api::RotateMasterKeyRequest request) {
    return gateway.Call<operator_api::ops::RotateMasterKey, nullptr, &RotateMasterKey>(service, std::move(request));
  };
  ASSERT_TRUE(call({.to = {}, .token = "hsm", .key_label = "master"}));
  EXPECT_EQ(master_keys.asked.back().token, "hsm");
  EXPECT_EQ(master_keys.asked.back().key_label, "master");
  EXPECT_EQ(call({.to = {}, .token = "hsm", .key_label = {}}).error().message, "token and keyLabel belong together.");
  EXPECT_EQ(master_keys.asked.size(), 1U);
}

TEST_F(RotateMasterKeyTest, TellsTheOperatorWhatIsWrong) {
  master_keys.failure = Error{Code::kInvalid, "/elsewhere is there already: name a new file."};
  const auto refused = Rotate("/elsewhere");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().shape->name, "ValidationException");
  EXPECT_EQ(refused.error().message, "/elsewhere is there already: name a new file.");
  EXPECT_EQ(gateway.records, 0);
}

}  // namespace
}  // namespace firmsign::iam
