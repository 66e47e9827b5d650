// SPDX-License-Identifier: Apache-2.0

#include "apps/server/transfer_objects.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "platform/crypto/digest.h"
#include "platform/crypto/seal.h"
#include "services/s3/blobs.h"

namespace firmsign::server::transfer {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 20;
constexpr std::size_t kIdFileBytesMax = 64;

ObjectsFolder::ReadBytes BytesOf(const files::File& file) {
  return [&file](std::uint64_t offset, std::span<char> out) { return file.ReadAt(offset, out); };
}

ObjectsFolder::ReadBytes BytesOf(std::string_view data) {
  return [data](std::uint64_t offset, std::span<char> out) -> Expected<std::size_t> {
    const std::string_view rest = data.substr(std::min<std::uint64_t>(offset, data.size()));
    return rest.copy(out.data(), out.size());
  };
}

// Goes through `size` bytes; kCorrupt when there are fewer.
Expected<void> ForEachPiece(std::uint64_t size, const std::string& what, const ObjectsFolder::ReadBytes& read,
                            const std::function<Expected<void>(std::string_view)>& on_piece) {
  std::vector<char> buffer(std::min<std::uint64_t>(kBufferBytes, std::max<std::uint64_t>(size, 1)));
  for (std::uint64_t offset = 0; offset < size;) {
    const std::size_t wanted = std::min<std::uint64_t>(buffer.size(), size - offset);
    ASSIGN_OR_RETURN(const std::size_t count, read(offset, std::span(buffer.data(), wanted)));
    if (count == 0) return Fail(Code::kCorrupt, fmt::format("{} ends after {} of {} bytes", what, offset, size));
    RETURN_IF_ERROR(on_piece({buffer.data(), count}));
    offset += count;
  }
  return {};
}

// The error of a source's file that is missing or of another length.
Error LostFile(const ObjectsFolder& folder, const Blob& blob, const Error& error) {
  return {
      .code = error.code == Code::kNotFound ? Code::kCorrupt : error.code,
      .message = fmt::format("the source is damaged: the database has a stored object {} of {} bytes, but in {}: {}. "
                             "Delete the object that it belongs to, or put the file back, and copy again.",
                             blob.id, blob.size, folder.path(), error.message)};
}

Expected<std::string> ReadFile(const ObjectsFolder& folder, const Blob& blob) {
  auto file = folder.Open(blob.id, blob.size);
  if (!file) return std::unexpected(LostFile(folder, blob, file.error()));
  std::string data;
  data.reserve(blob.size);
  RETURN_IF_ERROR(
      ForEachPiece(blob.size, (*file)->path(), BytesOf(**file), [&](std::string_view piece) -> Expected<void> {
        data += piece;
        return {};
      }));
  return data;
}

void Count(const BlobOptions& options, std::size_t bytes) {
  if (options.on_bytes) options.on_bytes(bytes);
}

// Where the blob lies in the target.
bool GoesToFile(const Blob& blob, const BlobOptions& options) {
  return options.to != nullptr && (blob.in_file || blob.size > options.inline_bytes_max);
}

// Makes a batch what the target's rows will say, and writes the files of what was in rows.
Expected<void> PlaceBatch(std::vector<Blob>& batch, const BlobOptions& options) {
  for (Blob& blob : batch) {
    const bool goes_to_file = GoesToFile(blob, options);
    if (goes_to_file && !blob.in_file) {
      RETURN_IF_ERROR(options.to->Write(blob.id, blob.size, BytesOf(blob.data), options.on_bytes));
      blob.data = std::string();
    } else if (!goes_to_file && blob.in_file) {
      ASSIGN_OR_RETURN(blob.data, ReadFile(*options.from, blob));
    }
    if (!goes_to_file) Count(options, blob.size);
    blob.in_file = goes_to_file;
  }
  return {};
}

std::unexpected<Error> Differs(const Blob& blob, std::string_view how) {
  return Fail(Code::kCorrupt, fmt::format("the copy is not what was copied: the stored object {} {}", blob.id, how));
}

Expected<void> CompareBlob(const Blob& here, const Blob& there, const BlobOptions& options) {
  if (here.id != there.id) return Differs(std::min(here.id, there.id) == here.id ? here : there, "is at one end only");
  if (here.size != there.size) return Differs(here, "has another size");
  if (there.in_file != GoesToFile(here, options)) return Differs(here, "lies in another place");
  if (there.in_file) {
    const auto file = options.to->Open(there.id, there.size);
    if (!file) return Differs(here, file.error().message);
    if (here.in_file) return {};
    std::uint64_t at = 0;
    return ForEachPiece(there.size, (*file)->path(), BytesOf(**file), [&](std::string_view piece) -> Expected<void> {
      if (here.data.compare(at, piece.size(), piece) != 0) return Differs(here, "has other bytes");
      at += piece.size();
      return {};
    });
  }
  if (!here.in_file) return here.data == there.data ? Expected<void>() : Differs(here, "has other bytes");
  ASSIGN_OR_RETURN(const std::string data, ReadFile(*options.from, here));
  if (data != there.data) return Differs(here, "has other bytes");
  return {};
}

}  // namespace

