// SPDX-License-Identifier: Apache-2.0

#include "platform/crypto/checksum.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace firmsign::crypto {
namespace {

TEST(Checksum, HasTheCheckValuesOfItsAlgorithms) {
  // The check values of the CRC catalogue for "123456789".
  EXPECT_EQ(EncodeHex(ChecksumOf(ChecksumKind::kCrc32, "123456789")), "cbf43926");
  EXPECT_EQ(EncodeHex(ChecksumOf(ChecksumKind::kCrc32c, "123456789")), "e3069283");
  EXPECT_EQ(EncodeHex(ChecksumOf(ChecksumKind::kCrc64Nvme, "123456789")), "ae8b14860a799888");
  EXPECT_EQ(EncodeHex(ChecksumOf(ChecksumKind::kSha1, "abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(EncodeHex(ChecksumOf(ChecksumKind::kSha256, "")),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Checksum, TakesBytesInPieces) {
  for (const ChecksumKind kind : {ChecksumKind::kCrc32, ChecksumKind::kSha256}) {
    Checksum checksum(kind);
    checksum.Update("1234");
    checksum.Update("");
    checksum.Update("56789");
    EXPECT_EQ(checksum.Finish(), ChecksumOf(kind, "123456789")) << ChecksumName(kind);
  }
}

TEST(Checksum, HasNamesThatReadBackAndKnownLengths) {
  using enum ChecksumKind;
  for (const ChecksumKind kind : {kCrc32, kCrc32c, kCrc64Nvme, kSha1, kSha256}) {
    EXPECT_EQ(ParseChecksumName(ChecksumName(kind)), kind);
    EXPECT_EQ(ChecksumOf(kind, "x").size(), ChecksumBytes(kind));
  }
  EXPECT_EQ(ParseChecksumName("crc32"), std::nullopt);
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
}  // namespace firmsign::crypto
