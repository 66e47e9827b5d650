// SPDX-License-Identifier: Apache-2.0

#include "platform/pkcs11/lanes.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <new>

#include "base/check.h"
#include "platform/pkcs11/packet.h"

namespace firmsign::pkcs11 {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

// Of futex(2), in memory that processes share.
using Word = std::atomic<std::uint32_t>;
static_assert(Word::is_always_lock_free && sizeof(Word) == 4);

// What a lane's state may be.
constexpr std::uint32_t kFree = 0;
constexpr std::uint32_t kAsked = 1;
constexpr std::uint32_t kTaken = 2;
constexpr std::uint32_t kAnswered = 3;

constexpr std::size_t kCacheLine = 64;
// Longer than SoftHSM takes to sign with P-256. The longer, the longer the scheduler takes the core for a busy one, and
// lets others wait for another (bench/keys.py: at 0.2 ms two threads now and then reach two thirds of what they do at
// this).
constexpr nanoseconds kPatienceMax = std::chrono::microseconds(120);
constexpr int kYieldsMin = 2;  // on a busy core the first takes longer than any patience
// After how long it is looked whether the worker lives; doubled for what takes long.
constexpr nanoseconds kLookMin = std::chrono::milliseconds(1);
constexpr nanoseconds kLookMax = std::chrono::milliseconds(50);

// Waits until `has_come`: yields for twice as long as this thread waited here last, whichever token for, unless that
// was too long to stay awake for; then calls `sleep` instead.
template <class Predicate, class Function>
void WaitUntil(Predicate has_come, Function sleep) {
  thread_local nanoseconds patience{0};
  const auto start = steady_clock::now();
  for (int yields = 0; !has_come(); ++yields) {
    if (yields >= kYieldsMin && steady_clock::now() - start >= patience) {
      sleep();
      break;
    }
    sched_yield();
  }
  const nanoseconds waited = steady_clock::now() - start;
  patience = waited < kPatienceMax ? std::min(2 * waited, kPatienceMax) : nanoseconds(0);
}

// Returns when it is woken, when the word is not `value`, when the time is over, and sometimes without cause.
void Sleep(const Word& word, std::uint32_t value, std::optional<nanoseconds> longest = std::nullopt) {
  const timespec time{.tv_sec = 0, .tv_nsec = longest.value_or(nanoseconds(0)).count()};
  static_cast<void>(syscall(SYS_futex, &word, FUTEX_WAIT, value, longest ? &time : nullptr, nullptr, 0));
}

void WakeOne(const Word& word) { static_cast<void>(syscall(SYS_futex, &word, FUTEX_WAKE, 1, nullptr, nullptr, 0)); }

}  // namespace

struct Lanes::Lane {
  alignas(kCacheLine) Word state = kFree;
  Word is_awaited = 0;  // whoever asked sleeps, or is about to
  Word bytes = 0;       // of the text
};

// At the beginning of the memory; behind it are the texts.
struct Lanes::Shared {
  alignas(kCacheLine) Word questions = 0;  // counts them
  alignas(kCacheLine) Word open = 0;       // asked and not answered yet
  alignas(kCacheLine) Word sleepers = 0;   // those that sleep until there is one, or are about to
  alignas(kCacheLine) std::array<Lane, kLanesMax> lanes;
};

std::size_t Lanes::BytesOf(int count) { return sizeof(Shared) + static_cast<std::size_t>(count) * kPacketBytesMax; }

Lanes::Lane& Lanes::At(int lane) const { return shared_->lanes[static_cast<std::size_t>(lane)]; }

char* Lanes::TextOf(int lane) const {
  return reinterpret_cast<char*>(shared_ + 1) + static_cast<std::size_t>(lane) * kPacketBytesMax;
}

Expected<std::unique_ptr<Lanes>> Lanes::Make(int count) {
  const int descriptor = memfd_create("lanes", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  const bool is_sized = descriptor >= 0 && ftruncate(descriptor, static_cast<off_t>(BytesOf(count))) == 0 &&
                        fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0;
  auto lanes = is_sized ? Open(descriptor, count) : nullptr;
  if (!lanes) {
    if (descriptor >= 0) static_cast<void>(close(descriptor));
    return Fail(Code::kUnavailable, "there is no memory or no file descriptor for its worker");
  }
  new (lanes->shared_) Shared;
  return lanes;
}

std::unique_ptr<Lanes> Lanes::Open(int descriptor, int count) {
  struct stat status{};
  if (fstat(descriptor, &status) != 0 || status.st_size != static_cast<off_t>(BytesOf(count))) return nullptr;
  void* const memory = mmap(nullptr, BytesOf(count), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (memory == MAP_FAILED) return nullptr;
  return std::unique_ptr<Lanes>(new Lanes(descriptor, count, static_cast<Shared*>(memory)));
}

Lanes::~Lanes() {
  static_cast<void>(munmap(shared_, BytesOf(count_)));
  static_cast<void>(close(descriptor_));
}

void Lanes::WakeSleeper() {
  if (shared_->sleepers != 0) WakeOne(shared_->questions);
}

std::optional<std::string> Lanes::Ask(int lane, std::string_view question, std::chrono::milliseconds longest,
                                      const std::function<bool()>& is_alive) {
  CHECK(question.size() <= kPacketBytesMax);
  Lane& own = At(lane);
  std::ranges::copy(question, TextOf(lane));
  own.bytes = static_cast<std::uint32_t>(question.size());
  ++shared_->open;
  own.state = kAsked;
  ++shared_->questions;
  // Every open question has a thread that is awake, then. One that is about to sleep sees that `questions` has changed.
  if (static_cast<std::uint32_t>(count_) - shared_->sleepers < shared_->open) WakeSleeper();
  const auto is_answered = [&own] { return own.state == kAnswered; };
  WaitUntil(is_answered, [&] {
    own.is_awaited = 1;
    const auto deadline = steady_clock::now() + longest;
    nanoseconds look = kLookMin;
    for (std::uint32_t state = own.state; state != kAnswered; state = own.state) {
      if (state == kAsked) WakeSleeper();  // that one does not come
      Sleep(own.state, state, look);
      if (is_answered() || steady_clock::now() >= deadline || !is_alive()) break;
      look = std::min(2 * look, kLookMax);
    }
    own.is_awaited = 0;
  });
  if (!is_answered()) return std::nullopt;
  std::string answer(TextOf(lane), std::min<std::size_t>(own.bytes, kPacketBytesMax));
  return answer;
}

int Lanes::Take(std::string& question, int last) {
  while (true) {
    const std::uint32_t questions = shared_->questions;
    for (int i = 1; i <= count_; ++i) {
      const int lane = (last + i) % count_;
      std::uint32_t state = At(lane).state;
      if (state != kAsked || !At(lane).state.compare_exchange_strong(state, kTaken)) continue;
      question.assign(TextOf(lane), At(lane).bytes);
      return lane;
    }
    WaitUntil([&] { return shared_->questions != questions; },
              [&] {
                ++shared_->sleepers;
                Sleep(shared_->questions, questions);
                --shared_->sleepers;
              });
  }
}

void Lanes::Answer(int lane, std::string_view answer) {
  CHECK(answer.size() <= kPacketBytesMax);
  Lane& asked = At(lane);
  std::ranges::copy(answer, TextOf(lane));
  asked.bytes = static_cast<std::uint32_t>(answer.size());
  --shared_->open;
  asked.state = kAnswered;
  if (asked.is_awaited != 0) WakeOne(asked.state);
}

}  // namespace firmsign::pkcs11
