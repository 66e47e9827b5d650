// SPDX-License-Identifier: Apache-2.0

#include "engine/signing/payload.h"

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

namespace firmsign::signing {
namespace {

constexpr std::size_t kPieceBytes = 256 * 1024;

}  // namespace

Expected<void> ForEachPiece(Image& image, const Sink& use) {
  const std::uint64_t size = image.size();
  // One byte more than the image has, so that a longer one is noticed without a second read.
  std::vector<char> buffer(static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, size + 1)));
  std::uint64_t offset = 0;
  while (true) {
    ASSIGN_OR_RETURN(const std::size_t count, image.ReadAt(offset, buffer));
    if (count == 0) break;
    offset += count;
    if (offset > size) return Fail(Code::kCorrupt, "the image is longer than its recorded size");
    RETURN_IF_ERROR(use(std::string_view(buffer.data(), count)));
  }
  if (offset != size) return Fail(Code::kCorrupt, "the image is shorter than its recorded size");
  return {};
}

Expected<ImageDigests> DigestImage(Image& image, crypto::Hash hash, Layout layout) {
  ImageDigests digests;
  crypto::Digest sha256(crypto::Hash::kSha256);
  if (layout == Layout::kSha1Prefix) {
    // What is signed begins with the digest of what follows, so the image is read twice; it is small (16 MiB).
    crypto::Digest sha1(crypto::Hash::kSha1);
    RETURN_IF_ERROR(ForEachPiece(image, [&](std::string_view piece) -> Expected<void> {
      sha1.Update(piece);
      sha256.Update(piece);
      return {};
    }));
    digests.sha1 = sha1.Finish();
    digests.sha256 = sha256.Finish();
    crypto::Digest whole(hash);
    crypto::Digest again(crypto::Hash::kSha1);
    whole.Update(digests.sha1);
    RETURN_IF_ERROR(ForEachPiece(image, [&](std::string_view piece) -> Expected<void> {
      whole.Update(piece);
      again.Update(piece);
      return {};
    }));
    if (again.Finish() != digests.sha1) return Fail(Code::kCorrupt, "the image changed while it was read");
    digests.signed_digest = whole.Finish();
    return digests;
  }

  std::optional<crypto::Digest> other;
  if (hash != crypto::Hash::kSha256) other.emplace(hash);
  RETURN_IF_ERROR(ForEachPiece(image, [&](std::string_view piece) -> Expected<void> {
    sha256.Update(piece);
    if (other) other->Update(piece);
    return {};
  }));
  digests.sha256 = sha256.Finish();
  digests.signed_digest = other ? other->Finish() : digests.sha256;
  return digests;
}

}  // namespace firmsign::signing
