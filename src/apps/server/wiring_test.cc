// SPDX-License-Identifier: Apache-2.0

#include "apps/server/wiring.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "apps/server/deployment.h"
#include "platform/db/testing/databases.h"
#include "platform/files/file.h"

namespace firmsign::server {
namespace {

using ::testing::HasSubstr;

// The nodes of one deployment, above all where they keep the bytes of objects.
class ObjectsOfNodes : public ::testing::Test {
 protected:
  void SetUp() override {
    if (db::testing::PostgresUrl() == nullptr) GTEST_SKIP() << "FIRMSIGN_TEST_POSTGRES names no server";
    schema = std::make_unique<db::testing::PostgresSchema>();
    key = scratch.path() + "/master.key";
  }

  // Starts a node in a folder of its own, with this s3.objects_folder, and ends it again.
  Expected<void> Start(const std::string& node, const std::string& objects_folder) const {
    Options options;
    options.data = scratch.path() + "/" + node;
    options.master_key_file = key;
    options.database.url = schema->url();
    options.s3.objects_folder = objects_folder;
    ASSIGN_OR_RETURN(const auto deployment, Deployment::Open(options, clock));
    telemetry::Metrics metrics;
    RETURN_IF_ERROR(Services::Make(options, *deployment, metrics));
    return {};
  }

  db::testing::TemporaryFolder scratch;
  SystemClock clock;
  std::unique_ptr<db::testing::PostgresSchema> schema;
  std::string key;
};

TEST_F(ObjectsOfNodes, LieInTheDatabaseForAllOrForNone) {
  ASSERT_TRUE(Start("a", ""));
  EXPECT_TRUE(Start("b", ""));
  const auto refused = Start("c", scratch.path() + "/objects");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kInvalid);
  EXPECT_THAT(refused.error().message, HasSubstr("Leave out s3.objects_folder"));
}

TEST(ObjectsOfDeployments, LieInFoldersOfTheirOwn) {
  const db::testing::TemporaryFolder scratch;
  const SystemClock clock;
  const std::string shared = scratch.path() + "/objects";
  const auto start = [&](const std::string& name, const std::string& objects_folder) -> Expected<void> {
    Options options;
    options.data = scratch.path() + "/" + name;
    options.s3.objects_folder = objects_folder;
    ASSIGN_OR_RETURN(const auto deployment, Deployment::Open(options, clock));
    telemetry::Metrics metrics;
    RETURN_IF_ERROR(Services::Make(options, *deployment, metrics));
    return {};
  };
  ASSERT_TRUE(start("first", shared));
  const std::string being_written = shared + "/tmp/00000000000000000000000000000000";
  ASSERT_TRUE(files::WriteFileAtomically(being_written, "half an object"));
  const auto refused = start("second", shared);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kInvalid);
  EXPECT_THAT(refused.error().message, HasSubstr("holds the objects of another deployment"));
  EXPECT_TRUE(files::Exists(being_written));
  EXPECT_TRUE(start("second", "")) << "the refusal left no trace in its database";
  EXPECT_TRUE(start("first", shared));
}

TEST_F(ObjectsOfNodes, LieInTheSameFolder) {
  const std::string shared = scratch.path() + "/objects";
  ASSERT_TRUE(Start("a", shared));
  EXPECT_TRUE(Start("b", shared));
  const auto none = Start("c", "");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Code::kInvalid);
  EXPECT_THAT(none.error().message, HasSubstr("name it with --set s3.objects_folder"));
  const auto other = Start("d", scratch.path() + "/elsewhere");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Code::kInvalid);
  EXPECT_THAT(other.error().message, HasSubstr("is not the folder in which this deployment keeps its objects"));
}

bool HasThread(std::string_view name) {
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task")) {
    // It may have ended meanwhile.
    const auto comm = files::ReadWholeFile(thread.path().string() + "/comm", 100);
    if (comm && *comm == std::string(name) + "\n") return true;
  }
  return false;
}

// A thread gives itself its name, and is listed for a moment after it was joined.
bool AwaitThread(std::string_view name, bool is_there) {
  const SystemClock clock;
  const Instant deadline = clock.Now() + std::chrono::seconds(30);
  while (HasThread(name) != is_there && clock.Now() < deadline) std::this_thread::yield();
  return HasThread(name) == is_there;
}

TEST_F(ObjectsOfNodes, AreServedByNodesThatKeepTheirLeaseOnPolicies) {
  Options options;
  options.data = scratch.path() + "/node";
  options.database.url = schema->url();
  const auto deployment = Deployment::Open(options, clock);
  ASSERT_TRUE(deployment);
  telemetry::Metrics metrics;
  const auto services = Services::Make(options, **deployment, metrics);
  ASSERT_TRUE(services);
  EXPECT_FALSE(HasThread("policy lease"));
  ASSERT_TRUE((*services)->Start());
  EXPECT_TRUE(AwaitThread("policy lease", true));
  (*services)->Stop();
  EXPECT_TRUE(AwaitThread("policy lease", false));
}

}  // namespace
}  // namespace firmsign::server
