// SPDX-License-Identifier: Apache-2.0

#include "apps/server/master_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "apps/server/deployment.h"
#include "apps/server/fact_store.h"
#include "apps/server/wiring.h"
#include "platform/crypto/seal.h"
#include "platform/db/testing/databases.h"
#include "platform/db/testing/loses_answers.h"

namespace firmsign::server {
namespace {

using ::testing::HasSubstr;

const ports::AlsoRotate kNothingElse = [](db::Transaction&, const ports::RotatedMasterKey&) {
  return Expected<void>();
};

class MasterKeyTest : public ::testing::Test {
 protected:
  Options OptionsOf(const std::string& node) const {
    Options options;
    options.data = scratch.path() + "/" + node;
    return options;
  }
  std::unique_ptr<Deployment> MustOpen(const std::string& node = "a") const {
    auto opened = Deployment::Open(OptionsOf(node), clock);
    if (!opened) ADD_FAILURE() << opened.error().message;
    CHECK(opened.has_value());
    return *std::move(opened);
  }
  static MasterKeys KeysOf(const Deployment& deployment) {
    return {deployment.master_key_file(), deployment.database(), deployment.keyring(), crypto::SystemRandom()};
  }
  static ports::RotatedMasterKey MustRotate(const Deployment& deployment, const std::string& to = "") {
    const auto rotated = KeysOf(deployment).Rotate({.to = to, .token = "", .key_label = ""}, kNothingElse);
    if (!rotated) ADD_FAILURE() << rotated.error().message;
    CHECK(rotated.has_value());
    return *rotated;
  }
  std::string PathIn(const std::string& node, const std::string& name) const {
    return scratch.path() + "/" + node + "/" + name;
  }
  std::string KeyIn(const std::string& path) const { return *files::ReadWholeFile(path, 4096); }
  std::vector<std::string> FilesOf(const std::string& node) const {
    std::vector<std::string> names;
    const auto entries = files::ListFolder(scratch.path() + "/" + node);
    for (const files::Entry& entry : *entries) {
      if (entry.name.starts_with("master.key")) names.push_back(entry.name);
    }
    std::ranges::sort(names);
    return names;
  }

  db::testing::TemporaryFolder scratch;
  SystemClock clock;
};

TEST_F(MasterKeyTest, IsChangedUnderADeploymentThatIsOpen) {
  auto deployment = MustOpen();
  const std::string before = KeyIn(PathIn("a", "master.key"));
  const std::string box = deployment->keyring().Seal("row", SecretBytes("the secret"));
  const auto rotated = MustRotate(*deployment);
  EXPECT_EQ(rotated.file, PathIn("a", "master.key." + rotated.id));
  EXPECT_EQ(rotated.warning, "");
  EXPECT_EQ(KeyIn(rotated.previous_file), before);
  EXPECT_NE(KeyIn(rotated.file), before);
  EXPECT_EQ(KeyIn(rotated.file), KeyIn(PathIn("a", "master.key")));
  for (const std::string& name : FilesOf("a")) {
    EXPECT_EQ(std::filesystem::status(PathIn("a", name)).permissions(), std::filesystem::perms(0600)) << name;
  }
  EXPECT_EQ(FilesOf("a").size(), 3U) << "no draft is left";
  EXPECT_TRUE(deployment->keyring().Open("row", box)) << "who has opened it goes on";
  deployment.reset();
  deployment = MustOpen();
  const auto opened = deployment->keyring().Open("row", box);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->Reveal(SecretAccess("a test compares it")), "the secret");
  MustRotate(*deployment);
  EXPECT_EQ(KeyIn(rotated.previous_file), before) << "no key that was kept is written over";
}

TEST_F(MasterKeyTest, SaysWhichOneIsNeeded) {
  auto deployment = MustOpen();
  const auto rotated = MustRotate(*deployment);
  deployment.reset();
  const std::string file = PathIn("a", "master.key");
  std::filesystem::rename(rotated.previous_file, file);
  std::filesystem::remove(rotated.file);
  const auto refused = Deployment::Open(OptionsOf("a"), clock);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kDenied);
  EXPECT_THAT(refused.error().message, HasSubstr("its master key is " + rotated.id + " since 20"));
  std::filesystem::remove(file);
  EXPECT_THAT(Deployment::Open(OptionsOf("a"), clock).error().message, HasSubstr("is missing, which is " + rotated.id));
}