std::string ObjectsFolder::PathOf(std::string_view id) const {
  return fmt::format("{}/{}/{}", path_, id.substr(id.size() - 2), id);
}

Expected<std::string> ObjectsFolder::Id() const {
  auto text = files::ReadWholeFile(path_ + "/id", kIdFileBytesMax);
  if (!text && text.error().code == Code::kNotFound) return std::string();
  if (!text) return text;
  while (text->ends_with('\n')) text->pop_back();
  return text;
}

Expected<std::string> ObjectsFolder::Make() {
  ASSIGN_OR_RETURN(const auto blobs, s3::Blobs::Open({.folder = path_}, crypto::SystemRandom()));
  return blobs->folder_id();
}

Expected<std::shared_ptr<const files::File>> ObjectsFolder::Open(const std::string& id, std::uint64_t size) const {
  ASSIGN_OR_RETURN(auto file, files::OpenForReading(PathOf(id)));
  ASSIGN_OR_RETURN(const std::uint64_t actual, file->Size());
  if (actual != size) {
    return Fail(Code::kCorrupt, fmt::format("{} has {} bytes and should have {}", file->path(), actual, size));
  }
  return file;
}

Expected<void> ObjectsFolder::Write(const std::string& id, std::uint64_t size, const ReadBytes& read,
                                    const std::function<void(std::size_t)>& on_bytes) const {
  const std::string temporary = path_ + "/tmp/" + id;
  RETURN_IF_ERROR(files::RemoveFile(temporary));
  ASSIGN_OR_RETURN(const std::unique_ptr<files::File> file, files::CreateFile(temporary));
  crypto::Digest digest(crypto::Hash::kSha256);
  RETURN_IF_ERROR(ForEachPiece(size, "the stored object " + id, read, [&](std::string_view piece) -> Expected<void> {
    digest.Update(piece);
    RETURN_IF_ERROR(file->Append(piece));
    if (on_bytes) on_bytes(piece.size());
    return {};
  }));
  RETURN_IF_ERROR(file->Sync());
  // So that what is read back comes from the disk. Only advice: where it is not followed, memory is compared.
  static_cast<void>(::posix_fadvise(file->descriptor(), 0, 0, POSIX_FADV_DONTNEED));
  ASSIGN_OR_RETURN(const std::shared_ptr<const files::File> written, files::OpenForReading(temporary));
  crypto::Digest read_back(crypto::Hash::kSha256);
  RETURN_IF_ERROR(ForEachPiece(size, temporary, BytesOf(*written), [&](std::string_view piece) -> Expected<void> {
    read_back.Update(piece);
    return {};
  }));
  if (digest.Finish() != read_back.Finish()) {
    return Fail(Code::kCorrupt, fmt::format("the copy is not what was copied: {} reads other bytes than were written. "
                                            "Look at the disk, remove the copy and try again.",
                                            temporary));
  }
  const std::string path = PathOf(id);
  RETURN_IF_ERROR(files::MakeFolders(path.substr(0, path.rfind('/'))));
  RETURN_IF_ERROR(files::SyncFolder(path_));
  return files::RenameDurably(temporary, path);
}

