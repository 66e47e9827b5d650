// SPDX-License-Identifier: Apache-2.0

#include "services/s3/digesting.h"

namespace firmsign::s3 {

Digesting::Digesting(ChecksumKind algorithm) : md5_(crypto::Hash::kMd5) {
  if (algorithm != ChecksumKind::kSha256) checksum_.emplace(algorithm);
}

void Digesting::Update(std::string_view bytes) {
  md5_.Update(bytes);
  if (checksum_) checksum_->Update(bytes);
}

Digests Digesting::Finish(std::string_view sha256) {
  return {.md5 = md5_.Finish(), .checksum = checksum_ ? checksum_->Finish() : std::string(sha256)};
}

}  // namespace firmsign::s3
