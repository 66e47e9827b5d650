// SPDX-License-Identifier: Apache-2.0

#include "platform/pkcs11/lanes.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <span>
#include <thread>
#include <vector>

#include "platform/pkcs11/packet.h"

namespace firmsign::pkcs11 {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLong{60'000};
const std::function<bool()> kLives = [] { return true; };

std::unique_ptr<Lanes> WorkersSideOf(const Lanes& lanes, int count) {
  return Lanes::Open(dup(lanes.descriptor()), count);
}

void Write(std::uint32_t& word, std::uint32_t value) { std::atomic_ref<std::uint32_t>(word).store(value); }
std::uint32_t Read(std::uint32_t& word) { return std::atomic_ref<std::uint32_t>(word).load(); }

// All words of the memory, as a worker that means ill writes them.
std::span<std::uint32_t> WordsOf(const Lanes& lanes) {
  const auto bytes = static_cast<std::size_t>(lseek(lanes.descriptor(), 0, SEEK_END));
  void* const memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, lanes.descriptor(), 0);
  return {static_cast<std::uint32_t*>(memory), bytes / sizeof(std::uint32_t)};
}

// Where the words lie: each of the head has a line of the cache, and so has each lane.
constexpr std::size_t kOpen = 16;
constexpr std::size_t kSleepers = 32;
constexpr std::size_t kIsAwaited = 49;  // of the first lane

TEST(LanesConcurrency, BringsEveryQuestionItsAnswer) {
  constexpr int kAsking = 4;
  constexpr int kTaking = 3;
  constexpr int kEach = 2'000;
  const auto server = *Lanes::Make(kAsking);
  const auto worker = WorkersSideOf(*server, kAsking);
  const std::span<std::uint32_t> words = WordsOf(*server);
  std::vector<std::jthread> takers;
  for (int i = 0; i < kTaking; ++i) {
    takers.emplace_back([&] {
      int lane = 0;
      for (std::string question;;) {
        lane = worker->Take(question, lane);
        worker->Answer(lane, "re: " + question);
        if (question == "end") return;
      }
    });
  }
  std::atomic<int> right = 0;
  {
    std::vector<std::jthread> askers;
    for (int lane = 0; lane < kAsking; ++lane) {
      askers.emplace_back([&, lane] {
        for (int i = 0; i < kEach; ++i) {
          const std::string question = std::to_string(lane) + " asks " + std::string(static_cast<std::size_t>(i), 'x');
          right += server->Ask(lane, question, kLong, kLives) == "re: " + question ? 1 : 0;
          // Now and then long enough that takers sleep.
          while (i % 100 == 0 && Read(words[kSleepers]) == 0) std::this_thread::yield();
        }
      });
    }
  }
  EXPECT_EQ(right, kAsking * kEach);
  for (int i = 0; i < kTaking; ++i) EXPECT_EQ(server->Ask(i, "end", kLong, kLives), "re: end");
  munmap(words.data(), words.size_bytes());
}

TEST(Lanes, HoldTextsOfEveryLength) {
  const auto server = *Lanes::Make(1);
  const auto worker = WorkersSideOf(*server, 1);
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{1}, kPacketBytesMax}) {
    const std::jthread taker([&] {
      std::string question;
      const int lane = worker->Take(question, 0);
      std::ranges::reverse(question);
      worker->Answer(lane, question);
    });
    std::string text(bytes, 'a');
    if (bytes > 0) text.front() = 'b';
    std::string reversed = text;
    std::ranges::reverse(reversed);
    EXPECT_EQ(server->Ask(0, text, kLong, kLives), reversed);
  }
}

TEST(Lanes, StopWaitingForAWorkerThatHangs) {
  EXPECT_FALSE((*Lanes::Make(1))->Ask(0, "nobody takes it", milliseconds(20), kLives));
  const auto server = *Lanes::Make(1);
  const auto worker = WorkersSideOf(*server, 1);
  std::string question;
  const std::jthread taker([&] { worker->Take(question, 0); });
  EXPECT_FALSE(server->Ask(0, "nobody answers it", milliseconds(20), kLives));
}

TEST(Lanes, StopWaitingForAWorkerThatDied) {
  const auto server = *Lanes::Make(1);
  int looks = 0;
  EXPECT_FALSE(server->Ask(0, "nobody takes it", kLong, [&looks] { return ++looks < 3; }));
  EXPECT_EQ(looks, 3);
}

