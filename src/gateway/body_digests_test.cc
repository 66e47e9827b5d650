// SPDX-License-Identifier: Apache-2.0

#include "gateway/body_digests.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "model/s3.h"
#include "platform/crypto/checksum.h"

namespace firmsign::gateway {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

const std::string kBody = "<Delete/>";
const std::string kMd5 = EncodeBase64(crypto::DigestOf(crypto::Hash::kMd5, kBody));
const std::string kOtherMd5 = EncodeBase64(crypto::DigestOf(crypto::Hash::kMd5, "other"));
const std::string kCrc32 = EncodeBase64(crypto::ChecksumOf(crypto::ChecksumKind::kCrc32, kBody));
const std::string kSha256 = EncodeBase64(crypto::ChecksumOf(crypto::ChecksumKind::kSha256, kBody));

// The code of the refusal, or nothing.
template <class Op>
std::string Refusal(const Headers& headers) {
  http::RequestHead head;
  for (const auto& [name, value] : headers) head.headers.Add(name, value);
  const auto checked = CheckBodyDigests(head, Op::kDescriptor, kBody);
  return checked ? "" : std::string(checked.error().shape->wire_code);
}

TEST(BodyDigests, AcceptsWhatAgrees) {
  using Op = s3::ops::DeleteObjects;
  EXPECT_EQ(Refusal<Op>({{"Content-MD5", kMd5}}), "");
  EXPECT_EQ(Refusal<Op>({{"X-Amz-Checksum-Crc32", kCrc32}, {"x-amz-sdk-checksum-algorithm", "CRC32"}}), "");
  EXPECT_EQ(Refusal<Op>({{"x-amz-checksum-sha256", kSha256}, {"Content-MD5", kMd5}}), "");
}

TEST(BodyDigests, RefusesWhatDiffers) {
  using Op = s3::ops::PutBucketVersioning;
  EXPECT_EQ(Refusal<Op>({{"Content-MD5", kOtherMd5}}), "BadDigest");
  EXPECT_EQ(Refusal<Op>({{"x-amz-checksum-crc32", "AAAAAA=="}}), "BadDigest");
  EXPECT_EQ(Refusal<Op>({{"x-amz-checksum-sha256", kSha256}, {"Content-MD5", kOtherMd5}}), "BadDigest");
}

TEST(BodyDigests, RefusesWhatCannotBeADigest) {
  using Op = s3::ops::PutBucketVersioning;
  EXPECT_EQ(Refusal<Op>({{"Content-MD5", "not base64"}}), "InvalidDigest");
  EXPECT_EQ(Refusal<Op>({{"Content-MD5", kCrc32}}), "InvalidDigest");
  EXPECT_EQ(Refusal<Op>({{"Content-MD5", ""}}), "InvalidDigest");
  EXPECT_EQ(Refusal<Op>({{"x-amz-checksum-crc32", kMd5}}), "InvalidRequest");
  EXPECT_EQ(Refusal<Op>({{"x-amz-checksum-xxhash64", kCrc32}}), "NotImplemented");
}

TEST(BodyDigests, RefusesSeveralChecksumsAndOneThatIsOnlyAnnounced) {
  using Op = s3::ops::PutBucketVersioning;
  EXPECT_EQ(Refusal<Op>({{"x-amz-checksum-crc32", kCrc32}, {"x-amz-checksum-sha256", kSha256}}), "InvalidRequest");
  EXPECT_EQ(Refusal<Op>({{"x-amz-sdk-checksum-algorithm", "CRC32"}}), "InvalidRequest");
  EXPECT_EQ(Refusal<Op>({{"x-amz-sdk-checksum-algorithm", "SHA256"}, {"x-amz-checksum-crc32", kCrc32}}),
            "InvalidRequest");
}

TEST(BodyDigests, AreDemandedOfDeleteObjectsOnly) {
  EXPECT_EQ(Refusal<s3::ops::DeleteObjects>({}), "InvalidRequest");
  EXPECT_EQ(Refusal<s3::ops::PutBucketVersioning>({}), "");
  EXPECT_EQ(Refusal<s3::ops::CompleteMultipartUpload>({}), "");
}

TEST(BodyDigests, LeaveTheObjectsChecksumToTheHandler) {
  using Op = s3::ops::CompleteMultipartUpload;
  EXPECT_EQ(Refusal<Op>({{"x-amz-checksum-crc32", "AAAAAA=="}, {"x-amz-checksum-type", "FULL_OBJECT"}}), "");
  EXPECT_EQ(Refusal<Op>({{"Content-MD5", kOtherMd5}}), "BadDigest");
  EXPECT_EQ(Refusal<s3::ops::CreateMultipartUpload>({{"x-amz-checksum-algorithm", "CRC32"}}), "");
}

}  // namespace
}  // namespace firmsign::gateway
