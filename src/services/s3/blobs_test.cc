// SPDX-License-Identifier: Apache-2.0

#include "services/s3/blobs.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
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

TEST(Blobs, KeepsLittleBytesInMemoryAndWritesLargeOnesToAFile) {
  World world(10);
  StagedBlob little = Stage(world, "0123456789");
  EXPECT_FALSE(little.in_file());
  EXPECT_EQ(little.data(), "0123456789");
  EXPECT_EQ(world.FilesAtRest(), 0);

  StagedBlob large = Stage(world, "0123456789a");
  EXPECT_TRUE(large.in_file());
  EXPECT_EQ(large.size(), 11u);
  EXPECT_EQ(world.FilesAtRest(), 1);
  const auto file = world.blobs->OpenFile(large.id(), 11);
  ASSERT_TRUE(file);
  EXPECT_EQ(*files::ReadWholeFile((*file)->path(), 100), "0123456789a");
}

TEST(Blobs, MovesToAFileWhenMoreComesThanWasAnnounced) {
  World world(10);
  auto writer = world.blobs->Stage(0, Placement::kBySize, world.clock.Now());
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(writer->Append("abcd"));
  StagedBlob blob = *writer->Finish();
  EXPECT_TRUE(blob.in_file());
  EXPECT_EQ(*files::ReadWholeFile((*world.blobs->OpenFile(blob.id(), 20))->path(), 100), "abcdabcdabcdabcdabcd");
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

TEST(Blobs, EmptiesTheTemporaryFolderWhenOpenedAfterACrash) {
  World world(10);
  const std::string left_over = world.folder.path() + "/objects/tmp/00000000000000000000000000000000";
  ASSERT_TRUE(files::WriteFileAtomically(left_over, "half an object"));
  EXPECT_EQ(world.FilesBeingWritten(), 1);
  ASSERT_TRUE(Blobs::Open(world.blobs->options(), world.random));
  EXPECT_EQ(world.FilesBeingWritten(), 0);
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

TEST(SweepLeftOverFiles, RemovesOldFilesThatNoRowNamesAndNothingElse) {
  World world(10);
  world.clock.Set(SystemClock().Now());  // files have the machine's time
  world.gateway.facts.now = world.clock.Now();
  world.MakeBucket("bucket");
  ASSERT_TRUE(world.Put({.bucket = "bucket", .key = "k"}, std::string(100, 'x')));
  StagedBlob lost = Stage(world, std::string(50, 'y'));
  lost.Keep();  // as after a crash between the file and its row
  ASSERT_EQ(world.FilesAtRest(), 2);

  EXPECT_EQ(*SweepLeftOverFiles(world.service, std::chrono::hours(24)), 0);  // too young
  world.clock.Advance(std::chrono::hours(25));
  const auto stopped = SweepLeftOverFiles(world.service, std::chrono::hours(24), [] { return true; });
  EXPECT_EQ(stopped.error().code, Code::kUnavailable);
  ASSERT_EQ(world.FilesAtRest(), 2);
  EXPECT_EQ(*SweepLeftOverFiles(world.service, std::chrono::hours(24)), 1);
  EXPECT_EQ(world.FilesAtRest(), 1);
  EXPECT_EQ(world.Bytes("bucket", "k"), std::string(100, 'x'));
}

TEST(Sweeper, SweepsWhenItStarts) {
  World world(10);
  world.clock.Set(SystemClock().Now() + std::chrono::hours(2));
  StagedBlob lost = Stage(world, std::string(50, 'y'));
  lost.Keep();
  ASSERT_EQ(world.FilesAtRest(), 1);
  Sweeper sweeper(world.service, {.age = std::chrono::hours(1)});
  sweeper.Start();
  while (world.FilesAtRest() > 0) std::this_thread::yield();
  sweeper.Stop();
}

}  // namespace
}  // namespace firmsign::s3
