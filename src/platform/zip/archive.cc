// SPDX-License-Identifier: Apache-2.0
//
// An archive is entries (local header, name, extra field, body, perhaps a data descriptor), the directory (one record
// for each entry), and the end record with the archive's comment (APPNOTE 6.3.9 §4.3). Some readers follow the
// directory, others the local headers from the front; an archive on which they differ would be signed as one thing and
// used as another. So these are refused:
//
//   bytes that belong to no entry: before the first, between two, before the directory, after the end record
//   entries that overlap or lie in another order than the directory's
//   a local header that differs from its record in flags, method, name, CRC or lengths
//   a name that is empty, no UTF-8, has a NUL, comes twice, or has another Unicode name (extra field 0x7075)
//   extra fields of which one is cut off, or of which two state a name or two state lengths
//   a stored body whose length follows it, and which holds the magic number of what follows
//   an end record inside the comment, several disks, zip64 records (no archive below 4 GiB needs them; a zip64 extra
//   field in a local header, as streaming writers put it, is understood) encryption, methods beside stored and
//   deflated, a deflated body that ends before or after its length more than the limits

#include "platform/zip/archive.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/encoding.h"
#include "platform/zip/inflate.h"
#include "platform/zip/layout.h"

namespace firmsign::zip {
namespace {

constexpr std::size_t kPieceBytes = 64 * 1024;

// A record of the directory. The name lies in State::tail.
struct Record {
  std::string_view name;
  Header header;
  std::uint32_t offset = 0;
};

std::unexpected<Error> Refuse(std::string_view what) {
  return Fail(Code::kInvalid, fmt::format("the zip archive is refused: {}", what));
}

// A name as a message shows it: UTF-8, and not longer than a line or two.
std::string_view Shown(std::string_view name) {
  constexpr std::size_t kShownBytesMax = 200;
  std::string_view shown = name.substr(0, std::min(name.find('\0'), kShownBytesMax));
  while (shown.size() < name.size() && !shown.empty() && !IsUtf8(shown)) shown.remove_suffix(1);
  return IsUtf8(shown) ? shown : "?";
}

std::unexpected<Error> Damaged(std::string_view name, std::string_view what) {
  return Fail(Code::kInvalid,
              fmt::format("the zip archive is damaged, make it again: {} in entry \"{}\"", what, Shown(name)));
}

Expected<void> ReadExactly(const Source& source, std::uint64_t offset, std::span<char> out) {
  while (!out.empty()) {
    ASSIGN_OR_RETURN(const std::size_t count, source.read_at(offset, out));
    if (count == 0) return Fail(Code::kCorrupt, "the image is shorter than its recorded size");
    CHECK(count <= out.size());
    offset += count;
    out = out.subspan(count);
  }
  return {};
}

// The extra field `id` among those of a header; nullopt when it is absent. Bytes that are no field end the search, as
// other readers do it.
std::optional<std::string_view> FindExtra(std::string_view extras, std::uint16_t id) {
  while (extras.size() >= 4) {
    const std::uint16_t length = U16(extras, 2);
    if (length > extras.size() - 4) return std::nullopt;
    if (U16(extras, 0) == id) return extras.substr(4, length);
    extras.remove_prefix(4U + length);
  }
  return std::nullopt;
}

// Whether a reader may take the entry for another than `name`: by a Unicode name, which is a version, the CRC of the
// name that it replaces, and a name; or because readers differ on which of two fields counts, or on where the fields
// end.
bool HasOtherName(std::string_view extras, std::string_view name) {
  constexpr std::size_t kNameAt = 5;
  int names = 0;
  int sizes = 0;
  while (extras.size() >= 4) {
    const std::uint16_t id = U16(extras, 0);
    const std::uint16_t length = U16(extras, 2);
    if (length > extras.size() - 4) return true;
    const std::string_view field = extras.substr(4, length);
    names += id == kExtraUnicodePath ? 1 : 0;
    sizes += id == kExtraZip64 ? 1 : 0;
    if (id == kExtraUnicodePath && (field.size() < kNameAt || field.substr(kNameAt) != name)) return true;
    extras.remove_prefix(4U + length);
  }
  return names > 1 || sizes > 1;
}

struct End {
  std::size_t at = 0;             // of the end record, in the bytes that were searched
  std::size_t directory_end = 0;  // the same, or where the zip64 records before it begin
  std::uint64_t directory_bytes = 0;
  std::uint64_t directory_offset = 0;
  std::uint64_t count = 0;
};

// `value`, or the zip64 record's when it stands for that; nullopt when both are given and differ.
std::optional<std::uint64_t> Resolve(std::uint64_t value, std::uint64_t placeholder, std::uint64_t in_zip64) {
  return value == placeholder || value == in_zip64 ? std::optional(in_zip64) : std::nullopt;
}

// Some writers, as Info-ZIP from standard input, put a zip64 record and its locator before the end record although they
// need none. They are understood when they agree with it. `begin` is where `last` lies.
Expected<void> ReadZip64(std::string_view last, std::uint64_t begin, End& end) {
  const std::size_t locator = end.at - kZip64LocatorBytes;
  if (locator < kZip64EndBytes) return Refuse("its end is damaged");
  const std::string_view record = last.substr(locator - kZip64EndBytes, kZip64EndBytes);
  const std::optional<std::uint64_t> count = Resolve(end.count, 0xffff, NumberAt(record, 32, 8));
  const std::optional<std::uint64_t> bytes = Resolve(end.directory_bytes, kInZip64, NumberAt(record, 40, 8));
  const std::optional<std::uint64_t> offset = Resolve(end.directory_offset, kInZip64, NumberAt(record, 48, 8));
  const bool is_here = U32(record, 0) == kZip64EndMagic && NumberAt(record, 4, 8) == kZip64EndBytes - 12 &&
                       NumberAt(last, locator + 8, 8) == begin + locator - kZip64EndBytes;
  if (!is_here || !count || !bytes || !offset || NumberAt(record, 24, 8) != *count) {
    return Refuse("its zip64 records do not agree with its end; make it again without zip64");
  }
  end.directory_end = locator - kZip64EndBytes;
  end.count = *count;
  end.directory_bytes = *bytes;
  end.directory_offset = *offset;
  return {};
}

// `last` are the archive's last bytes, and `begin` where they lie.
Expected<End> FindEnd(std::string_view last, std::uint64_t begin) {
  const std::size_t at = last.rfind("PK\x05\x06");
  if (at == std::string_view::npos || last.size() - at < kEndBytes) {
    return Fail(Code::kInvalid, "the file is no zip archive: give a .zip file");
  }
  const std::string_view end = last.substr(at);
  End found{.at = at,
            .directory_end = at,
            .directory_bytes = U32(end, 12),
            .directory_offset = U32(end, 16),
            .count = U16(end, 10)};
  if (end.size() - kEndBytes != U16(end, 20)) return Refuse("there are bytes after its end, or its end is damaged");
  if (U16(end, 4) != 0 || U16(end, 6) != 0 || U16(end, 8) != found.count) return Refuse("it lies on several disks");
  if (at >= kZip64LocatorBytes && U32(last, at - kZip64LocatorBytes) == kZip64LocatorMagic) {
    RETURN_IF_ERROR(ReadZip64(last, begin, found));
  }
  // No sum below can overflow: nothing is longer than the archive.
  const std::uint64_t directory_end = begin + found.directory_end;
  if (found.directory_bytes > directory_end || found.directory_offset != directory_end - found.directory_bytes) {
    return Refuse("its directory is not where its end says; remove what was put before the archive, or make it again");
  }
  if (found.count == 0) return Fail(Code::kInvalid, "the zip archive is empty: there is nothing to sign in it");
  return found;
}

Expected<void> CheckRecord(const Record& record, std::string_view extras, const Limits& limits) {
  const Header& header = record.header;
  const std::string_view name = record.name;
  if (name.empty() || !IsUtf8(name) || name.find('\0') != std::string_view::npos || HasOtherName(extras, name)) {
    return Refuse(fmt::format(
        "the name of entry \"{}\" is not plain UTF-8 text; make the archive again with such names", Shown(name)));
  }
  if ((header.flags & (kFlagEncrypted | kFlagsRefused)) != 0) {
    return Refuse(fmt::format("entry \"{}\" is encrypted; make the archive again without", Shown(name)));
  }
  if (header.method != kStored && header.method != kDeflated) {
    return Refuse(fmt::format("entry \"{}\" is compressed by method {}; only deflate and none are understood",
                              Shown(name), header.method));
  }
  if (header.packed_bytes == kInZip64 || header.body_bytes == kInZip64 || record.offset == kInZip64) {
    return Refuse(
        fmt::format("entry \"{}\" is in zip64 form, which an archive of this size does not need", Shown(name)));
  }
  if (header.method == kStored && header.packed_bytes != header.body_bytes) return Damaged(name, "a wrong length");
  if (header.body_bytes > limits.body_bytes_max) return Refuse(fmt::format("entry \"{}\" is too large", Shown(name)));
  return {};
}

// A descriptor is CRC and both lengths, of 4 or 8 bytes, with or without a magic number.
bool IsDescriptor(std::string_view bytes, const Header& header) {
  const bool has_magic = bytes.size() % 8 == 0;  // 16 or 24; without it is 12 or 20
  if (has_magic && U32(bytes, 0) != kDescriptorMagic) return false;
  const std::string_view fields = bytes.substr(has_magic ? 4 : 0);
  const std::size_t width = (fields.size() - 4) / 2;
  return U32(fields, 0) == header.crc && NumberAt(fields, 4, width) == header.packed_bytes &&
         NumberAt(fields, 4 + width, width) == header.body_bytes;
}

// Whether bytes that come in pieces hold the magic number of a descriptor, at which a reader from the front would end a
// stored entry whose length it has not been told.
class DescriptorSearch {
 public:
  bool IsIn(std::string_view piece) {
    seam_.append(piece.substr(0, kMagic.size() - 1));
    const bool found = seam_.find(kMagic) != std::string::npos || piece.find(kMagic) != std::string_view::npos;
    seam_.append(piece.substr(std::min(piece.size(), kMagic.size() - 1)));
    if (seam_.size() >= kMagic.size()) seam_.erase(0, seam_.size() - (kMagic.size() - 1));
    return found;
  }

