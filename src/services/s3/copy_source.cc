// SPDX-License-Identifier: Apache-2.0

#include "services/s3/copy_source.h"

#include <algorithm>
#include <memory>

#include "base/encoding.h"
#include "platform/crypto/digest.h"

namespace firmsign::s3 {
namespace {

constexpr std::size_t kCopyBytes = 256 * 1024;

}  // namespace

std::optional<CopySourceName> ParseCopySource(std::string_view text) {
  CopySourceName source;
  constexpr std::string_view kVersion = "?versionId=";
  if (const std::size_t at = text.rfind(kVersion); at != std::string_view::npos) {
    source.version_id = std::string(text.substr(at + kVersion.size()));
    text = text.substr(0, at);
  }
  const auto decoded = DecodePercent(text);
  if (!decoded) return std::nullopt;
  std::string_view path = *decoded;
  if (path.starts_with('/')) path.remove_prefix(1);
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == path.size()) return std::nullopt;
  source.bucket = std::string(path.substr(0, slash));
  source.key = std::string(path.substr(slash + 1));
  return source;
}

std::optional<ByteRange> ParseCopyRange(std::string_view text, std::uint64_t size) {
  const RangeChoice choice = ChooseRange(text, size);
  if (choice.outcome != RangeOutcome::kPart) return std::nullopt;
  // ChooseRange is lenient as Range headers need it; here the text must say exactly what it chose.
  const std::string exact = "bytes=" + std::to_string(choice.range.first) + "-" +
                            std::to_string(choice.range.first + choice.range.length - 1);
  if (text != exact) return std::nullopt;
  return choice.range;
}

Expected<Received> CopyBytes(Service& service, const http::Body& body, ChecksumKind kind, Placement placement) {
  const auto writer = service.blobs.Stage(http::BodyLength(body), placement, service.clock.Now());
  Digesting digesting(kind);
  crypto::Digest sha256(crypto::Hash::kSha256);
  const auto take = [&](std::string_view bytes) {
    digesting.Update(bytes);
    sha256.Update(bytes);
    return writer->Append(bytes);
  };
  if (const auto* bytes = std::get_if<std::string>(&body)) {
    RETURN_IF_ERROR(take(*bytes));
  } else {
    const auto buffer = std::make_unique_for_overwrite<char[]>(kCopyBytes);
    for (const http::FileRange& piece : std::get<std::vector<http::FileRange>>(body)) {
      for (std::uint64_t done = 0; done < piece.length;) {
        const std::size_t wanted = std::min<std::uint64_t>(kCopyBytes, piece.length - done);
        ASSIGN_OR_RETURN(const std::size_t count, piece.file->ReadAt(piece.offset + done, {buffer.get(), wanted}));
        if (count == 0) return Fail(Code::kCorrupt, "a stored object became shorter: " + piece.file->path());
        RETURN_IF_ERROR(take({buffer.get(), count}));
        done += count;
      }
    }
  }
  ASSIGN_OR_RETURN(StagedBlob blob, writer->Finish());
  std::string digest = sha256.Finish();
  Digests digests = digesting.Finish(digest);
  return Received{.blob = std::move(blob),
                  .md5 = std::move(digests.md5),
                  .sha256 = std::move(digest),
                  .checksum = {.kind = kind, .value = std::move(digests.checksum)}};
}

}  // namespace firmsign::s3
