// SPDX-License-Identifier: Apache-2.0
//
// What bucket names, keys and version ids look like (contract §8.1), and the ids that we make ourselves.

#pragma once

#include <string>
#include <string_view>

#include "base/random.h"
#include "base/strong.h"
#include "base/time.h"

namespace firmsign::s3 {

// The rules for new buckets: 3 to 63 of [a-z0-9.-], no IPv4 address, none of the reserved beginnings and ends.
bool IsBucketName(std::string_view name);

inline constexpr std::size_t kKeyBytesMax = 1024;

// 32 of [A-Za-z0-9._], or "null".
bool IsVersionId(std::string_view text);
std::string MakeVersionId(Random& random);

// 32 hexadecimal digits that begin with the time, so that the order of ids is the order of uploads.
std::string MakeUploadId(Random& random, Instant now);

// The ETag of what the signer writes, made of its raw SHA-256. No other object that is one piece has this end.
inline constexpr std::string_view kSignerEtagEnd = "-1";
std::string SignerEtag(std::string_view sha256);

// What S3 calls the canonical id of an account: 64 hexadecimal digits.
std::string CanonicalId(const AccountId& account);

std::string BucketArn(std::string_view bucket);
std::string ObjectArn(std::string_view bucket, std::string_view key);

}  // namespace firmsign::s3