TEST(Lanes, CannotBeTakenAway) {
  const auto server = *Lanes::Make(1);
  EXPECT_EQ(ftruncate(server->descriptor(), 0), -1);
  EXPECT_EQ(errno, EPERM);
}

TEST(Lanes, AreNoOtherFile) {
  const auto server = *Lanes::Make(1);
  EXPECT_EQ(Lanes::Open(server->descriptor(), 2), nullptr);
  EXPECT_EQ(Lanes::Open(-1, 1), nullptr);
}

TEST(Lanes, WakeAThreadThoughTheCountIsWrong) {
  const auto server = *Lanes::Make(1);
  const auto worker = WorkersSideOf(*server, 1);
  const std::span<std::uint32_t> words = WordsOf(*server);
  const std::jthread taker([&] {
    std::string question;
    worker->Answer(worker->Take(question, 0), "it came");
  });
  while (Read(words[kSleepers]) == 0) std::this_thread::yield();
  Write(words[kOpen], static_cast<std::uint32_t>(-1));  // so that none is woken at once
  EXPECT_EQ(server->Ask(0, "", kLong, kLives), "it came");
  munmap(words.data(), words.size_bytes());
}

TEST(Lanes, WakeWhoSleepsForTheAnswer) {
  const auto server = *Lanes::Make(1);
  const auto worker = WorkersSideOf(*server, 1);
  const std::span<std::uint32_t> words = WordsOf(*server);
  const std::jthread taker([&] {
    std::string question;
    worker->Take(question, 0);
    while (Read(words[kIsAwaited]) == 0) std::this_thread::yield();
    worker->Answer(0, "it came");
  });
  EXPECT_EQ(server->Ask(0, "", kLong, kLives), "it came");
  EXPECT_EQ(Read(words[kIsAwaited]), 0U);
  munmap(words.data(), words.size_bytes());
}

TEST(Lanes, TakeTheirTurns) {
  constexpr int kCount = 3;
  const auto server = *Lanes::Make(kCount);
  const auto worker = WorkersSideOf(*server, kCount);
  const std::span<std::uint32_t> words = WordsOf(*server);
  std::vector<std::jthread> askers;
  for (int lane = 0; lane < kCount; ++lane) {
    askers.emplace_back([&, lane] { EXPECT_TRUE(server->Ask(lane, "", kLong, kLives)); });
  }
  while (Read(words.front()) != kCount) std::this_thread::yield();  // so many questions
  std::string question;
  for (const int lane : {2, 0, 1}) EXPECT_EQ(worker->Take(question, (lane + 2) % kCount), lane);
  for (int lane = 0; lane < kCount; ++lane) worker->Answer(lane, "");
  munmap(words.data(), words.size_bytes());
}

TEST(Lanes, ReadNothingBeyondALaneWhateverTheWorkerWrites) {
  const auto server = *Lanes::Make(2);
  const std::span<std::uint32_t> words = WordsOf(*server);
  for (const std::uint32_t value : {0xffff'ffffU, 0x8000'0000U, 3U, 2U}) {
    std::atomic<bool> is_over = false;
    const std::jthread writer([&] {
      while (!is_over) {
        for (std::uint32_t& word : words) Write(word, value);
      }
    });
    const auto answer = server->Ask(1, "what is it?", milliseconds(30), kLives);
    is_over = true;
    if (answer) EXPECT_LE(answer->size(), kPacketBytesMax);
  }
  // With a length that is a lie beside a state that is true.
  for (std::uint32_t& word : words) Write(word, 0);
  constexpr std::string_view kQuestion = "what is it?";
  const std::jthread liar([&] {
    // A question of that length, and the lane's state says that it was asked.
    const auto is_length = [&](std::uint32_t& word) {
      return Read(word) == kQuestion.size() && Read(*(&word - 2)) == 1;
    };
    auto length = words.end();
    while (length == words.end()) length = std::ranges::find_if(words, is_length);
    Write(*length, 0xffff'ffffU);
    Write(*(length - 2), 3);
  });
  const auto answer = server->Ask(1, kQuestion, kLong, kLives);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->size(), kPacketBytesMax);
  munmap(words.data(), words.size_bytes());
}

}  // namespace
}  // namespace firmsign::pkcs11
