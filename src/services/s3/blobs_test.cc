// SPDX-License-Identifier: Apache-2.0

#include "services/s3/blobs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <optional>
#include <thread>

#include "services/s3/store.h"
#include "services/s3/sweeper.h"
#include "services/s3/testing/world.h"

namespace firmsign::s3 {
namespace {

StagedBlob Stage(World& world, const std::string& bytes, Placement placement = Placement::kBySize) {
  auto writer = world.blobs->Stage(bytes.size(), placement, world.clock.Now());
  EXPECT_TRUE(writer->Append(bytes));
  return *writer->Finish();
}

// The bytes that were staged, wherever they are and however they lie there.
std::string Plain(const World& world, const StagedBlob& blob) {
  std::string data = blob.data();
  if (!blob.in_file()) {
    EXPECT_TRUE(world.blobs->Decrypt(blob.id(), data));
    return data;
  }
  data.resize(1000);
  const auto file = world.blobs->OpenFile(blob.id(), blob.size());
  data.resize(file ? *(*file)->ReadAt(0, data) : 0);
  return data;
}

TEST(Blobs, KeepsLittleBytesInMemoryAndWritesLargeOnesToAFile) {
  World world(10);
  StagedBlob little = Stage(world, "0123456789");
  EXPECT_FALSE(little.in_file());
  EXPECT_EQ(Plain(world, little), "0123456789");
  EXPECT_EQ(world.FilesAtRest(), 0);

  StagedBlob large = Stage(world, "0123456789a");
  EXPECT_TRUE(large.in_file());
  EXPECT_EQ(large.size(), 11u);
  EXPECT_EQ(world.FilesAtRest(), 1);
  EXPECT_EQ(Plain(world, large), "0123456789a");
}

TEST(Blobs, MovesToAFileWhenMoreComesThanWasAnnounced) {
  World world(10);
  auto writer = world.blobs->Stage(0, Placement::kBySize, world.clock.Now());
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(writer->Append("abcd"));
  StagedBlob blob = *writer->Finish();
  EXPECT_TRUE(blob.in_file());
  EXPECT_EQ(Plain(world, blob), "abcdabcdabcdabcdabcd");
}

TEST(Blobs, RemovesWhatIsNeitherFinishedNorKept) {
  World world(10);
  {
    auto writer = world.blobs->Stage(100, Placement::kBySize, world.clock.Now());
    ASSERT_TRUE(writer->Append("some bytes that nobody finishes"));
    EXPECT_EQ(world.FilesBeingWritten(), 1);
  }
  EXPECT_EQ(world.FilesBeingWritten(), 0);
  {
    StagedBlob dropped = Stage(world, std::string(50, 'x'));
  }
  EXPECT_EQ(world.FilesAtRest(), 0);
  {
    StagedBlob kept = Stage(world, std::string(50, 'x'));
    StagedBlob moved = std::move(kept);
    moved.Keep();
  }
  EXPECT_EQ(world.FilesAtRest(), 1);
}

TEST(Blobs, EmptiesTheTemporaryFolderOnlyWhereNobodyElseMayBeWriting) {
  World world(10);
  const std::string left_over = world.folder.path() + "/objects/tmp/00000000000000000000000000000000";
  ASSERT_TRUE(files::WriteFileAtomically(left_over, "half an object"));
  EXPECT_EQ(world.FilesBeingWritten(), 1);
  BlobOptions shared = world.blobs->options();
  shared.is_shared = true;
  ASSERT_TRUE(Blobs::Open(shared, world.random));
  EXPECT_EQ(world.FilesBeingWritten(), 1);
  ASSERT_TRUE(Blobs::Open(world.blobs->options(), world.random));
  EXPECT_EQ(world.FilesBeingWritten(), 0);
}

TEST(Blobs, KeepsAllBytesInMemoryWithoutAFolderUpToTheLimit) {
  World world(100, nullptr, /*has_folder=*/false);
  EXPECT_EQ(world.blobs->folder_id(), "");
  EXPECT_EQ(world.blobs->bytes_max(), 100u);
  StagedBlob part = Stage(world, std::string(100, 'x'), Placement::kAlwaysFile);
  EXPECT_FALSE(part.in_file());
  EXPECT_EQ(Plain(world, part), std::string(100, 'x'));

  auto writer = world.blobs->Stage(0, Placement::kBySize, world.clock.Now());
  ASSERT_TRUE(writer->Append(std::string(60, 'x')));
  const auto refused = writer->Append(std::string(41, 'x'));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kInvalid);
  EXPECT_THAT(refused.error().message, testing::HasSubstr("up to 100 bytes"));
  EXPECT_THAT(refused.error().message, testing::HasSubstr("s3.objects_folder"));
  EXPECT_EQ(*SweepLeftOverFiles(world.service, std::chrono::hours(1)), 0);
}

TEST(BlobsFolder, KeepsItsIdFromTheFirstOpeningOn) {
  World world(10);
  const std::string id = world.blobs->folder_id();
  EXPECT_EQ(id.size(), 32u);
  EXPECT_EQ((*Blobs::Open(world.blobs->options(), world.random))->folder_id(), id);
  EXPECT_EQ(*files::ReadWholeFile(world.blobs->options().folder + "/id", 100), id + "\n");
  EXPECT_EQ(world.FilesBeingWritten(), 0);
  const World another(10);
  EXPECT_EQ(another.blobs->folder_id().size(), 32u);

  // A folder that lost it, or comes from a time without, is given another one; a broken one is not guessed.
  std::filesystem::remove(world.blobs->options().folder + "/id");
  const auto again = Blobs::Open(world.blobs->options(), world.random);
  EXPECT_NE((*again)->folder_id(), id);
  ASSERT_TRUE(files::WriteFileAtomically(world.blobs->options().folder + "/id", ""));
  EXPECT_EQ(Blobs::Open(world.blobs->options(), world.random).error().code, Code::kCorrupt);
}

TEST(BlobsFolder, IsLeftAloneByWhoeverDoesNotOwnIt) {
  FakeRandom random;
  const db::testing::TemporaryFolder scratch;
  const std::string folder = scratch.path() + "/objects";
  const auto mine = Blobs::Open({.folder = folder, .owner = "mine"}, random);
  ASSERT_TRUE(mine);
  EXPECT_EQ(*files::ReadWholeFile(folder + "/owner", 100), "mine\n");
  const std::string being_written = folder + "/tmp/00000000000000000000000000000000";
  ASSERT_TRUE(files::WriteFileAtomically(being_written, "half an object"));

  for (const std::string owner : {"theirs", "min", "mine\n", "mine, too"}) {
    const auto refused = Blobs::Open({.folder = folder, .owner = owner}, random);
    ASSERT_FALSE(refused) << owner;
    EXPECT_EQ(refused.error().code, Code::kInvalid);
    EXPECT_EQ(refused.error().message, folder +
                                           " holds the objects of another deployment. Name an empty folder, or "
                                           "the one of this deployment.");
  }
  EXPECT_TRUE(files::Exists(being_written)) << "nothing was touched";

  const auto again = Blobs::Open({.folder = folder, .owner = "mine"}, random);
  ASSERT_TRUE(again);
  EXPECT_EQ((*again)->folder_id(), (*mine)->folder_id());
  EXPECT_FALSE(files::Exists(being_written));
  EXPECT_TRUE(Blobs::Open({.folder = folder}, random)) << "not checked";
  ASSERT_TRUE(files::WriteFileAtomically(folder + "/owner", std::string(5000, 'x')));
  EXPECT_EQ(Blobs::Open({.folder = folder, .owner = "mine"}, random).error().code, Code::kInvalid);
}

TEST(BlobsFolder, IsAdoptedWhenItHasNoOwner) {
  FakeRandom random;
  const db::testing::TemporaryFolder scratch;
  const std::string folder = scratch.path() + "/objects";
  const auto unowned = Blobs::Open({.folder = folder}, random);
  ASSERT_TRUE(unowned);
  EXPECT_FALSE(files::Exists(folder + "/owner"));
  const auto adopted = Blobs::Open({.folder = folder, .owner = "mine"}, random);
  ASSERT_TRUE(adopted);
  EXPECT_EQ((*adopted)->folder_id(), (*unowned)->folder_id());
  EXPECT_EQ(Blobs::Open({.folder = folder, .owner = "theirs"}, random).error().code, Code::kInvalid);
}

TEST(BlobsFolderConcurrency, HasOneOwnerOfAllThatOpenItAtOnce) {
  constexpr int kNodes = 8;
  FakeRandom random;
  for (int round = 0; round < 20; ++round) {
    const db::testing::TemporaryFolder scratch;
    const std::string folder = scratch.path() + "/objects";
    std::vector<std::optional<Code>> outcomes(kNodes);
    std::vector<std::thread> nodes;
    for (int i = 0; i < kNodes; ++i) {
      nodes.emplace_back([&, i] {
        // The first belongs to nobody else, and empties tmp/ if it wins.
        const BlobOptions options{.folder = folder,
                                  .is_shared = i > 0,
                                  .owner = i == 0  ? "one"
                                           : i < 5 ? "many"
                                                   : "others"};
        const auto blobs = Blobs::Open(options, random);
        if (!blobs) outcomes[i] = blobs.error().code;
      });
    }
    for (std::thread& node : nodes) node.join();
    const std::string owner = *files::ReadWholeFile(folder + "/owner", 100);
    for (int i = 0; i < kNodes; ++i) {
      const bool is_owner = owner == (i == 0 ? "one\n" : i < 5 ? "many\n" : "others\n");
      EXPECT_EQ(outcomes[i], is_owner ? std::nullopt : std::optional(Code::kInvalid)) << i;
    }
  }
}

TEST(BlobsFolderConcurrency, IsGivenOneIdByAllThatOpenItAtOnce) {
  constexpr int kNodes = 8;
  FakeRandom random;
  for (int round = 0; round < 20; ++round) {
    const db::testing::TemporaryFolder folder;
    std::vector<std::string> ids(kNodes);
    std::vector<std::thread> nodes;
    for (int i = 0; i < kNodes; ++i) {
      nodes.emplace_back([&, i] {
        const auto blobs = Blobs::Open({.folder = folder.path() + "/objects", .is_shared = true}, random);
        ids[i] = blobs ? (*blobs)->folder_id() : "error: " + blobs.error().message;
      });
    }
    for (std::thread& node : nodes) node.join();
    EXPECT_EQ(ids.front().size(), 32u) << ids.front();
    EXPECT_THAT(ids, testing::Each(ids.front()));
  }
}

TEST(Blobs, RefusesAFileOfAnotherLength) {
  World world(10);
  StagedBlob blob = Stage(world, std::string(50, 'x'));
  const std::string path = (*world.blobs->OpenFile(blob.id(), 50))->path();
  std::filesystem::resize_file(path, 49);
  EXPECT_EQ(world.blobs->OpenFile(blob.id(), 50).error().code, Code::kCorrupt);
  std::filesystem::remove(path);
  EXPECT_EQ(world.blobs->OpenFile(blob.id(), 50).error().code, Code::kNotFound);
}

class Sweeping : public testing::TestWithParam<const db::testing::Backend*> {
 protected:
  // A file as after a crash between it and its row.
  void LoseAFile() { Stage(world, std::string(50, 'y')).Keep(); }