Expected<void> ObjectsFolder::RemoveOthers(const std::function<Expected<bool>(const std::string& id)>& is_known) const {
  ASSIGN_OR_RETURN(const std::vector<files::Entry> folders, files::ListFolder(path_));
  for (const files::Entry& folder : folders) {
    if (!folder.is_folder || folder.name.size() != 2) continue;
    ASSIGN_OR_RETURN(const std::vector<files::Entry> entries, files::ListFolder(path_ + "/" + folder.name));
    for (const files::Entry& entry : entries) {
      ASSIGN_OR_RETURN(const bool known, is_known(entry.name));
      if (!known) RETURN_IF_ERROR(files::RemoveFile(path_ + "/" + folder.name + "/" + entry.name));
    }
  }
  return {};
}

Expected<std::set<std::string>> CopyFiles(db::Reader& source, const BlobOptions& options,
                                          const std::set<std::string>& gone_before) {
  std::set<std::string> gone;
  if (options.from == nullptr || options.to == nullptr) return gone;
  BlobReader reader(source, /*reads_data=*/false);
  for (;;) {
    ASSIGN_OR_RETURN(const std::vector<Blob> batch, reader.Next());
    if (batch.empty()) return gone;
    // All are opened before the first is copied: what is open can be read although it is deleted meanwhile.
    std::vector<std::pair<const Blob*, std::shared_ptr<const files::File>>> open;
    for (const Blob& blob : batch) {
      if (!blob.in_file || options.to->Has(blob.id)) continue;
      auto file = options.from->Open(blob.id, blob.size);
      if (file) {
        open.emplace_back(&blob, *std::move(file));
      } else if (file.error().code == Code::kNotFound && !gone_before.contains(blob.id)) {
        gone.insert(blob.id);
      } else {
        return std::unexpected(LostFile(*options.from, blob, file.error()));
      }
    }
    for (const auto& [blob, file] : open) {
      RETURN_IF_ERROR(options.to->Write(blob->id, blob->size, BytesOf(*file), options.on_bytes));
    }
  }
}

Expected<std::int64_t> CopyBlobs(db::Reader& source, db::Database& target, const BlobOptions& options) {
  BlobReader reader(source);
  for (std::int64_t copied = 0;;) {
    ASSIGN_OR_RETURN(std::vector<Blob> batch, reader.Next());
    if (batch.empty()) return copied;
    // What comes from files has no bound in sum, only each by itself.
    for (std::size_t first = 0; first < batch.size();) {
      std::size_t end = first;
      for (std::size_t bytes = 0; end < batch.size() && (end == first || bytes + batch[end].size <= kBlobBatchBytes);
           ++end) {
        bytes += batch[end].size;
      }
      std::vector<Blob> part(std::make_move_iterator(batch.begin() + static_cast<std::ptrdiff_t>(first)),
                             std::make_move_iterator(batch.begin() + static_cast<std::ptrdiff_t>(end)));
      RETURN_IF_ERROR(PlaceBatch(part, options));
      RETURN_IF_ERROR(InsertBlobs(target, part));
      copied += static_cast<std::int64_t>(part.size());
      first = end;
    }
  }
}

Expected<BlobCount> CompareBlobs(db::Reader& source, db::Reader& target, const BlobOptions& options) {
  BlobReader ours(source);
  BlobReader theirs(target);
  std::vector<Blob> here;
  std::vector<Blob> there;
  BlobCount same;
  for (std::size_t i = 0, j = 0;; ++i, ++j) {
    if (i == here.size()) {
      ASSIGN_OR_RETURN(here, ours.Next());
      i = 0;
    }
    if (j == there.size()) {
      ASSIGN_OR_RETURN(there, theirs.Next());
      j = 0;
    }
    if (here.empty() && there.empty()) return same;
    if (here.empty() || there.empty()) {
      return Differs(here.empty() ? there[j] : here[i], "is at one end only");
    }
    RETURN_IF_ERROR(CompareBlob(here[i], there[j], options));
    ++same.blobs;
    same.bytes += here[i].size;
  }
}

Expected<void> RemoveDeletedFiles(db::Database& target, const ObjectsFolder& folder) {
  return folder.RemoveOthers([&](const std::string& id) -> Expected<bool> {
    bool known = false;
    RETURN_IF_ERROR(target.Read([&](db::Reader& reader) -> Expected<void> {
      ASSIGN_OR_RETURN(known, IsFile(reader, id));
      return {};
    }));
    return known;
  });
}

}  // namespace firmsign::server::transfer
