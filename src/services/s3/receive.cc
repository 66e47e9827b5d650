// SPDX-License-Identifier: Apache-2.0

#include "services/s3/receive.h"

#include <algorithm>
#include <array>
#include <memory>

namespace firmsign::s3 {
namespace {

constexpr std::size_t kChunkBytes = 256 * 1024;
// Bodies of at least so much are worth a second thread.
constexpr std::uint64_t kBackgroundBytesMin = 1 << 20;

}  // namespace

Expected<Received> ReceiveBytes(Service& service, gateway::Payload& payload, Placement placement, ChecksumKind kind,
                                std::optional<ChecksumKind> other, bool* is_too_large) {
  const std::uint64_t declared = payload.declared_bytes().value_or(0);
  // A little object needs a little buffer; one byte more lets a body that is too long be noticed early.
  const std::size_t buffer_bytes =
      payload.declared_bytes() ? std::clamp<std::uint64_t>(declared + 1, 512, kChunkBytes) : kChunkBytes;
  const bool is_large = payload.declared_bytes().value_or(kBackgroundBytesMin) >= kBackgroundBytesMin;
  // While one buffer is filled, the other one is still being hashed.
  std::array<std::unique_ptr<char[]>, 2> buffers;
  for (auto& one : buffers) {
    if (is_large || !buffers[0]) one = std::make_unique_for_overwrite<char[]>(buffer_bytes);
  }
  const std::unique_ptr<BlobWriter> writer = service.blobs.Stage(declared, placement, service.clock.Now());
  Digesting digesting(kind, other, is_large ? Md5::kInBackground : Md5::kHere);
  std::uint64_t total = 0;
  const std::uint64_t bytes_max = PutBytesMax(service.blobs);
  for (std::size_t turn = 0; true; ++turn) {
    char* const buffer = buffers[is_large ? turn % 2 : 0].get();
    ASSIGN_OR_RETURN(const std::size_t count, payload.Read({buffer, buffer_bytes}));
    if (count == 0) break;
    total += count;
    if (total > bytes_max) {
      *is_too_large = true;
      return Fail(Code::kExhausted, "the body is larger than one request may send");
    }
    const std::string_view bytes(buffer, count);
    digesting.Update(bytes);
    RETURN_IF_ERROR(writer->Append(bytes));
  }
  ASSIGN_OR_RETURN(StagedBlob blob, writer->Finish());
  Digests digests = digesting.Finish(payload.sha256());
  Received received{.blob = std::move(blob),
                    .md5 = std::move(digests.md5),
                    .sha256 = payload.sha256(),
                    .checksum = {.kind = kind, .value = std::move(digests.checksum)}};
  if (other) received.other = {.kind = *other, .value = std::move(digests.other)};
  return received;
}

Expected<std::string> ChecksumOfStaged(Service& service, const Received& received, ChecksumKind kind) {
  Digesting digesting(kind);
  if (!received.blob.in_file()) {
    std::string data = received.blob.data();
    RETURN_IF_ERROR(service.blobs.Decrypt(received.blob.id(), data));
    digesting.Update(data);
    return digesting.Finish(received.sha256).checksum;
  }
  if (kind == ChecksumKind::kSha256) return received.sha256;
  ASSIGN_OR_RETURN(const auto file, service.blobs.OpenFile(received.blob.id(), received.blob.size()));
  const auto buffer = std::make_unique_for_overwrite<char[]>(kChunkBytes);
  std::uint64_t offset = 0;
  while (true) {
    ASSIGN_OR_RETURN(const std::size_t count, file->ReadAt(offset, {buffer.get(), kChunkBytes}));
    if (count == 0) break;
    digesting.Update({buffer.get(), count});
    offset += count;
  }
  return digesting.Finish(received.sha256).checksum;
}

}  // namespace firmsign::s3
