// SPDX-License-Identifier: Apache-2.0

#include "platform/crypto/digest.h"

#include <gtest/gtest.h>

#include <string>

#include "base/encoding.h"

namespace firmsign::crypto {
namespace {

struct HashVector {
  Hash hash;
  std::string text;
  std::string hex;
};

// RFC 1321 §A.5, FIPS 180-2 appendix A to C with their later corrections.
const HashVector kHashVectors[] = {
    {Hash::kMd5, "", "d41d8cd98f00b204e9800998ecf8427e"},
    {Hash::kMd5, "message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
    {Hash::kSha1, "", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
    {Hash::kSha1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {Hash::kSha256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {Hash::kSha256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {Hash::kSha256, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {Hash::kSha384, "abc",
     "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"},
    {Hash::kSha512, "abc",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
     "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
};

TEST(Digest, MatchesThePublishedVectors) {
  for (const HashVector& vector : kHashVectors) {
    EXPECT_EQ(EncodeHex(DigestOf(vector.hash, vector.text)), vector.hex) << vector.text;
    EXPECT_EQ(DigestBytes(vector.hash) * 2, vector.hex.size());
  }
}

TEST(Digest, OfAMillionLettersInUnevenPiecesMatchesFips180) {
  const std::string letters(1'000'000, 'a');
  for (const std::size_t piece : {1'000'000u, 4'096u, 63u}) {
    Digest digest(Hash::kSha256);
    for (std::size_t at = 0; at < letters.size(); at += piece) {
      digest.Update(std::string_view(letters).substr(at, piece));
    }
    EXPECT_EQ(EncodeHex(digest.Finish()), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  }
}

TEST(Digest, StartsAgainFromNothingAfterFinish) {
  Digest digest(Hash::kSha1);
  digest.Update("something else");
  static_cast<void>(digest.Finish());
  digest.Update("abc");
  EXPECT_EQ(EncodeHex(digest.Finish()), "a9993e364706816aba3e25717850c26c9cd0d89d");
}

TEST(Digest, KeepsWhatItHasWhenItIsMoved) {
  Digest first(Hash::kSha1);
  first.Update("ab");
  Digest second = std::move(first);
  second.Update("c");
  EXPECT_EQ(EncodeHex(second.Finish()), "a9993e364706816aba3e25717850c26c9cd0d89d");
}

TEST(Sha256Hex, IsLowerCase) {
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

// RFC 4231 test cases 1, 2 and 6; RFC 2202 test case 1 for the older hashes.
TEST(Hmac, MatchesThePublishedVectors) {
  const std::string twenty(20, '\x0b');
  EXPECT_EQ(EncodeHex(Hmac(Hash::kSha256, twenty, "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(EncodeHex(Hmac(Hash::kSha384, twenty, "Hi There")),
            "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6");
  EXPECT_EQ(EncodeHex(Hmac(Hash::kSha512, twenty, "Hi There")),
            "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
            "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854");
  EXPECT_EQ(EncodeHex(Hmac(Hash::kSha256, "Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(EncodeHex(Hmac(Hash::kSha256, std::string(131, '\xaa'),
                           "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  EXPECT_EQ(EncodeHex(Hmac(Hash::kSha1, twenty, "Hi There")), "b617318655057264e28bc0b6fb378c8ef146be00");
  EXPECT_EQ(EncodeHex(Hmac(Hash::kMd5, std::string(16, '\x0b'), "Hi There")), "9294727a3638bb1c13f48ef8158bfc9d");
}

// The state is kept per thread, so a key must not survive into the next call.
TEST(Hmac, DoesNotRememberTheKeyOfTheCallBefore) {
  const std::string empty_key = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";
  EXPECT_EQ(EncodeHex(Hmac(Hash::kSha256, "", "")), empty_key);
  static_cast<void>(Hmac(Hash::kSha256, "a key", "and a text"));
  EXPECT_EQ(EncodeHex(Hmac(Hash::kSha256, std::string_view(), std::string_view())), empty_key);
}

// The check values of the CRC catalogues: the CRC of these nine digits.
constexpr std::string_view kDigits = "123456789";

TEST(Crc, MatchesTheCheckValues) {
  EXPECT_EQ(Crc32(kDigits), 0xCBF43926u);
  EXPECT_EQ(Crc32c(kDigits), 0xE3069283u);
  EXPECT_EQ(Crc64Nvme(kDigits), 0xAE8B14860A799888u);
  EXPECT_EQ(Crc32(""), 0u);
  EXPECT_EQ(Crc32c(""), 0u);
  EXPECT_EQ(Crc64Nvme(""), 0u);
}

// RFC 3720 §B.4, and the CRC-64 test cases of the NVM Express command set specification.
TEST(Crc, MatchesTheVectorsOfItsStandards) {
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(Crc32c(std::string(32, '\xff')), 0x62A8AB43u);
  EXPECT_EQ(Crc64Nvme(std::string(4096, '\0')), 0x6482D367EB22B64Eu);
  EXPECT_EQ(Crc64Nvme(std::string(4096, '\xff')), 0xC0DDBA7302ECA3ACu);
}

TEST(Crc, ContinuesFromAnyPlace) {
  std::string bytes;
  for (int i = 0; i < 100; ++i) bytes.push_back(static_cast<char>(i * 37));
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    const std::string_view head = std::string_view(bytes).substr(0, cut);
    const std::string_view tail = std::string_view(bytes).substr(cut);
    EXPECT_EQ(Crc32(tail, Crc32(head)), Crc32(bytes));
    EXPECT_EQ(Crc32c(tail, Crc32c(head)), Crc32c(bytes));
    EXPECT_EQ(Crc64Nvme(tail, Crc64Nvme(head)), Crc64Nvme(bytes));
  }
}

}  // namespace
}  // namespace firmsign::crypto
