// SPDX-License-Identifier: Apache-2.0

#include "services/s3/digesting.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace firmsign::s3 {
namespace {

TEST(Digesting, TakesBytesInPieces) {
  Digesting digesting(ChecksumKind::kCrc32);
  digesting.Update("1234");
  digesting.Update("");
  digesting.Update("56789");
  const Digests digests = digesting.Finish("");
  EXPECT_EQ(EncodeHex(digests.checksum), "cbf43926");
  EXPECT_EQ(EncodeHex(digests.md5), "25f9e794323b453885f5181f1b624d0b");
}

TEST(Digesting, LeavesSha256ToThePayload) {
  Digesting digesting(ChecksumKind::kSha256);
  digesting.Update("123456789");
  EXPECT_EQ(digesting.Finish("as the payload says").checksum, "as the payload says");
}

}  // namespace
}  // namespace firmsign::s3
