// SPDX-License-Identifier: Apache-2.0

#include "platform/crypto/stream_cipher.h"

#include <gtest/gtest.h>

#include <string>

#include "base/encoding.h"

namespace firmsign::crypto {
namespace {

std::string Applied(const StreamCipher& cipher, std::uint64_t offset, std::string text) {
  cipher.Apply(offset, text);
  return text;
}

// Made with `openssl enc -aes-256-ctr -K 00..1f -iv 0`.
TEST(StreamCipher, WritesWhatOpensslWrites) {
  std::string key;
  for (int i = 0; i < 32; ++i) key.push_back(static_cast<char>(i));
  const StreamCipher cipher{SecretBytes(key)};
  EXPECT_EQ(EncodeHex(Applied(cipher, 0, "firmware image, longer than one block")),
            "94f972db5d28edb5899af70bba4b5ba09c3218c92fcbbf91ce97f51127ac531d6cd0dabdde");
}

TEST(StreamCipher, ReadsFromEveryPosition) {
  const StreamCipher cipher{SecretBytes(std::string(kStreamKeyBytes, 'k'))};
  std::string text;
  for (int i = 0; i < 100; ++i) text.push_back(static_cast<char>(i));
  const std::string encrypted = Applied(cipher, 0, text);
  EXPECT_NE(encrypted, text);
  for (std::size_t begin = 0; begin <= text.size(); ++begin) {
    for (const std::size_t length : {0, 1, 15, 16, 17, 100}) {
      EXPECT_EQ(Applied(cipher, begin, encrypted.substr(begin, length)), text.substr(begin, length));
    }
  }
}

TEST(StreamCipher, CountsBlocksBeyond32Bits) {
  const StreamCipher cipher{SecretBytes(std::string(kStreamKeyBytes, 'k'))};
  const std::uint64_t far = (std::uint64_t{1} << 36) - 8;  // block 2^32 - 1, and the next
  const std::string both = Applied(cipher, far, std::string(24, '\0'));
  EXPECT_EQ(Applied(cipher, far + 8, std::string(16, '\0')), both.substr(8));
  EXPECT_NE(Applied(cipher, 0, std::string(16, '\0')), both.substr(8));
}

}  // namespace
}  // namespace firmsign::crypto
