// SPDX-License-Identifier: Apache-2.0

#include "apps/server/master_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "apps/server/deployment.h"
#include "apps/server/fact_store.h"
#include "apps/server/wiring.h"
#include "platform/crypto/seal.h"
#include "platform/db/testing/databases.h"

namespace firmsign::server {
namespace {

using ::testing::ElementsAre;
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
    const auto rotated = KeysOf(deployment).Rotate(to, kNothingElse);
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
    for (const files::Entry& entry : *files::ListFolder(scratch.path() + "/" + node)) {
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
  EXPECT_EQ(rotated.file, PathIn("a", "master.key"));
  EXPECT_EQ(KeyIn(rotated.previous_file), before);
  EXPECT_NE(KeyIn(rotated.file), before);
  EXPECT_EQ(std::filesystem::status(rotated.file).permissions(), std::filesystem::perms(0600));
  EXPECT_EQ(std::filesystem::status(rotated.previous_file).permissions(), std::filesystem::perms(0600));
  EXPECT_TRUE(deployment->keyring().Open("row", box)) << "who has opened it goes on";
  deployment.reset();
  deployment = MustOpen();
  const auto opened = deployment->keyring().Open("row", box);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->Reveal(SecretAccess("a test compares it")), "the secret");

  // A second time, at once: no key that was kept is written over.
  const auto again = MustRotate(*deployment);
  EXPECT_NE(again.previous_file, rotated.previous_file);
  EXPECT_EQ(KeyIn(rotated.previous_file), before);
  EXPECT_EQ(FilesOf("a").size(), 3U);
}

TEST_F(MasterKeyTest, SaysWhenItWasChangedToWhoeverHasAnOldOne) {
  auto deployment = MustOpen();
  const auto rotated = MustRotate(*deployment);
  deployment.reset();
  std::filesystem::copy_file(rotated.previous_file, rotated.file, std::filesystem::copy_options::overwrite_existing);
  const auto refused = Deployment::Open(OptionsOf("a"), clock);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kDenied);
  EXPECT_THAT(refused.error().message, HasSubstr("which was changed last at 20"));
}

TEST_F(MasterKeyTest, OpensTheDeploymentFromEveryStateOfItsFile) {
  auto deployment = MustOpen();
  const MasterKeyFile file = deployment->master_key_file();
  const std::string present = KeyIn(file.path());
  const SecretBytes other(keys::FormatMasterKey(keys::MakeMasterKey(crypto::SystemRandom())));
  deployment.reset();
  // A rotation that ended before its transaction.
  ASSERT_TRUE(file.Prepend(other));
  ASSERT_TRUE(file.Prepend(other)) << "any number of times";
  EXPECT_EQ(KeyIn(file.path()), std::string(other.Reveal(SecretAccess("a test compares it"))) + present);
  deployment = MustOpen();
  // One that ended right after it: what the transaction of Rotate does, without what follows.
  const std::string wrapped = deployment->keyring().Wrap(*keys::ParseMasterKey(other));
  ASSERT_TRUE(deployment->database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    RETURN_IF_ERROR(LockWrappedKey(transaction));
    return ReplaceWrappedKey(transaction, wrapped, clock.Now());
  }));
  deployment.reset();
  deployment = MustOpen();
  // The next one keeps all that was there.
  const auto rotated = MustRotate(*deployment);
  EXPECT_EQ(KeyIn(rotated.previous_file), std::string(other.Reveal(SecretAccess("a test compares it"))) + present);
  deployment.reset();
  MustOpen();
}

TEST_F(MasterKeyTest, DoesNotChangeWhenWhatGoesWithItFails) {
  auto deployment = MustOpen();
  const auto wrapped = FindFact(deployment->database(), kWrappedKeyFact);
  const auto failed = KeysOf(*deployment).Rotate("", [](db::Transaction&, const ports::RotatedMasterKey&) {
    return Expected<void>(Fail(Code::kExhausted, "the disk is full"));
  });
  EXPECT_EQ(failed.error().code, Code::kExhausted);
  EXPECT_EQ(*FindFact(deployment->database(), kWrappedKeyFact), *wrapped);
  deployment.reset();
  MustOpen();
}

TEST_F(MasterKeyTest, GoesToANewFileAndToNoOther) {
  auto deployment = MustOpen();
  const std::string before = KeyIn(PathIn("a", "master.key"));
  const std::string to = scratch.path() + "/elsewhere.key";
  const auto rotated = MustRotate(*deployment, to);
  EXPECT_EQ(rotated.file, to);
  EXPECT_EQ(rotated.previous_file, "");
  EXPECT_EQ(KeyIn(PathIn("a", "master.key")), before) << "stays where it is";
  const auto taken = KeysOf(*deployment).Rotate(to, kNothingElse);
  EXPECT_EQ(taken.error().code, Code::kInvalid);
  EXPECT_EQ(taken.error().message, to + " is there already: name a new file.");
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
  EXPECT_EQ(KeysOf(*deployment).Rotate("", kNothingElse).error().code, Code::kConflict);
}

TEST_F(MasterKeyTest, ChangesOneAfterTheOtherWhenSeveralAsk) {
  auto deployment = MustOpen();
  constexpr int kAtOnce = 4;
  std::vector<std::thread> threads;
  threads.reserve(kAtOnce);
  for (int i = 0; i < kAtOnce; ++i) {
    // What loses against a later one says so, and harms nothing.
    threads.emplace_back([&] { static_cast<void>(KeysOf(*deployment).Rotate("", kNothingElse)); });
  }
  for (std::thread& thread : threads) thread.join();
  deployment.reset();
  deployment = MustOpen();
  MustRotate(*deployment);
  deployment.reset();
  MustOpen();
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
