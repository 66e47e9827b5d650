// SPDX-License-Identifier: Apache-2.0

#include "apps/server/admin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "platform/db/testing/databases.h"

namespace firmsign::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class AdminTest : public ::testing::Test {
 protected:
  AdminTest() {
    Options options;
    options.data = folder.path() + "/data";
    auto opened = Deployment::Open(options, clock);
    CHECK(opened.has_value());
    deployment = *std::move(opened);
    handler.emplace(*deployment, metrics);
  }

  http::Response Get(std::string target) {
    http::RequestHead head;
    head.method = "GET";
    head.target = std::move(target);
    http::Decision decision = handler->OnHead(std::move(head));
    return std::get<http::Buffer>(decision).run("");
  }
  static std::string Body(const http::Response& response) { return std::get<std::string>(response.body); }

  db::testing::TemporaryFolder folder;
  SystemClock clock;
  telemetry::Metrics metrics;
  std::unique_ptr<Deployment> deployment;
  std::optional<AdminHandler> handler;
};

TEST_F(AdminTest, IsReadyWithDatabaseDiskAndKey) {
  const auto ready = Get("/readyz");
  EXPECT_EQ(ready.status, 200);
  EXPECT_EQ(Body(ready), "database: ok\ndisk: ok\nkey: ok\n");
}

TEST_F(AdminTest, IsNotReadyWithoutItsDatabase) {
  dynamic_cast<db::SqliteDatabase&>(deployment->database()).Shutdown();
  const auto ready = Get("/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_THAT(Body(ready), HasSubstr("database: "));
  EXPECT_THAT(Body(ready), Not(HasSubstr("disk: ")));
  EXPECT_EQ(Get("/healthz").status, 200) << "it is alive all the same";
}

TEST_F(AdminTest, IsNotReadyWithoutItsFolder) {
  std::filesystem::rename(deployment->folder(), deployment->folder() + "-elsewhere");
  const auto ready = Get("/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_THAT(Body(ready), HasSubstr("disk: "));
}

TEST_F(AdminTest, OnlyAnswersQuestions) {
  http::RequestHead head;
  head.method = "POST";
  head.target = "/healthz";
  const http::Decision decision = handler->OnHead(std::move(head));
  EXPECT_EQ(std::get<http::Refuse>(decision).response.status, 405);
  EXPECT_EQ(Get("/nothing").status, 404);
}

}  // namespace
}  // namespace firmsign::server
