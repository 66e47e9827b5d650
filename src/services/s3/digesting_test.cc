// SPDX-License-Identifier: Apache-2.0

#include "services/s3/digesting.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace firmsign::s3 {
namespace {

std::string ChecksumOf(ChecksumKind kind, std::string_view bytes) {
  Digesting digesting(kind);
  digesting.Update(bytes);
  return digesting.Finish(crypto::DigestOf(crypto::Hash::kSha256, bytes)).checksum;
}

TEST(Digesting, ComputesTheCheckValuesOfItsAlgorithms) {
  // The check values of the CRC catalogue for "123456789".
  EXPECT_EQ(EncodeHex(ChecksumOf(ChecksumKind::kCrc32, "123456789")), "cbf43926");
  EXPECT_EQ(EncodeHex(ChecksumOf(ChecksumKind::kCrc32c, "123456789")), "e3069283");
  EXPECT_EQ(EncodeHex(ChecksumOf(ChecksumKind::kCrc64Nvme, "123456789")), "ae8b14860a799888");
  EXPECT_EQ(EncodeHex(ChecksumOf(ChecksumKind::kSha1, "abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(EncodeHex(ChecksumOf(ChecksumKind::kSha256, "")),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Digesting, TakesBytesInPieces) {
  Digesting digesting(ChecksumKind::kCrc32);
  digesting.Update("1234");
  digesting.Update("");
  digesting.Update("56789");
  const Digests digests = digesting.Finish("");
  EXPECT_EQ(EncodeHex(digests.checksum), "cbf43926");
  EXPECT_EQ(EncodeHex(digests.md5), "25f9e794323b453885f5181f1b624d0b");
}

TEST(CombineCrc, EqualsTheCrcOfTheWholeForEverySplit) {
  std::string text;
  for (int i = 0; i < 300; ++i) text.push_back(static_cast<char>(i * 37));
  for (const ChecksumKind kind : {ChecksumKind::kCrc32, ChecksumKind::kCrc32c, ChecksumKind::kCrc64Nvme}) {
    const std::string whole = ChecksumOf(kind, text);
    for (std::size_t at = 0; at <= text.size(); ++at) {
      const std::string_view first = std::string_view(text).substr(0, at);
      const std::string_view second = std::string_view(text).substr(at);
      ASSERT_EQ(CombineCrc(kind, ChecksumOf(kind, first), ChecksumOf(kind, second), second.size()), whole)
          << ChecksumName(kind) << " at " << at;
    }
  }
}

}  // namespace
}  // namespace firmsign::s3
