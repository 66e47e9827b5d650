// SPDX-License-Identifier: Apache-2.0

#include "apps/server/deployment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "platform/crypto/seal.h"
#include "platform/db/testing/databases.h"
#include "services/iam/store.h"

namespace firmsign::server {
namespace {

using db::testing::PostgresSchema;
using ::testing::HasSubstr;

// Opens deployments of one test, each node in a folder of its own.
class DeploymentTest : public ::testing::Test {
 protected:
  Options OptionsOf(const std::string& node, const std::string& url = "") const {
    Options options;
    options.data = scratch.path() + "/" + node;
    options.database.url = url;
    return options;
  }
  Expected<std::unique_ptr<Deployment>> Open(const Options& options) const { return Deployment::Open(options, clock); }

  std::string PathIn(const std::string& node, const std::string& name) const {
    return scratch.path() + "/" + node + "/" + name;
  }
  void Write(const std::string& node, const std::string& name, std::string_view bytes) const {
    CHECK(files::MakeFolders(scratch.path() + "/" + node).has_value());
    CHECK(files::WriteFileAtomically(PathIn(node, name), bytes).has_value());
  }
  void CopyKey(const std::string& from, const std::string& to) const {
    Write(to, "master.key", *files::ReadWholeFile(PathIn(from, "master.key"), 4096));
  }
  // Whether the key in the node's credentials file is the root's.
  static bool KnowsItsKey(Deployment& deployment) {
    const auto text = files::ReadWholeFile(deployment.credentials_file(), 4096);
    if (!text) return false;
    const std::size_t at = text->find("AKIA");
    iam::Store store(deployment.database(), deployment.keyring(), crypto::SystemRandom());
    const auto key = store.FindAccessKey(AccessKeyId(text->substr(at, 20)));
    return key && key->account == deployment.first_account() &&
           text->find(key->secret.Reveal(SecretAccess("a test"))) != std::string::npos;
  }

  db::testing::TemporaryFolder scratch;
  SystemClock clock;
};

class DeploymentOverPostgres : public DeploymentTest {
 protected:
  void SetUp() override {
    if (db::testing::PostgresUrl() == nullptr) GTEST_SKIP() << "FIRMSIGN_TEST_POSTGRES names no server";
    schema = std::make_unique<PostgresSchema>();
  }
  Options OptionsOf(const std::string& node) const { return DeploymentTest::OptionsOf(node, schema->url()); }

