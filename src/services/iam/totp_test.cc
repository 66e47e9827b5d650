// SPDX-License-Identifier: Apache-2.0

#include "services/iam/totp.h"

#include <gtest/gtest.h>

#include <set>

namespace firmsign::iam {
namespace {

constexpr SecretAccess kSeedTest("test");
// RFC 6238, appendix B: the ASCII text 12345678901234567890, here in base32.
const SecretBytes kSeed("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");

// The last six of the eight digits that the standard prints.
TEST(Totp, ShowsTheCodesOfTheStandard) {
  const std::pair<std::int64_t, const char*> codes[] = {{59, "287082"},
                                                        {1'111'111'109, "081804"},
                                                        {1'111'111'111, "050471"},
                                                        {1'234'567'890, "005924"},
                                                        {2'000'000'000, "279037"},
                                                        {20'000'000'000, "353130"}};
  for (const auto& [seconds, code] : codes) {
    EXPECT_EQ(TotpCode(kSeed, TotpStep(InstantFromSeconds(seconds))), code) << seconds;
  }
}

TEST(Totp, TakesCodesOfAMomentBeforeAndAfter) {
  const Instant now = InstantFromSeconds(1'234'567'890);
  const std::int64_t step = TotpStep(now);
  for (const std::int64_t off : {-1, 0, 1})
    EXPECT_EQ(FindTotpStep(kSeed, TotpCode(kSeed, step + off), now), step + off);
  EXPECT_FALSE(FindTotpStep(kSeed, TotpCode(kSeed, step + 2), now).has_value());
  EXPECT_FALSE(FindTotpStep(kSeed, TotpCode(kSeed, step - 2), now).has_value());
  EXPECT_FALSE(FindTotpStep(kSeed, "", now).has_value());
  EXPECT_FALSE(FindTotpStep(kSeed, "0059240", now).has_value());
}

TEST(Totp, MakesSeedsThatDiffer) {
  FakeRandom random;
  std::set<std::string> seeds;
  for (int i = 0; i < 100; ++i) {
    const std::string seed(MakeTotpSeed(random).Reveal(kSeedTest));
    EXPECT_EQ(seed.size(), 64U);
    EXPECT_EQ(seed.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"), std::string::npos);
    EXPECT_TRUE(seeds.insert(seed).second);
  }
}

}  // namespace
}  // namespace firmsign::iam
