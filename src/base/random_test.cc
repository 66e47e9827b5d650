// SPDX-License-Identifier: Apache-2.0

#include "base/random.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

namespace firmsign {
namespace {

using ::testing::MatchesRegex;

TEST(FakeRandom, GivesTheSameBytesForTheSameSeed) {
  FakeRandom one(7);
  FakeRandom same(7);
  FakeRandom other(8);
  EXPECT_EQ(MakeUuid(one), MakeUuid(same));
  EXPECT_NE(MakeUuid(one), MakeUuid(other));
}

TEST(MakeUuid, IsVersion4AndNeverTheSame) {
  FakeRandom random;
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string uuid = MakeUuid(random);
    EXPECT_THAT(uuid, MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
    EXPECT_TRUE(seen.insert(uuid).second);
  }
}

TEST(MakeOrderedUuid, BeginsWithTheTimeAndIsVersion7) {
  FakeRandom random;
  // The example of RFC 9562 appendix A.6: 2022-02-22T19:22:22.00Z is 017F22E279B0.
  const std::string uuid = MakeOrderedUuid(random, Instant{1'645'557'742'000'000});
  EXPECT_THAT(uuid, MatchesRegex("017f22e2-79b0-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
}

TEST(MakeOrderedUuid, SortsByTimeAndNeverRepeats) {
  FakeRandom random;
  std::string last;
  for (int i = 0; i < 1000; ++i) {
    const std::string uuid = MakeOrderedUuid(random, Instant{1'700'000'000'000'000 + i * 1000});
    EXPECT_LT(last, uuid);
    last = uuid;
  }
  const Instant now{1'700'000'000'000'000};
  EXPECT_NE(MakeOrderedUuid(random, now), MakeOrderedUuid(random, now));
}

TEST(MakeRandomText, DrawsEveryCharacterOfTheAlphabetAboutEquallyOften) {
  FakeRandom random;
  std::map<char, int> counts;
  for (const char c : MakeRandomText(random, "abc", 30'000)) ++counts[c];
  ASSERT_EQ(counts.size(), 3U);
  for (const auto& [c, count] : counts) EXPECT_NEAR(count, 10'000, 500) << c;
}

// Hands out the bytes 255, 254, …, so that those that must be drawn again come first.
class Descending final : public Random {
 public:
  void Fill(std::span<unsigned char> out) override {
    for (unsigned char& byte : out) byte = next_--;
  }

 private:
  unsigned char next_ = 255;
};

TEST(MakeRandomText, DrawsAgainWhatWouldFavourACharacter) {
  // 256 is 25 times ten and six: the six bytes from 250 on would make 0 to 5 more frequent.
  Descending random;
  EXPECT_EQ(MakeRandomText(random, "0123456789", 3), "987");
}

TEST(MakeRandomText, HasTheLengthAskedFor) {
  FakeRandom random;
  EXPECT_EQ(MakeRandomText(random, kAlphanumeric, 0), "");
  EXPECT_EQ(MakeRandomText(random, kAlphanumeric, 200).size(), 200U);
  EXPECT_EQ(kAlphanumeric.size(), 62U);
}

}  // namespace
}  // namespace firmsign
