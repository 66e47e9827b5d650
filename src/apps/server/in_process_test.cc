// SPDX-License-Identifier: Apache-2.0

#include "apps/server/in_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <variant>

#include "platform/db/testing/databases.h"
#include "platform/files/file.h"

namespace firmsign::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class InProcessTest : public ::testing::Test {
 protected:
  InProcessTest() {
    options.data = scratch.path() + "/data";
    options.account = "111122223333";
  }

  void MakeDeployment() {
    const auto made = Deployment::Open(options, clock);
    ASSERT_TRUE(made) << made.error().message;
  }

  static http::Response Ask(InProcess& process, std::string method, std::string target, const std::string& body = "") {
    http::RequestHead head;
    head.method = std::move(method);
    head.target = std::move(target);
    head.headers.Add("Host", "firmsign");
    return process.Send(std::move(head), body);
  }
  static std::string Body(const http::Response& response) { return std::get<std::string>(response.body); }

  // What the audit trail holds, a record after the other.
  std::string Trail() {
    std::string records;
    const auto deployment = Deployment::Open(options, clock);
    CHECK(deployment.has_value());
    CHECK((*deployment)
              ->database()
              .Read([&](db::Reader& reader) {
                return reader.Query("SELECT record FROM cloudtrail_records",
                                    [&](const db::Row& row) { records += row.String(0) + "\n"; });
              })
              .has_value());
    return records;
  }

  db::testing::TemporaryFolder scratch;
  SystemClock clock;
  Options options;
};

TEST_F(InProcessTest, AnswersTheOperatorAsAServerWould) {
  MakeDeployment();
  const auto process = InProcess::Open(options);
  ASSERT_TRUE(process) << process.error().message;
  const http::Response made = Ask(**process, "POST", "/accounts", R"({"name":"a","accountId":"444455556666"})");
  EXPECT_EQ(made.status, 200) << Body(made);
  EXPECT_EQ(Ask(**process, "POST", "/accounts", R"({"name":"a","accountId":"444455556666"})").status, 409);
  const http::Response listed = Ask(**process, "GET", "/accounts");
  EXPECT_EQ(listed.status, 200);
  EXPECT_THAT(Body(listed), AllOf(HasSubstr("111122223333"), HasSubstr("444455556666")));
  EXPECT_EQ(Ask(**process, "POST", "/accounts", std::string(2 << 20, ' ')).status, 413);
}

TEST_F(InProcessTest, RecordsEveryCallOfTheOperatorAndNoSecret) {
  MakeDeployment();
  std::string secret;
  {
    const auto process = InProcess::Open(options);
    ASSERT_TRUE(process) << process.error().message;
    const std::string answer = Body(Ask(**process, "POST", "/accounts", R"({"name":"a"})"));
    constexpr std::string_view kName = R"("secretAccessKey":")";
    const std::size_t at = answer.find(kName);
    ASSERT_NE(at, std::string::npos) << answer;
    secret = answer.substr(at + kName.size(), 40);
    EXPECT_EQ(Ask(**process, "POST", "/accounts", R"({"name":"b","accountId":"111122223333"})").status, 409);
    EXPECT_EQ(Ask(**process, "GET", "/accounts").status, 200);
  }
  const std::string trail = Trail();
  EXPECT_THAT(trail, HasSubstr(R"("type":"operator")"));
  EXPECT_THAT(trail, HasSubstr(R"("eventSource":"firmsign","eventName":"CreateAccount")"));
  EXPECT_THAT(trail, HasSubstr(R"("eventName":"ListAccounts")")) << "reads too, though nothing flushes a queue";
  EXPECT_THAT(trail, HasSubstr(R"("errorCode":"ConflictException")"));
  EXPECT_THAT(trail, HasSubstr(R"("sourceIPAddress":"admin.sock")"));
  EXPECT_THAT(trail, HasSubstr(R"("secretAccessKey":"HIDDEN_DUE_TO_SECURITY_REASONS")"));
  EXPECT_THAT(trail, Not(HasSubstr(secret)));
}

TEST_F(InProcessTest, OpensOnlyWhatIsThereAndFree) {
  const auto absent = InProcess::Open(options);
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code, Code::kNotFound);
  EXPECT_FALSE(files::Exists(options.data)) << "none was made";
  MakeDeployment();
  const auto first = InProcess::Open(options);
  ASSERT_TRUE(first);
  const auto second = InProcess::Open(options);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::kUnavailable);
}

}  // namespace
}  // namespace firmsign::server
