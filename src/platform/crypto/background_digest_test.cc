// SPDX-License-Identifier: Apache-2.0

#include "platform/crypto/background_digest.h"

#include <gtest/gtest.h>

#include <array>

namespace firmsign::crypto {
namespace {

TEST(BackgroundDigestConcurrency, IsTheDigest) {
  BackgroundDigest background(Hash::kMd5);
  Digest digest(Hash::kMd5);
  std::array<std::string, 2> buffers;
  for (int i = 0; i < 2000; ++i) {
    std::string& buffer = buffers[static_cast<std::size_t>(i) % 2];
    buffer.assign(static_cast<std::size_t>(i), static_cast<char>(i));
    background.Update(buffer);
    digest.Update(buffer);
  }
  EXPECT_EQ(background.Finish(), digest.Finish());
}

TEST(BackgroundDigestConcurrency, MayEndBeforeItsBytes) {
  const std::string bytes(1 << 20, 'x');
  for (int i = 0; i < 50; ++i) {
    BackgroundDigest background(Hash::kSha256);
    if (i % 2 == 0) background.Update(bytes);
  }
}

}  // namespace
}  // namespace firmsign::crypto
