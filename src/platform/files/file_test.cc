// SPDX-License-Identifier: Apache-2.0

#include "platform/files/file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace firmsign::files {
namespace {

using ::testing::HasSubstr;

// A folder of its own for each test, gone afterwards.
class Files : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "firmsign_files_XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  std::string Path(const std::string& name) const { return root_ + "/" + name; }
  static mode_t ModeOf(const std::string& path) {
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0);
    return status.st_mode & 07777;
  }
  static std::string Read(const std::string& path) {
    auto bytes = ReadWholeFile(path, 1 << 20);
    return bytes ? *bytes : "error: " + bytes.error().message;
  }

  std::string root_;
};

TEST_F(Files, AppendedBytesAreReadBackAtTheirOffsets) {
  auto file = CreateFile(Path("a"));
  ASSERT_TRUE(file);
  ASSERT_TRUE((*file)->Append(std::string_view("ab\0cd", 5)));
  ASSERT_TRUE((*file)->Append("efgh"));
  ASSERT_TRUE((*file)->Sync());
  EXPECT_EQ(*(*file)->Size(), 9u);

  auto reader = OpenForReading(Path("a"));
  ASSERT_TRUE(reader);
  char buffer[4];
  EXPECT_EQ(*(*reader)->ReadAt(2, buffer), 4u);
  EXPECT_EQ(std::string_view(buffer, 4), std::string_view("\0cde", 4));
  EXPECT_EQ(*(*reader)->ReadAt(7, buffer), 2u) << "a read over the end is short";
  EXPECT_EQ(*(*reader)->ReadAt(9, buffer), 0u) << "0 means the end";
  EXPECT_EQ(*(*reader)->ReadAt(1000, buffer), 0u);
}

TEST_F(Files, CreatingAnExistingFileIsAConflictAndLeavesIt) {
  ASSERT_TRUE(WriteFileAtomically(Path("a"), "old"));
  auto again = CreateFile(Path("a"));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::kConflict);
  EXPECT_THAT(again.error().message, HasSubstr(Path("a")));
  EXPECT_EQ(Read(Path("a")), "old");
}

TEST_F(Files, TheModeIsExactlyTheOneAskedForWhateverTheUmask) {
  const mode_t before = ::umask(0077);
  ASSERT_TRUE(CreateFile(Path("open"), 0644));
  ASSERT_TRUE(CreateFile(Path("closed")));
  ASSERT_TRUE(WriteFileAtomically(Path("replaced"), "x", 0640));
  ::umask(before);
  EXPECT_EQ(ModeOf(Path("open")), 0644u);
  EXPECT_EQ(ModeOf(Path("closed")), 0600u);
  EXPECT_EQ(ModeOf(Path("replaced")), 0640u);
}

TEST_F(Files, AMissingFileIsNotFoundAndTheMessageNamesIt) {
  const std::string path = Path("absent");
  for (const Code code : {OpenForReading(path).error().code, ReadWholeFile(path, 10).error().code,
                          RenameDurably(path, Path("b")).error().code, ListFolder(path).error().code,
                          SyncFolder(path).error().code, FreeBytes(path).error().code}) {
    EXPECT_EQ(code, Code::kNotFound);
  }
  EXPECT_THAT(OpenForReading(path).error().message, HasSubstr(path));
  EXPECT_THAT(RenameDurably(path, Path("b")).error().message, HasSubstr(path));
  EXPECT_FALSE(Exists(path));
  EXPECT_TRUE(RemoveFile(path)) << "absent is fine";
}

TEST_F(Files, AFullDiskIsExhausted) {
  const int descriptor = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) GTEST_SKIP() << "this machine has no /dev/full";
  File full(descriptor, "/dev/full");
  const auto written = full.Append("x");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Code::kExhausted);
  EXPECT_THAT(written.error().message, HasSubstr("/dev/full"));
}

TEST_F(Files, AFolderWithoutRightsIsDenied) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may do everything";
  ASSERT_TRUE(MakeFolders(Path("locked")));
  ASSERT_EQ(::chmod(Path("locked").c_str(), 0500), 0);
  EXPECT_EQ(CreateFile(Path("locked/a")).error().code, Code::kDenied);
}

TEST_F(Files, AWholeFileIsReadUpToExactlyTheLimit) {
  ASSERT_TRUE(WriteFileAtomically(Path("a"), std::string(1000, 'x')));
  EXPECT_EQ(ReadWholeFile(Path("a"), 1000)->size(), 1000u);
  const auto too_long = ReadWholeFile(Path("a"), 999);
  ASSERT_FALSE(too_long);
  EXPECT_EQ(too_long.error().code, Code::kExhausted);
  EXPECT_THAT(too_long.error().message, HasSubstr(Path("a")));
  ASSERT_TRUE(WriteFileAtomically(Path("empty"), ""));
  EXPECT_EQ(*ReadWholeFile(Path("empty"), 0), "");
}

