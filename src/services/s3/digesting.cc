// SPDX-License-Identifier: Apache-2.0

#include "services/s3/digesting.h"

namespace firmsign::s3 {

Digesting::Digesting(ChecksumKind kind, std::optional<ChecksumKind> other, Md5 md5)
    : md5_(crypto::Digest(crypto::Hash::kMd5)), is_other_sha256_(other == ChecksumKind::kSha256) {
  if (md5 == Md5::kInBackground) md5_ = std::make_unique<crypto::BackgroundDigest>(crypto::Hash::kMd5);
  if (kind != ChecksumKind::kSha256) checksum_.emplace(kind);
  if (other && !is_other_sha256_) other_.emplace(*other);
}

void Digesting::Update(std::string_view bytes) {
  if (auto* background = std::get_if<std::unique_ptr<crypto::BackgroundDigest>>(&md5_)) {
    (*background)->Update(bytes);
  } else {
    std::get<crypto::Digest>(md5_).Update(bytes);
  }
  if (checksum_) checksum_->Update(bytes);
  if (other_) other_->Update(bytes);
}

Digests Digesting::Finish(std::string_view sha256) {
  const auto* background = std::get_if<std::unique_ptr<crypto::BackgroundDigest>>(&md5_);
  return {.md5 = background != nullptr ? (*background)->Finish() : std::get<crypto::Digest>(md5_).Finish(),
          .checksum = checksum_ ? checksum_->Finish() : std::string(sha256),
          .other = other_ ? other_->Finish() : std::string(is_other_sha256_ ? sha256 : "")};
}

}  // namespace firmsign::s3