 private:
  static constexpr std::string_view kMagic = "PK\x07\x08";
  std::string seam_;  // the last bytes of what came before
};

std::uint32_t DosTime(Instant at) {
  const std::string text = FormatIso8601(std::clamp(at, InstantFromSeconds(315'532'800),  // 1980-01-01
                                                    InstantFromSeconds(4'354'819'198)));  // 2107-12-31T23:59:58
  const auto number = [&text](std::size_t from, std::size_t count) {
    std::uint32_t value = 0;
    for (const char digit : text.substr(from, count)) value = value * 10 + static_cast<std::uint32_t>(digit - '0');
    return value;
  };
  const std::uint32_t date = (number(0, 4) - 1980) << 9 | number(5, 2) << 5 | number(8, 2);
  const std::uint32_t time = number(11, 2) << 11 | number(14, 2) << 5 | number(17, 2) / 2;
  return date << 16 | time;
}

// From "version needed" to the extra field's length, which local header and record have in common.
void PutHeader(std::string& out, const NewEntry& entry, Instant modified_at) {
  const bool is_ascii = std::ranges::all_of(entry.name, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  Put(out, 20, 2);  // version 2.0: folders
  Put(out, is_ascii ? 0 : kFlagUtf8, 2);
  Put(out, kStored, 2);
  Put(out, DosTime(modified_at), 4);
  Put(out, Crc32(entry.body), 4);
  Put(out, entry.body.size(), 4);
  Put(out, entry.body.size(), 4);
  Put(out, entry.name.size(), 2);
  Put(out, 0, 2);
}

std::string FormatRecord(const NewEntry& entry, Instant modified_at, std::uint64_t offset) {
  constexpr std::uint64_t kFolderAttributes = 040755ULL << 16 | 0x10;
  constexpr std::uint64_t kFileAttributes = 0100644ULL << 16;
  std::string record;
  Put(record, kRecordMagic, 4);
  Put(record, 3 << 8 | 20, 2);  // made on Unix by version 2.0, so that the attributes are understood
  PutHeader(record, entry, modified_at);
  Put(record, 0, 6);  // comment, disk, internal attributes
  Put(record, entry.name.ends_with('/') ? kFolderAttributes : kFileAttributes, 4);
  Put(record, offset, 4);
  return record + entry.name;
}

Expected<void> Call(const Sink& sink, std::string_view bytes) { return sink ? sink(bytes) : Expected<void>(); }

}  // namespace

struct Archive::State {
  Source source;
  Limits limits;
  std::string tail;  // from the directory on
  std::size_t directory_bytes = 0;
  std::size_t end_at = 0;  // of the end record, in the tail
  std::uint64_t directory_offset = 0;
  std::vector<Record> records;
  std::vector<std::string_view> sorted_names;

  Expected<void> ReadTail();
  Expected<void> ParseDirectory(std::size_t count);
  Expected<void> CheckNames();
  Expected<void> ReadEntry(std::size_t index, const Visitor& visitor, Inflater& inflater, std::string& buffer) const;
  Expected<std::uint64_t> ReadLocalHeader(const Record& record, const Visitor& visitor, std::string& buffer) const;
  Expected<void> ReadBody(const Record& record, std::uint64_t offset, const Visitor& visitor, Inflater& inflater,
                          std::string& buffer) const;
  Expected<void> ReadDescriptor(const Record& record, std::uint64_t offset, std::uint64_t end,
                                const Visitor& visitor) const;
};

Expected<void> Archive::State::ReadTail() {
  std::array<char, 1> beyond;
  ASSIGN_OR_RETURN(const std::size_t more, source.read_at(source.size, beyond));
  if (more != 0) return Fail(Code::kCorrupt, "the image is longer than its recorded size");
  const std::uint64_t last_bytes = std::min<std::uint64_t>(source.size, kEndBytes + kCommentBytesMax);
  std::string last(static_cast<std::size_t>(last_bytes), '\0');
  RETURN_IF_ERROR(ReadExactly(source, source.size - last_bytes, last));
  ASSIGN_OR_RETURN(const End end, FindEnd(last, source.size - last_bytes));
  if (end.count > limits.entries_max || end.directory_bytes > limits.directory_bytes_max) {
    return Refuse(fmt::format("it has {} entries, with a directory of {} bytes; at most {} and {} are allowed",
                              end.count, end.directory_bytes, limits.entries_max, limits.directory_bytes_max));
  }
  directory_bytes = static_cast<std::size_t>(end.directory_bytes);
  directory_offset = end.directory_offset;
  tail.resize(directory_bytes);
  RETURN_IF_ERROR(ReadExactly(source, directory_offset, tail));
  tail.append(last, end.directory_end);
  end_at = directory_bytes + (end.at - end.directory_end);
  return ParseDirectory(static_cast<std::size_t>(end.count));
}

Expected<void> Archive::State::ParseDirectory(std::size_t count) {
  const std::string_view directory = std::string_view(tail).substr(0, directory_bytes);
  std::uint64_t body_bytes = 0;
  std::uint64_t next = 0;  // the first offset that the next entry may have
  std::size_t at = 0;
  records.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (directory.size() - at < kRecordBytes || U32(directory, at) != kRecordMagic)
      return Refuse("its directory is damaged");
    const Header header = HeaderAt(directory, at + 6);
    const std::size_t comment_bytes = U16(directory, at + 32);
    if (U16(directory, at + 34) != 0) return Refuse("it lies on several disks");
    const std::uint32_t offset = U32(directory, at + 42);
    at += kRecordBytes;
    const std::size_t variable = std::size_t{header.name_bytes} + header.extra_bytes + comment_bytes;
    if (directory.size() - at < variable) return Refuse("its directory is damaged");
    const Record record{.name = directory.substr(at, header.name_bytes), .header = header, .offset = offset};
    RETURN_IF_ERROR(CheckRecord(record, directory.substr(at + header.name_bytes, header.extra_bytes), limits));
    at += variable;
    if (offset < next || (i == 0 && offset != 0)) {
      return Refuse(
          fmt::format("entry \"{}\" is not where it should begin: entries overlap, are out of order, or "
                      "something lies before them; make the archive again",
                      Shown(record.name)));
    }
    next = std::uint64_t{offset} + kLocalBytes + header.name_bytes + header.packed_bytes;
    body_bytes += header.body_bytes;
    if (next > directory_offset) return Damaged(record.name, "a wrong length");
    if (body_bytes > limits.body_bytes_max) {
      return Refuse(fmt::format("its entries have more than {} bytes when they are inflated", limits.body_bytes_max));
    }
    records.push_back(record);
  }
  if (at != directory.size()) return Refuse("its directory is damaged");
  return CheckNames();
}

Expected<void> Archive::State::CheckNames() {
  sorted_names.reserve(records.size());
  for (const Record& record : records) sorted_names.push_back(record.name);
  std::ranges::sort(sorted_names);
  const auto twice = std::ranges::adjacent_find(sorted_names);
  if (twice == sorted_names.end()) return {};
  return Refuse(fmt::format("the name \"{}\" comes twice in it; make the archive again with one", Shown(*twice)));
}

// The offset of the body.
Expected<std::uint64_t> Archive::State::ReadLocalHeader(const Record& record, const Visitor& visitor,
                                                        std::string& buffer) const {
  buffer.resize(kLocalBytes);
  RETURN_IF_ERROR(ReadExactly(source, record.offset, buffer));
  const Header local = HeaderAt(buffer, 4);
  constexpr std::uint16_t kFlagsThatMatter = kFlagEncrypted | kFlagDescriptor | kFlagUtf8 | kFlagsRefused;
  if (U32(buffer, 0) != kLocalMagic || ((local.flags ^ record.header.flags) & kFlagsThatMatter) != 0 ||
      local.method != record.header.method || local.name_bytes != record.header.name_bytes) {
    return Damaged(record.name, "a header that differs from the directory");
  }
  const std::size_t variable = std::size_t{local.name_bytes} + local.extra_bytes;
  if (record.offset + kLocalBytes + variable > directory_offset) return Damaged(record.name, "a wrong length");
  buffer.resize(kLocalBytes + variable);
  RETURN_IF_ERROR(ReadExactly(source, record.offset + kLocalBytes, std::span(buffer).subspan(kLocalBytes)));
  const std::string_view name = std::string_view(buffer).substr(kLocalBytes, local.name_bytes);
  const std::string_view extras = std::string_view(buffer).substr(kLocalBytes + local.name_bytes);
  if (name != record.name || HasOtherName(extras, name)) return Damaged(record.name, "another name");

  std::uint64_t body_bytes = local.body_bytes;
  std::uint64_t packed_bytes = local.packed_bytes;
  const std::optional<std::string_view> zip64 = FindExtra(extras, kExtraZip64);
  if (zip64 && zip64->size() >= 16 && local.body_bytes == kInZip64 && local.packed_bytes == kInZip64) {
    body_bytes = NumberAt(*zip64, 0, 8);
    packed_bytes = NumberAt(*zip64, 8, 8);
  }
  const Header& stated = record.header;
  const auto is_same = [&stated](std::uint64_t found, std::uint64_t expected) {
    return found == expected || (found == 0 && stated.has_descriptor());
  };
  if (!is_same(local.crc, stated.crc) || !is_same(packed_bytes, stated.packed_bytes) ||
      !is_same(body_bytes, stated.body_bytes)) {
    return Damaged(record.name, "a header that differs from the directory");
  }
  RETURN_IF_ERROR(Call(visitor.raw, buffer));
  return record.offset + buffer.size();
}

Expected<void> Archive::State::ReadBody(const Record& record, std::uint64_t offset, const Visitor& visitor,
                                        Inflater& inflater, std::string& buffer) const {
  const Header& header = record.header;
  std::uint32_t crc = 0;
  std::uint64_t body_bytes = 0;
  Expected<void> visited;  // what the visitor returns is not the archive's fault
  const auto take = [&](std::string_view piece) {
    crc = Crc32(piece, crc);
    body_bytes += piece.size();
    return visited = Call(visitor.body, piece);
  };
  if (header.method == kDeflated) inflater.Reset();
  const bool may_end_early = header.method == kStored && header.has_descriptor();
  DescriptorSearch search;
  for (std::uint64_t rest = header.packed_bytes; rest != 0;) {
    buffer.resize(static_cast<std::size_t>(std::min<std::uint64_t>(rest, kPieceBytes)));
    RETURN_IF_ERROR(ReadExactly(source, offset, buffer));
    RETURN_IF_ERROR(Call(visitor.raw, buffer));
    offset += buffer.size();
    rest -= buffer.size();
    if (may_end_early && search.IsIn(buffer)) {
      return Refuse(
          fmt::format("entry \"{}\" is stored with its length behind it, and holds what may end it before; "
                      "compress it, or make the archive into a file instead of a stream",
                      Shown(record.name)));
    }
    if (header.method == kStored) {
      RETURN_IF_ERROR(take(buffer));
      continue;
    }
    const Expected<void> inflated = inflater.Write(buffer, header.body_bytes, take);
    RETURN_IF_ERROR(visited);
    if (!inflated) return Damaged(record.name, inflated.error().message);
  }
  if (header.method == kDeflated && !inflater.is_finished()) return Damaged(record.name, "a body that is cut off");
  if (body_bytes != header.body_bytes || crc != header.crc)
    return Damaged(record.name, "a body with a wrong CRC or length");
  return {};
}

Expected<void> Archive::State::ReadDescriptor(const Record& record, std::uint64_t offset, std::uint64_t end,
                                              const Visitor& visitor) const {
  constexpr std::array<std::uint64_t, 4> kDescriptorBytes = {12, 16, 20, 24};
  if (offset > end) return Damaged(record.name, "a wrong length");
  const std::uint64_t length = end - offset;
  if (!record.header.has_descriptor()) {
    return length == 0 ? Expected<void>() : Damaged(record.name, "bytes after its end");
  }
  if (std::ranges::find(kDescriptorBytes, length) == kDescriptorBytes.end()) {
    return Damaged(record.name, "bytes after its end");
  }
  std::string descriptor(static_cast<std::size_t>(length), '\0');
  RETURN_IF_ERROR(ReadExactly(source, offset, descriptor));
  if (!IsDescriptor(descriptor, record.header)) return Damaged(record.name, "a wrong data descriptor");
  return Call(visitor.raw, descriptor);
}

Expected<void> Archive::State::ReadEntry(std::size_t index, const Visitor& visitor, Inflater& inflater,
                                         std::string& buffer) const {
  const Record& record = records[index];
  const std::uint64_t end = index + 1 < records.size() ? records[index + 1].offset : directory_offset;
  ASSIGN_OR_RETURN(const std::uint64_t body, ReadLocalHeader(record, visitor, buffer));
  if (body + record.header.packed_bytes > end) return Damaged(record.name, "a wrong length");
  RETURN_IF_ERROR(Call(visitor.entry, record.name));
  RETURN_IF_ERROR(ReadBody(record, body, visitor, inflater, buffer));
  return ReadDescriptor(record, body + record.header.packed_bytes, end, visitor);
}

Archive::Archive(std::unique_ptr<State> state) : state_(std::move(state)) {}
Archive::Archive(Archive&&) noexcept = default;
Archive& Archive::operator=(Archive&&) noexcept = default;
Archive::~Archive() = default;

Expected<Archive> Archive::Open(Source source, const Limits& limits) {
  if (source.size < kEndBytes) return Fail(Code::kInvalid, "the file is no zip archive: give a .zip file");
  if (source.size >= kInZip64) return Refuse("it has 4 GiB or more");
  auto state = std::make_unique<State>(State{.source = std::move(source), .limits = limits});
  RETURN_IF_ERROR(state->ReadTail());
  return Archive(std::move(state));
}

bool Archive::Contains(std::string_view name) const { return std::ranges::binary_search(state_->sorted_names, name); }

Expected<void> Archive::Read(const Visitor& visitor) const {
  Inflater inflater;
  std::string buffer;
  for (std::size_t i = 0; i < state_->records.size(); ++i) {
    RETURN_IF_ERROR(state_->ReadEntry(i, visitor, inflater, buffer));
  }
  return {};
}

std::string_view Archive::tail() const { return state_->tail; }

Expected<void> Archive::WriteTailWith(std::span<const NewEntry> entries, Instant modified_at, const Sink& sink) const {
  const std::string_view tail = state_->tail;
  std::string records;
  std::uint64_t offset = state_->directory_offset;
  for (const NewEntry& entry : entries) {
    CHECK(!entry.name.empty() && entry.name.size() <= 0xffff && !Contains(entry.name));
    std::string local;
    Put(local, kLocalMagic, 4);
    PutHeader(local, entry, modified_at);
    local += entry.name;
    records += FormatRecord(entry, modified_at, offset);
    offset += local.size() + entry.body.size();
    if (offset >= kInZip64) return Fail(Code::kExhausted, "the signed zip archive would have 4 GiB or more");
    RETURN_IF_ERROR(sink(local));
    RETURN_IF_ERROR(sink(entry.body));
  }
  const std::size_t count = state_->records.size() + entries.size();
  if (count >= 0xffff || offset + state_->directory_bytes + records.size() >= kInZip64) {
    return Fail(Code::kExhausted, "the signed zip archive would have too many entries");
  }
  RETURN_IF_ERROR(sink(tail.substr(0, state_->directory_bytes)));
  RETURN_IF_ERROR(sink(records));
  std::string end;
  Put(end, kEndMagic, 4);
  Put(end, 0, 4);
  Put(end, count, 2);
  Put(end, count, 2);
  Put(end, state_->directory_bytes + records.size(), 4);
  Put(end, offset, 4);
  return sink(end.append(tail.substr(state_->end_at + kEndBytes - 2)));  // the comment with its length
}

}  // namespace firmsign::zip
