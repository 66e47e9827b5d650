// SPDX-License-Identifier: Apache-2.0

#include "platform/files/large_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>

namespace firmsign::files {
namespace {

// A folder below another one, gone afterwards.
class Scratch {
 public:
  explicit Scratch(const std::filesystem::path& above = std::filesystem::temp_directory_path())
      : path_((above / "firmsign_large_XXXXXX").string()) {
    EXPECT_NE(::mkdtemp(path_.data()), nullptr);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Pieces of every length, so that they meet the ends of buffers and blocks everywhere.
std::string Fill(File& file, std::size_t total) {
  std::string all;
  for (std::size_t length = 1; all.size() < total; length = length * 3 + 1) {
    std::string piece(std::min({length % 700'001, total - all.size()}), static_cast<char>(length));
    if (piece.empty()) piece = "x";
    EXPECT_TRUE(file.Append(piece));
    all += piece;
  }
  return all;
}

class LargeFile : public testing::TestWithParam<const char*> {};

TEST_P(LargeFile, HoldsWhatWasAppended) {
  for (const std::size_t total : {0UZ, 1UZ, 4096UZ, (1UZ << 20) - 1, 1UZ << 20, (3UZ << 20) + 4096, (7UZ << 20) + 5}) {
    const Scratch folder(GetParam());
    const std::string path = folder.path() + "/file";
    auto file = CreateLargeFile(path);
    ASSERT_TRUE(file) << file.error().message;
    const std::string all = Fill(**file, total);
    ASSERT_TRUE((*file)->Sync());
    file->reset();
    EXPECT_EQ(ReadWholeFile(path, 16 << 20).value_or("unreadable"), all) << total;
  }
}

// A folder of the disk, and one in memory, where nothing can be written past the page cache.
INSTANTIATE_TEST_SUITE_P(Places, LargeFile, ::testing::Values(".", "/dev/shm"));

TEST(LargeFileErrors, AreTold) {
  const Scratch folder;
  const std::string path = folder.path() + "/file";
  ASSERT_TRUE(CreateLargeFile(path));
  EXPECT_EQ(CreateLargeFile(path).error().code, Code::kConflict);
  EXPECT_EQ(CreateLargeFile(folder.path() + "/absent/file").error().code, Code::kNotFound);
}

TEST(LargeFileErrors, OfTheBackgroundComeWithALaterCall) {
  const Scratch folder;
  auto file = CreateLargeFile(folder.path() + "/file");
  ASSERT_TRUE(file);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit little{.rlim_cur = 1 << 20, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &little), 0);
  Expected<void> appended;
  const std::string block(1 << 20, 'x');
  for (int i = 0; i < 8 && appended; ++i) appended = (*file)->Append(block);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(appended);
  EXPECT_EQ(appended.error().code, Code::kExhausted);
}

}  // namespace
}  // namespace firmsign::files
