// SPDX-License-Identifier: Apache-2.0
//
// The checksum members that ten shapes of the model share: reading what a client claims, and telling what is stored.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "services/s3/digesting.h"
#include "services/s3/store.h"

namespace firmsign::s3 {

// What a client says the checksum is.
struct ClaimedChecksum {
  ChecksumKind kind = kDefaultChecksum;
  std::string value;  // base64 as sent; of a composite with "-N"
};

enum class ClaimProblem { kNone, kSeveral, kUnsupported };

struct Claim {
  ClaimProblem problem = ClaimProblem::kNone;
  std::optional<ClaimedChecksum> checksum;
};

// From the members checksum_* of a request or of one of its parts.
template <class Input>
Claim FindClaim(const Input& input) {
  Claim claim;
  int count = 0;
  const auto take = [&](const std::optional<std::string>& value, ChecksumKind kind) {
    if (!value) return;
    ++count;
    claim.checksum = ClaimedChecksum{.kind = kind, .value = *value};
  };
  take(input.checksum_crc32, ChecksumKind::kCrc32);
  take(input.checksum_crc32c, ChecksumKind::kCrc32c);
  take(input.checksum_crc64nvme, ChecksumKind::kCrc64Nvme);
  take(input.checksum_sha1, ChecksumKind::kSha1);
  take(input.checksum_sha256, ChecksumKind::kSha256);
  const bool is_other = input.checksum_sha512 || input.checksum_md5 || input.checksum_xxhash64 ||
                        input.checksum_xxhash3 || input.checksum_xxhash128;
  if (count > 1 || (count == 1 && is_other)) claim.problem = ClaimProblem::kSeveral;
  if (count == 0 && is_other) claim.problem = ClaimProblem::kUnsupported;
  return claim;
}

// From trailing headers, whose names are in lower case.
inline Claim FindClaimInTrailers(const std::vector<std::pair<std::string, std::string>>& trailers) {
  constexpr std::string_view kPrefix = "x-amz-checksum-";
  Claim claim;
  for (const auto& [name, value] : trailers) {
    if (!name.starts_with(kPrefix)) continue;
    if (claim.checksum) claim.problem = ClaimProblem::kSeveral;
    std::string algorithm = name.substr(kPrefix.size());
    for (char& c : algorithm) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    const auto kind = ParseChecksumName(algorithm);
    if (!kind) claim.problem = ClaimProblem::kUnsupported;
    claim.checksum = ClaimedChecksum{.kind = kind.value_or(kDefaultChecksum), .value = value};
  }
  return claim;
}

// As store::Part::other_checksum has it.
inline std::string FormatOther(ChecksumKind kind, std::string_view value) {
  return std::string(ChecksumName(kind)) + ":" + std::string(value);
}

// Fills the member for `algorithm`, and the type if the shape has one.
template <class Output>
void TellChecksum(Output& output, const store::Checksum& checksum) {
  const auto kind = ParseChecksumName(checksum.algorithm);
  if (!kind || checksum.value.empty()) return;
  switch (*kind) {
    case ChecksumKind::kCrc32: output.checksum_crc32 = checksum.value; break;
    case ChecksumKind::kCrc32c: output.checksum_crc32c = checksum.value; break;
    case ChecksumKind::kCrc64Nvme: output.checksum_crc64nvme = checksum.value; break;
    case ChecksumKind::kSha1: output.checksum_sha1 = checksum.value; break;
    case ChecksumKind::kSha256: output.checksum_sha256 = checksum.value; break;
  }
  if constexpr (requires { output.checksum_type; }) {
    if (!checksum.type.empty()) output.checksum_type = checksum.type;
  }
}

}  // namespace firmsign::s3