TEST_F(Files, AFileThatDoesNotSayItsSizeIsReadWhole) {
  if (!Exists("/proc/self/status")) GTEST_SKIP() << "no /proc here";
  const auto status = ReadWholeFile("/proc/self/status", 1 << 20);
  ASSERT_TRUE(status);
  EXPECT_THAT(*status, HasSubstr("Name:"));
  EXPECT_GT(status->size(), 500u);
}

TEST_F(Files, ReplacingAFileLeavesNothingElseBehind) {
  ASSERT_TRUE(WriteFileAtomically(Path("a"), "one"));
  ASSERT_TRUE(WriteFileAtomically(Path("a"), "two"));
  EXPECT_EQ(Read(Path("a")), "two");
  EXPECT_EQ(ListFolder(root_)->size(), 1u);
}

TEST_F(Files, AFailedReplacementKeepsTheOldAndRemovesTheTemporary) {
  ASSERT_TRUE(MakeFolders(Path("a/inside")));
  const auto written = WriteFileAtomically(Path("a"), "bytes");  // a folder cannot be replaced by a file
  ASSERT_FALSE(written);
  EXPECT_TRUE(Exists(Path("a/inside")));
  EXPECT_EQ(ListFolder(root_)->size(), 1u);
}

TEST_F(Files, ALeftOverTemporaryDoesNotStopTheNextReplacement) {
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(CreateFile(Path("a.tmp." + std::to_string(::getpid()) + "." + std::to_string(i))));
  }
  ASSERT_TRUE(WriteFileAtomically(Path("a"), "new"));
  EXPECT_EQ(Read(Path("a")), "new");
}

TEST_F(Files, FoldersAreMadeWithTheirParentsForTheOwnerOnly) {
  ASSERT_TRUE(MakeFolders(Path("x/y/z")));
  ASSERT_TRUE(MakeFolders(Path("x/y/z/"))) << "present is fine, also with a slash at the end";
  EXPECT_EQ(ModeOf(Path("x/y")), 0700u);
  EXPECT_EQ(ModeOf(Path("x/y/z")), 0700u);
}

TEST_F(Files, AFileInTheWayOfAFolderIsAConflict) {
  ASSERT_TRUE(WriteFileAtomically(Path("a"), ""));
  const auto made = MakeFolders(Path("a/b"));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Code::kConflict);
  EXPECT_THAT(made.error().message, HasSubstr(Path("a")));
}

TEST_F(Files, AListingTellsFilesFromFolders) {
  ASSERT_TRUE(WriteFileAtomically(Path("file"), "12345"));
  ASSERT_TRUE(MakeFolders(Path("folder")));
  auto entries = ListFolder(root_);
  ASSERT_TRUE(entries);
  std::sort(entries->begin(), entries->end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
  ASSERT_EQ(entries->size(), 2u);
  EXPECT_EQ((*entries)[0].name, "file");
  EXPECT_FALSE((*entries)[0].is_folder);
  EXPECT_EQ((*entries)[0].size, 5u);
  EXPECT_GT((*entries)[0].modified_seconds, 1'600'000'000);
  EXPECT_EQ((*entries)[1].name, "folder");
  EXPECT_TRUE((*entries)[1].is_folder);
}

TEST_F(Files, ARenamedFileHasOnlyItsNewName) {
  ASSERT_TRUE(WriteFileAtomically(Path("a"), "bytes"));
  ASSERT_TRUE(MakeFolders(Path("folder")));
  ASSERT_TRUE(RenameDurably(Path("a"), Path("folder/b")));
  EXPECT_FALSE(Exists(Path("a")));
  EXPECT_EQ(Read(Path("folder/b")), "bytes");
  ASSERT_TRUE(RemoveFile(Path("folder/b")));
  EXPECT_FALSE(Exists(Path("folder/b")));
}

TEST_F(Files, ASecondNameIsGivenOnce) {
  ASSERT_TRUE(WriteFileAtomically(Path("a"), "first"));
  ASSERT_TRUE(WriteFileAtomically(Path("b"), "second"));
  ASSERT_TRUE(LinkDurably(Path("a"), Path("name")));
  EXPECT_EQ(LinkDurably(Path("b"), Path("name")).error().code, Code::kConflict);
  ASSERT_TRUE(RemoveFile(Path("a")));
  EXPECT_EQ(Read(Path("name")), "first");
  EXPECT_EQ(LinkDurably(Path("a"), Path("other")).error().code, Code::kNotFound);
}

TEST_F(Files, ALockIsHeldByOneAtATime) {
  auto first = Lock::Take(Path("lock"));
  ASSERT_TRUE(first);
  const auto second = Lock::Take(Path("lock"));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::kUnavailable);
  EXPECT_THAT(second.error().message, HasSubstr(Path("lock")));
  first->reset();
  EXPECT_TRUE(Lock::Take(Path("lock")));
}

TEST_F(Files, FreeSpaceIsKnown) { EXPECT_GT(*FreeBytes(root_), 0u); }

}  // namespace
}  // namespace firmsign::files
