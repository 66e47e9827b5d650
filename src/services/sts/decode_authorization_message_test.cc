// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include "services/sts/operations.h"
#include "services/sts/testing/sts_fixture.h"

namespace firmsign::sts {
namespace {

class DecodeTest : public StsTest {
 protected:
  std::expected<DecodeAuthorizationMessageResponse, aws::ApiError> Decode(std::string message) {
    return gateway.Call<ops::DecodeAuthorizationMessage, nullptr, &DecodeAuthorizationMessage>(
        service, {.encoded_message = std::move(message)});
  }
};

TEST_F(DecodeTest, ReadsWhatTheAccountWasSent) {
  const std::string message = denials.Encode(AccountId("111122223333"), R"({"allowed":false})");
  EXPECT_EQ(message.find("allowed"), std::string::npos);
  const auto decoded = Decode(message);
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(decoded->decoded_message, R"({"allowed":false})");
}

TEST_F(DecodeTest, RefusesEverythingElse) {
  std::string changed = denials.Encode(AccountId("111122223333"), "{}");
  changed[changed.size() / 2] = changed[changed.size() / 2] == 'A' ? 'B' : 'A';
  for (const std::string& message : {denials.Encode(AccountId("444455556666"), "{}"), changed, std::string("AAAA"),
                                     std::string("no base64!"), std::string(10'240, 'A')}) {
    const auto decoded = Decode(message);
    ASSERT_FALSE(decoded) << message.substr(0, 80);
    EXPECT_EQ(decoded.error().shape->name, "InvalidAuthorizationMessageException");
  }
}

}  // namespace
}  // namespace firmsign::sts
