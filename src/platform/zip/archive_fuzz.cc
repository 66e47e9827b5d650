// SPDX-License-Identifier: Apache-2.0
//
// Whatever is read as an archive is its entries' bytes and its tail, however short the reads are; and with an entry
// appended it is read again, with the same bytes and that entry in it.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "base/check.h"
#include "platform/zip/archive.h"

namespace firmsign::zip {
namespace {

constexpr Limits kLimits{.entries_max = 1000, .directory_bytes_max = 1 << 20, .body_bytes_max = 8 << 20};

Source SourceOf(std::string_view bytes, std::size_t piece_max) {
  return {.size = bytes.size(), .read_at = [bytes, piece_max](std::uint64_t offset, std::span<char> out) {
            const std::size_t at = std::min<std::size_t>(offset, bytes.size());
            const std::size_t count = std::min({out.size(), bytes.size() - at, piece_max});
            std::memcpy(out.data(), bytes.data() + at, count);
            return Expected<std::size_t>(count);
          }};
}

Sink AppendTo(std::string& out) {
  return [&out](std::string_view piece) -> Expected<void> {
    out += piece;
    return {};
  };
}

// Names and bodies one after the other.
std::string ContentOf(std::string_view bytes, std::size_t piece_max) {
  const auto archive = Archive::Open(SourceOf(bytes, piece_max), kLimits);
  CHECK(archive.has_value());
  std::string content;
  std::string raw;
  CHECK(archive->Read({.entry = AppendTo(content), .body = AppendTo(content), .raw = AppendTo(raw)}));
  CHECK(raw.append(archive->tail()) == bytes);
  return content;
}

void CheckArchive(std::string_view bytes) {
  const auto archive = Archive::Open(SourceOf(bytes, bytes.size()), kLimits);
  if (!archive || !archive->Read({}) || archive->Contains("new")) return;
  const std::string content = ContentOf(bytes, bytes.size());
  CHECK(ContentOf(bytes, 5) == content);
  std::string out(bytes.substr(0, bytes.size() - archive->tail().size()));
  const std::vector<NewEntry> entries = {{.name = "new", .body = "text"}};
  CHECK(archive->WriteTailWith(entries, InstantFromSeconds(1'790'000'000), AppendTo(out)));
  CHECK(ContentOf(out, out.size()) == content + "newtext");
}

}  // namespace
}  // namespace firmsign::zip

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size <= 1 << 20) firmsign::zip::CheckArchive(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
