// SPDX-License-Identifier: Apache-2.0

#include "platform/crypto/seal.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <set>
#include <string>
#include <vector>

#include "base/encoding.h"

namespace firmsign::crypto {
namespace {

std::string Text(const SecretBytes& secret) { return std::string(secret.Reveal(SecretAccess("a test compares it"))); }

SecretBytes KeyOf(char byte) { return SecretBytes(std::string(kSealingKeyBytes, byte)); }

class FixedRandom final : public Random {
 public:
  explicit FixedRandom(std::string bytes) : bytes_(std::move(bytes)) {}
  void Fill(std::span<unsigned char> out) override {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<unsigned char>(bytes_.at(i));
  }

 private:
  std::string bytes_;
};

// The Galois/Counter Mode of Operation (McGrew, Viega), test case 16: AES-256, 96-bit nonce, 20 bytes of context.
TEST(Seal, WritesVersionNonceCipherTextAndTagOfThePublishedVector) {
  const SecretBytes key(*DecodeHex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"));
  const std::string context = *DecodeHex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const SecretBytes plain(*DecodeHex(
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657"
      "ba637b39"));
  FixedRandom nonce(*DecodeHex("cafebabefacedbaddecaf888"));
  const std::string box = Seal(key, context, plain, nonce);
  EXPECT_EQ(
      EncodeHex(box),
      "01"
      "cafebabefacedbaddecaf888"
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba"
      "7a0abcc9f662"
      "76fc6ece0f4e1768cddf8853bb2d551b");
  auto opened = Open(key, context, box);
  ASSERT_TRUE(opened);
  EXPECT_EQ(Text(*opened), Text(plain));
}

TEST(Seal, OpensWhatItSealedAlsoWhenThatIsEmpty) {
  FakeRandom random;
  for (const std::string& text : {std::string(), std::string("x"), std::string(10'000, 's')}) {
    auto opened = Open(KeyOf('k'), "row/1", Seal(KeyOf('k'), "row/1", SecretBytes(text), random));
    ASSERT_TRUE(opened);
    EXPECT_EQ(Text(*opened), text);
  }
}

TEST(Open, RefusesAnotherKeyOrAnotherPlace) {
  FakeRandom random;
  const std::string box = Seal(KeyOf('k'), "row/1", SecretBytes("secret"), random);
  EXPECT_EQ(Open(KeyOf('j'), "row/1", box).error().code, Code::kCorrupt);
  EXPECT_EQ(Open(KeyOf('k'), "row/2", box).error().code, Code::kCorrupt);
}

TEST(Open, RefusesEveryFlippedBitAndEveryTruncation) {
  FakeRandom random;
  const std::string box = Seal(KeyOf('k'), "row/1", SecretBytes("secret"), random);
  for (std::size_t bit = 0; bit < box.size() * 8; ++bit) {
    std::string changed = box;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(Open(KeyOf('k'), "row/1", changed).error().code, Code::kCorrupt) << bit;
  }
  for (std::size_t length = 0; length < box.size(); ++length) {
    EXPECT_EQ(Open(KeyOf('k'), "row/1", std::string_view(box).substr(0, length)).error().code, Code::kCorrupt);
  }
}

TEST(Seal, NeverMakesTheSameBoxTwiceWithTheSystemsRandomness) {
  std::set<std::string> boxes;
  for (int i = 0; i < 100; ++i) boxes.insert(Seal(KeyOf('k'), "row/1", SecretBytes("secret"), SystemRandom()));
  EXPECT_EQ(boxes.size(), 100u);
}

TEST(SystemRandom, FillsRequestsOfAnySizeWithDifferentBytes) {
  std::set<std::vector<unsigned char>> drawn;
  for (int i = 0; i < 1000; ++i) {
    std::vector<unsigned char> bytes(16 + i % 3);
    SystemRandom().Fill(bytes);
    drawn.insert(bytes);
  }
  EXPECT_EQ(drawn.size(), 1000u);
  // No part of a large request is left as it was: 64 zero bytes in a row do not happen.
  std::vector<unsigned char> large(100'000);
  SystemRandom().Fill(large);
  std::size_t zeros = 0;
  for (const unsigned char byte : large) {
    zeros = byte == 0 ? zeros + 1 : 0;
    ASSERT_LT(zeros, 64u);
  }
}

TEST(SystemRandom, GivesAForkedChildOtherBytesThanItsParent) {
  std::array<unsigned char, 16> ours;
  SystemRandom().Fill(ours);  // The thread's block is now half used.
  std::array<int, 2> ends;
  ASSERT_EQ(pipe(ends.data()), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  std::array<unsigned char, 16> bytes;
  SystemRandom().Fill(bytes);
  if (child == 0) {
    _exit(write(ends[1], bytes.data(), bytes.size()) == 16 ? 0 : 1);
  }
  std::array<unsigned char, 16> childs;
  ASSERT_EQ(read(ends[0], childs.data(), childs.size()), 16);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_NE(bytes, childs);
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace firmsign::crypto
