// SPDX-License-Identifier: Apache-2.0

#include "services/s3/digesting.h"

namespace firmsign::s3 {

Digesting::Digesting(ChecksumKind kind, std::optional<ChecksumKind> other)
    : md5_(crypto::Hash::kMd5), is_other_sha256_(other == ChecksumKind::kSha256) {
  if (kind != ChecksumKind::kSha256) checksum_.emplace(kind);
  if (other && !is_other_sha256_) other_.emplace(*other);
}

void Digesting::Update(std::string_view bytes) {
  md5_.Update(bytes);
  if (checksum_) checksum_->Update(bytes);
  if (other_) other_->Update(bytes);
}

Digests Digesting::Finish(std::string_view sha256) {
  return {.md5 = md5_.Finish(),
          .checksum = checksum_ ? checksum_->Finish() : std::string(sha256),
          .other = other_ ? other_->Finish() : std::string(is_other_sha256_ ? sha256 : "")};
}

}  // namespace firmsign::s3