  World world{10, GetParam()};
  std::atomic<int> looked = 0;
};
INSTANTIATE_TEST_SUITE_P(Databases, Sweeping, testing::ValuesIn(db::testing::Backends()),
                         [](const auto& param) { return param.param->name; });

TEST_P(Sweeping, RemovesOldFilesThatNoRowNamesAndNothingElse) {
  world.MakeBucket("bucket");
  ASSERT_TRUE(world.Put({.bucket = "bucket", .key = "k"}, std::string(100, 'x')));
  LoseAFile();
  ASSERT_EQ(world.FilesAtRest(), 2);

  world.AgeFiles(std::chrono::hours(23));
  EXPECT_EQ(*SweepLeftOverFiles(world.service, std::chrono::hours(24)), 0);  // too young
  world.AgeFiles(std::chrono::hours(25));
  const auto stopped = SweepLeftOverFiles(world.service, std::chrono::hours(24), [] { return true; });
  EXPECT_EQ(stopped.error().code, Code::kUnavailable);
  ASSERT_EQ(world.FilesAtRest(), 2);

  auto unfinished = world.blobs->Stage(100, Placement::kBySize, world.clock.Now());
  ASSERT_TRUE(unfinished->Append("half an object"));
  ASSERT_EQ(world.FilesBeingWritten(), 1);
  world.AgeFiles(std::chrono::hours(25));
  EXPECT_EQ(*SweepLeftOverFiles(world.service, std::chrono::hours(24)), 2);
  EXPECT_EQ(world.FilesAtRest(), 1);
  EXPECT_EQ(world.FilesBeingWritten(), 0);
  EXPECT_EQ(world.Bytes("bucket", "k"), std::string(100, 'x'));
  EXPECT_EQ((*Blobs::Open(world.blobs->options(), world.random))->folder_id(), world.blobs->folder_id());
}

TEST_P(Sweeping, HappensOnOneNodeAtATime) {
  LoseAFile();
  world.AgeFiles(std::chrono::hours(2));
  db::Lease other(*world.database, "s3/sweeper", "another node");
  ASSERT_TRUE(*other.Take(std::chrono::hours(1)));
  Sweeper sweeper(world.service, {.holder = "this node",
                                  .age = std::chrono::hours(1),
                                  .interval = std::chrono::milliseconds(1),
                                  .on_looked = [&] { ++looked; }});
  sweeper.Start();
  while (looked < 3) std::this_thread::yield();
  EXPECT_EQ(world.FilesAtRest(), 1);
  ASSERT_TRUE(other.Release());
  while (world.FilesAtRest() > 0) std::this_thread::yield();
  sweeper.Stop();
  EXPECT_TRUE(*other.Take(std::chrono::hours(1)));  // given back after the sweep
}

}  // namespace
}  // namespace firmsign::s3