  std::unique_ptr<PostgresSchema> schema;
};

TEST_F(DeploymentTest, IsMadeOnceAndFoundAgain) {
  Options options = OptionsOf("a");
  options.account = "111122223333";
  auto first = Open(options);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_TRUE((*first)->is_new());
  EXPECT_FALSE((*first)->is_shared());
  EXPECT_TRUE(KnowsItsKey(**first));
  EXPECT_EQ((*first)->first_account().str(), "111122223333");
  EXPECT_EQ(Open(options).error().code, Code::kUnavailable) << "the folder is in use";
  first->reset();
  options.account = "";
  const auto again = Open(options);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_FALSE((*again)->is_new());
  EXPECT_EQ((*again)->first_account().str(), "111122223333");
  EXPECT_TRUE(KnowsItsKey(**again));
}

TEST_F(DeploymentTest, EndsWhatACrashBeforeTheCredentialsWereNamedLeft) {
  ASSERT_TRUE(Open(OptionsOf("a")));
  std::filesystem::rename(PathIn("a", "credentials"), PathIn("a", "credentials.new"));
  const auto again = Open(OptionsOf("a"));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(KnowsItsKey(**again));
  EXPECT_FALSE(files::Exists(PathIn("a", "credentials.new")));
}

TEST_F(DeploymentTest, NamesAMissingOrWrongMasterKey) {
  ASSERT_TRUE(Open(OptionsOf("a")));
  ASSERT_TRUE(Open(OptionsOf("b")));
  CopyKey("b", "a");
  EXPECT_EQ(Open(OptionsOf("a")).error().code, Code::kDenied);
  std::filesystem::remove(PathIn("a", "master.key"));
  const auto missing = Open(OptionsOf("a"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Code::kInvalid);
  EXPECT_THAT(missing.error().message, HasSubstr("is missing"));
  EXPECT_FALSE(files::Exists(PathIn("a", "master.key"))) << "none was made in its place";
}

TEST_F(DeploymentTest, IsNotMadeByWhoeverWantsOneThatIsThere) {
  const auto find = [&] { return Deployment::Open(OptionsOf("a"), clock, IfAbsent::kRefuse); };
  EXPECT_EQ(find().error().code, Code::kNotFound);
  EXPECT_FALSE(files::Exists(PathIn("a", "")));
  Write("a", "image.bin", "a folder of something else");
  EXPECT_EQ(find().error().code, Code::kNotFound);
  EXPECT_EQ(files::ListFolder(PathIn("a", ""))->size(), 1U);
  ASSERT_TRUE(Open(OptionsOf("a")));
  EXPECT_TRUE(find());
}

TEST_F(DeploymentTest, DoesNotReplaceTheRootKeyOfAnotherDeployment) {
  Write("a", "credentials", "the only copy");
  const auto opened = Open(OptionsOf("a"));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::kInvalid);
  EXPECT_THAT(opened.error().message, HasSubstr("--database"));
  EXPECT_EQ(*files::ReadWholeFile(PathIn("a", "credentials"), 100), "the only copy");
}

TEST_F(DeploymentOverPostgres, IsNotMadeByWhoeverWantsOneThatIsThere) {
  Write("a", "master.key", keys::FormatMasterKey(keys::MakeMasterKey(crypto::SystemRandom())));
  const auto found = Deployment::Open(OptionsOf("a"), clock, IfAbsent::kRefuse);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Code::kNotFound);
  EXPECT_THAT(found.error().message, HasSubstr("the database of --database"));
  EXPECT_FALSE(files::Exists(PathIn("a", "credentials.new")));
  const auto made = Open(OptionsOf("a"));
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_TRUE((*made)->is_new());
}

TEST_F(DeploymentOverPostgres, IsJoinedByNodesWithTheSameKey) {
  const auto first = Open(OptionsOf("a"));
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_TRUE((*first)->is_new());
  EXPECT_TRUE((*first)->is_shared());
  EXPECT_TRUE(KnowsItsKey(**first));
  CopyKey("a", "b");
  const auto second = Open(OptionsOf("b"));
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_FALSE((*second)->is_new());
  EXPECT_EQ((*second)->first_account(), (*first)->first_account());
  EXPECT_NE((*second)->node(), (*first)->node());
  EXPECT_FALSE(files::Exists(PathIn("b", "credentials")));
  // What one seals the other opens.
  EXPECT_EQ((*second)->keyring().Open("c", (*first)->keyring().Seal("c", SecretBytes("s")))->size(), 1U);
}

TEST_F(DeploymentOverPostgres, IsMadeByOneOfManyThatStartAtOnce) {
  constexpr int kNodes = 4;
  ASSERT_TRUE(Open(DeploymentTest::OptionsOf("elsewhere")));
  std::vector<Expected<std::unique_ptr<Deployment>>> opened;
  for (int i = 0; i < kNodes; ++i) {
    CopyKey("elsewhere", std::to_string(i));
    opened.emplace_back(Fail(Code::kInternal, "not run"));
  }
  std::vector<std::thread> threads;
  for (int i = 0; i < kNodes; ++i) {
    threads.emplace_back([&, i] { opened[i] = Open(OptionsOf(std::to_string(i))); });
  }
  for (std::thread& thread : threads) thread.join();
  int made = 0;
  for (int i = 0; i < kNodes; ++i) {
    ASSERT_TRUE(opened[i]) << opened[i].error().message;
    made += (*opened[i])->is_new() ? 1 : 0;
    EXPECT_EQ((*opened[i])->first_account(), (*opened[0])->first_account());
    EXPECT_EQ(KnowsItsKey(**opened[i]), (*opened[i])->is_new());
    EXPECT_EQ(files::Exists(PathIn(std::to_string(i), "credentials")), (*opened[i])->is_new());
    EXPECT_FALSE(files::Exists(PathIn(std::to_string(i), "credentials.new")));
  }
  EXPECT_EQ(made, 1);
}

TEST_F(DeploymentOverPostgres, IsMadeWithOneKeyByNodesThatShareItsFile) {
  constexpr int kNodes = 4;
  std::vector<Expected<std::unique_ptr<Deployment>>> opened;
  for (int i = 0; i < kNodes; ++i) opened.emplace_back(Fail(Code::kInternal, "not run"));
  std::vector<std::thread> threads;
  for (int i = 0; i < kNodes; ++i) {
    threads.emplace_back([&, i] {
      Options options = OptionsOf(std::to_string(i));
      options.master_key_file = scratch.path() + "/master.key";
      opened[i] = Open(options);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int i = 0; i < kNodes; ++i) {
    ASSERT_TRUE(opened[i]) << opened[i].error().message;
    opened[i]->reset();
  }
  // The key on the disk is the one that counts.
  Options options = OptionsOf("later");
  options.master_key_file = scratch.path() + "/master.key";
  const auto later = Open(options);
  EXPECT_TRUE(later) << later.error().message;
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(scratch.path())) {
    files += entry.path().filename().string().starts_with("master.key") ? 1 : 0;
  }
  EXPECT_EQ(files, 1) << "and no draft of another";
}

TEST_F(DeploymentOverPostgres, ChangesNothingInTheDatabaseOfAnotherDeployment) {
  auto opened = Open(OptionsOf("a"));
  ASSERT_TRUE(opened);
  const auto execute = [&](std::string_view sql) {
    return (*opened)->database().InTransaction(
        [&](db::Transaction& transaction) { return transaction.ExecuteOnce(sql); });
  };
  ASSERT_TRUE(execute("DROP TABLE db_leases"));
  ASSERT_TRUE(execute("DELETE FROM schema_migrations WHERE component = 'db_leases'"));
  ASSERT_TRUE(Open(DeploymentTest::OptionsOf("elsewhere")));
  CopyKey("elsewhere", "b");
  EXPECT_EQ(Open(OptionsOf("b")).error().code, Code::kDenied);
  EXPECT_FALSE(execute("SELECT 1 FROM db_leases")) << "the program with the other key did not make it";
}

TEST_F(DeploymentOverPostgres, RefusesANodeWithAnotherKeyOrNone) {
  ASSERT_TRUE(Open(OptionsOf("a")));
  const auto none = Open(OptionsOf("b"));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Code::kInvalid);
  EXPECT_THAT(none.error().message, HasSubstr("copy it from another node"));
  EXPECT_FALSE(files::Exists(PathIn("b", "master.key")));
  ASSERT_TRUE(Open(DeploymentTest::OptionsOf("elsewhere")));
  CopyKey("elsewhere", "c");
  const auto wrong = Open(OptionsOf("c"));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, Code::kDenied);
  EXPECT_THAT(wrong.error().message, HasSubstr("not the master key of the deployment that owns the database"));
}