// What a change leaves that was interrupted after its transaction, or whose last step came too late.
TEST_F(MasterKeyTest, IsTakenFromTheFileOfItsId) {
  auto deployment = MustOpen();
  const std::string file = PathIn("a", "master.key");
  const std::string before = KeyIn(file);
  const auto rotated = MustRotate(*deployment);
  for (const bool is_there : {true, false}) {
    if (is_there) ASSERT_TRUE(files::WriteFileAtomically(file, before));
    if (!is_there) ASSERT_TRUE(files::RemoveFile(file));
    deployment.reset();
    deployment = MustOpen();
    EXPECT_EQ(KeyIn(file), KeyIn(rotated.file)) << "and put where it belongs";
  }
}

TEST_F(MasterKeyTest, LosesNothingThatItsFileHeld) {
  const std::string file = PathIn("a", "master.key");
  const auto is_kept = [&](const std::string& text) {
    return std::ranges::any_of(FilesOf("a"), [&](const auto& name) { return KeyIn(PathIn("a", name)) == text; });
  };
  auto deployment = MustOpen();
  MustRotate(*deployment);
  // The only copies, as far as anybody knows.
  for (const std::string text : {"a key of somebody else", "another one"}) {
    ASSERT_TRUE(files::WriteFileAtomically(file, text));
    if (text == "another one") MustRotate(*deployment);
    deployment.reset();
    deployment = MustOpen();
    EXPECT_NE(KeyIn(file), text);
    EXPECT_TRUE(is_kept(text)) << text;
  }
}

TEST_F(MasterKeyTest, DoesNotChangeWhenWhatGoesWithItFails) {
  auto deployment = MustOpen();
  const std::string before = KeyIn(PathIn("a", "master.key"));
  const auto wrapped = FindFact(deployment->database(), kWrappedKeyFact);
  for (const std::string& to : {std::string(), scratch.path() + "/new.key"}) {
    const auto failed =
        KeysOf(*deployment)
            .Rotate({.to = to, .token = "", .key_label = ""}, [](db::Transaction&, const ports::RotatedMasterKey&) {
              return Expected<void>(Fail(Code::kExhausted, "the disk is full"));
            });
    EXPECT_EQ(failed.error().code, Code::kExhausted);
    EXPECT_EQ(failed.error().message, "the master key was not changed: the disk is full");
    EXPECT_FALSE(files::Exists(scratch.path() + "/new.key"));
  }
  EXPECT_EQ(*FindFact(deployment->database(), kWrappedKeyFact), *wrapped);
  EXPECT_EQ(KeyIn(PathIn("a", "master.key")), before);
  EXPECT_EQ(FilesOf("a").size(), 2U) << "the present key alone, twice";
  deployment.reset();
  MustOpen();
}

// Loses the answer to a commit, and perhaps does not say afterwards what came of it.
class Silent final : public db::testing::LosesAnswers {
 public:
  Silent(db::Database& inner, bool tells_afterwards) : LosesAnswers(inner), tells_(tells_afterwards) {
    loses_next = true;
  }
  Expected<void> Read(const db::ReadWork& work) override {
    if (!loses_next && !tells_) return Fail(Code::kUnavailable, "it cannot be reached");
    return LosesAnswers::Read(work);
  }

 private:
  const bool tells_;
};

