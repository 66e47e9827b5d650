// SPDX-License-Identifier: Apache-2.0

#include "services/s3/part_hashes.h"

#include "base/encoding.h"
#include "model/s3.h"
#include "platform/crypto/digest.h"
#include "services/s3/digesting.h"

namespace firmsign::s3 {
namespace {

std::string Compose(ChecksumKind kind, const std::vector<store::Part>& parts) {
  std::string all;
  for (const store::Part& part : parts) all += DecodeBase64(part.checksum).value_or("");
  Digesting digesting(kind);
  digesting.Update(all);
  return EncodeBase64(digesting.Finish(crypto::DigestOf(crypto::Hash::kSha256, all)).checksum) + "-" +
         std::to_string(parts.size());
}

std::string CombineAll(ChecksumKind kind, const std::vector<store::Part>& parts) {
  std::string whole = DecodeBase64(parts.front().checksum).value_or("");
  for (std::size_t i = 1; i < parts.size(); ++i) {
    whole = CombineCrc(kind, whole, DecodeBase64(parts[i].checksum).value_or(""), parts[i].size);
  }
  return EncodeBase64(whole);
}

}  // namespace

std::string EtagOfParts(const std::vector<store::Part>& parts) {
  crypto::Digest digest(crypto::Hash::kMd5);
  for (const store::Part& part : parts) digest.Update(DecodeHex(part.etag).value_or(""));
  return EncodeHex(digest.Finish()) + "-" + std::to_string(parts.size());
}

store::Checksum ChecksumOfParts(std::string_view algorithm, std::string_view type,
                                const std::vector<store::Part>& parts) {
  const ChecksumKind kind = ParseChecksumName(algorithm).value_or(kDefaultChecksum);
  const bool is_whole = type == ChecksumType::kFullObject;
  return {.algorithm = std::string(algorithm),
          .type = std::string(type),
          .value = is_whole ? CombineAll(kind, parts) : Compose(kind, parts)};
}

}  // namespace firmsign::s3