TEST_F(DeploymentOverPostgres, DoesNotLeaveADeploymentInItsFolderBehind) {
  ASSERT_TRUE(Open(DeploymentTest::OptionsOf("a")));
  std::filesystem::remove(PathIn("a", "credentials"));
  const auto opened = Open(OptionsOf("a"));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::kInvalid);
  EXPECT_THAT(opened.error().message, HasSubstr("firmsign.db"));
}

TEST_F(DeploymentOverPostgres, SaysWhichRightIsMissing) {
  const std::string role = schema->name() + "_reader";
  PostgresSchema::Run("CREATE ROLE " + role + " LOGIN");
  PostgresSchema::Run("GRANT USAGE ON SCHEMA " + schema->name() + " TO " + role);
  Options options = OptionsOf("a");
  options.database.url += "&user=" + role;
  const auto opened = Open(options);
  PostgresSchema::Run("DROP OWNED BY " + role);
  PostgresSchema::Run("DROP ROLE " + role);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::kDenied);
  EXPECT_THAT(opened.error().message, HasSubstr("grant it CREATE on the schema"));
}

TEST_F(DeploymentOverPostgres, RefusesASchemaOfALaterVersion) {
  auto opened = Open(OptionsOf("a"));
  ASSERT_TRUE(opened);
  ASSERT_TRUE((*opened)->database().InTransaction([](db::Transaction& transaction) {
    return transaction.ExecuteOnce("INSERT INTO schema_migrations VALUES ('signer', 1000, '', 0)");
  }));
  opened->reset();
  const auto again = Open(OptionsOf("a"));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::kInvalid);
  EXPECT_THAT(again.error().message, HasSubstr("newer than this program"));
}

TEST_F(DeploymentTest, NamesTheOptionWhoseServerCannotBeReached) {
  const auto opened = Open(OptionsOf("a", "postgresql:///x?host=" + scratch.path()));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::kUnavailable);
  EXPECT_THAT(opened.error().message, HasSubstr("--database: "));
  EXPECT_FALSE(files::Exists(PathIn("a", "master.key")));
}

}  // namespace
}  // namespace firmsign::server