// Its commits wait for a standby, and may come true after everybody has given them up.
class Stuck final : public db::testing::LosesAnswers {
 public:
  explicit Stuck(db::Database& inner) : LosesAnswers(inner) {}
  Expected<void> InTransaction(const db::Work& work) override {
    return LosesAnswers::InTransaction([&](db::Transaction& transaction) -> Expected<void> {
      RETURN_IF_ERROR(work(transaction));
      return Fail(Code::kUnavailable, "it may or may not have happened");
    });
  }
};

TEST_F(MasterKeyTest, StaysWhenItMayCountLater) {
  auto deployment = MustOpen();
  Stuck database(deployment->database());
  MasterKeys keys(deployment->master_key_file(), database, deployment->keyring(), crypto::SystemRandom());
  EXPECT_EQ(keys.Rotate({}, kNothingElse).error().code, Code::kUnavailable);
  EXPECT_EQ(FilesOf("a").size(), 3U) << "FILE, and FILE.ID of the present key and of the new one";
  deployment.reset();
  MustOpen();
}

TEST_F(MasterKeyTest, StaysWhenNobodyKnowsWhetherItCounts) {
  for (const bool tells_afterwards : {true, false}) {
    auto deployment = MustOpen();
    Silent database(deployment->database(), tells_afterwards);
    MasterKeys keys(deployment->master_key_file(), database, deployment->keyring(), crypto::SystemRandom());
    const auto rotated = keys.Rotate({}, kNothingElse);
    const std::string id = FindKeyFacts(deployment->database())->master_key_id;
    const std::string file = PathIn("a", "master.key." + id);
    EXPECT_TRUE(files::Exists(file));
    EXPECT_EQ(rotated.has_value(), tells_afterwards);
    if (!rotated) {
      EXPECT_EQ(rotated.error().code, Code::kUnavailable);
      EXPECT_THAT(rotated.error().message,
                  HasSubstr("the one in " + file + " counts, now or later, so keep that file"));
    }
    deployment.reset();
    MustOpen();
  }
}

TEST_F(MasterKeyTest, GoesToANewFileAndToNoOther) {
  auto deployment = MustOpen();
  const std::string before = KeyIn(PathIn("a", "master.key"));
  const std::string to = scratch.path() + "/elsewhere.key";
  const auto rotated = MustRotate(*deployment, to);
  EXPECT_EQ(rotated.file, to);
  EXPECT_EQ(rotated.previous_file, "");
  EXPECT_EQ(KeyIn(PathIn("a", "master.key")), before) << "stays where it is";
  const auto taken = KeysOf(*deployment).Rotate({.to = to, .token = "", .key_label = ""}, kNothingElse);
  EXPECT_EQ(taken.error().code, Code::kInvalid);
  EXPECT_EQ(taken.error().message, to + " is there already: name a new file.");
  const auto in_place = KeysOf(*deployment).Rotate({}, kNothingElse);
  EXPECT_THAT(in_place.error().message, HasSubstr("Rotate where the present key is kept")) << "it is not here";
  deployment.reset();
  EXPECT_EQ(Deployment::Open(OptionsOf("a"), clock).error().code, Code::kDenied);
  Options options = OptionsOf("a");
  options.master_key_file = to;
  EXPECT_TRUE(Deployment::Open(options, clock));
}

TEST_F(MasterKeyTest, OfNoDeploymentIsNotChanged) {
  auto deployment = MustOpen();
  ASSERT_TRUE(deployment->database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    RETURN_IF_ERROR(transaction.Execute("UPDATE deployment_facts SET value = $1 WHERE name = $2",
                                        db::Blob{kUnfinishedCopy}, kWrappedKeyFact));
    return {};
  }));
  EXPECT_EQ(KeysOf(*deployment).Rotate({}, kNothingElse).error().code, Code::kInvalid);
}

// The keys of all that were ever acknowledged are there, and the one that counts is among them.
TEST_F(MasterKeyTest, IsLostByNoneOfManyChangesAtOnce) {
  auto deployment = MustOpen();
  constexpr int kAtOnce = 4;
  constexpr int kEach = 3;
  std::mutex mutex;
  std::vector<std::string> acknowledged;
  std::vector<std::thread> threads;
  threads.reserve(kAtOnce);
  for (int i = 0; i < kAtOnce; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < kEach; ++j) {
        const auto rotated = KeysOf(*deployment).Rotate({}, kNothingElse);
        const std::lock_guard lock(mutex);
        if (rotated) acknowledged.push_back(rotated->id);
        if (!rotated) EXPECT_EQ(rotated.error().code, Code::kConflict) << rotated.error().message;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(acknowledged.empty());
  for (const std::string& id : acknowledged) EXPECT_TRUE(files::Exists(PathIn("a", "master.key." + id))) << id;
  // FILE, FILE.ID of the first one and of each that won; none of those that lost, and no draft.
  const auto is_kept_copy = [](const std::string& name) { return name.starts_with("master.key.replaced."); };
  EXPECT_EQ(FilesOf("a").size() - std::ranges::count_if(FilesOf("a"), is_kept_copy), 2 + acknowledged.size());
  deployment.reset();
  deployment = MustOpen();
  MustRotate(*deployment);
  deployment.reset();
  MustOpen();
}

TEST_F(MasterKeyTest, BehindALinkIsChangedWhereItIs) {
  MustOpen();
  const std::string target = scratch.path() + "/safe.key";
  std::filesystem::rename(PathIn("a", "master.key"), target);
  std::filesystem::create_symlink(target, PathIn("a", "master.key"));
  auto deployment = MustOpen();
  const auto rotated = MustRotate(*deployment);
  EXPECT_EQ(rotated.file, target + "." + rotated.id);
  EXPECT_TRUE(std::filesystem::is_symlink(PathIn("a", "master.key")));
  deployment.reset();
  MustOpen();
}

TEST_F(MasterKeyTest, StaysWithTheUsersWhoMayOpenIt) {
  auto deployment = MustOpen();
  std::filesystem::permissions(PathIn("a", "master.key"), std::filesystem::perms(0640));
  const files::Rights rights = *files::RightsOf(PathIn("a", "master.key"));
  const auto rotated = MustRotate(*deployment);
  EXPECT_EQ(*files::RightsOf(PathIn("a", "master.key")), rights);
  EXPECT_EQ(*files::RightsOf(rotated.file), rights);
  EXPECT_EQ(*files::RightsOf(rotated.previous_file), rights);
}

TEST_F(MasterKeyTest, IsReadWithBlankLinesAtItsEnd) {
  MustOpen();
  const std::string key = KeyIn(PathIn("a", "master.key"));
  for (const char* end : {"\n", "\r\n\r\n", "\n \n"}) {
    ASSERT_TRUE(files::WriteFileAtomically(PathIn("a", "master.key"), key + end));
    MustOpen();
  }
}

TEST_F(MasterKeyTest, KnowsItsObjectsAgain) {
  for (int i = 0; i < 2; ++i) {
    auto deployment = MustOpen();
    telemetry::Metrics metrics;
    const Options options = OptionsOf("a");
    const auto services = Services::Make(options, *deployment, metrics);
    ASSERT_TRUE(services) << services.error().message;
    MustRotate(*deployment);
  }
}

TEST_F(MasterKeyTest, IsRefusedWithTheNameOfItsFile) {
  MustOpen();
  for (const char* text : {"", "\n", "AAAA", "AAAA\nAAAA\n"}) {
    ASSERT_TRUE(files::WriteFileAtomically(PathIn("a", "master.key"), text));
    const auto refused = Deployment::Open(OptionsOf("a"), clock);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().code, Code::kInvalid);
    EXPECT_EQ(refused.error().message, PathIn("a", "master.key") + ": " + std::string(keys::kMasterKeyForm));
  }
}

}  // namespace
}  // namespace firmsign::server
