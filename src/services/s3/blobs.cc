// SPDX-License-Identifier: Apache-2.0

#include "services/s3/blobs.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/encoding.h"

namespace firmsign::s3 {
namespace {

constexpr std::size_t kIdCharacters = 32;

bool IsBlobId(std::string_view text) {
  return text.size() == kIdCharacters && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string MakeBlobId(Random& random, Instant now) {
  unsigned char bytes[16];
  random.Fill(bytes);
  const auto micros = static_cast<std::uint64_t>(std::max<std::int64_t>(now.micros, 0));
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<unsigned char>(micros >> (56 - 8 * i));
  return EncodeHex(std::string_view(reinterpret_cast<const char*>(bytes), sizeof(bytes)));
}

}  // namespace

StagedBlob::StagedBlob(StagedBlob&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)),
      id_(std::move(other.id_)),
      size_(other.size_),
      in_file_(other.in_file_),
      data_(std::move(other.data_)) {}

StagedBlob::~StagedBlob() {
  // A file that cannot be removed now has no row, so the sweeper finds it.
  if (owner_ != nullptr && in_file_) static_cast<void>(files::RemoveFile(owner_->FinalPath(id_)));
}

BlobWriter::~BlobWriter() {
  if (file_) static_cast<void>(files::RemoveFile(file_->path()));
}

Expected<void> BlobWriter::MoveToFile() {
  ASSIGN_OR_RETURN(file_, files::CreateFile(blobs_.TemporaryPath(id_)));
  if (!memory_.empty()) RETURN_IF_ERROR(file_->Append(memory_));
  memory_ = std::string();
  return {};
}

Expected<void> BlobWriter::Append(std::string_view bytes) {
  const bool fits = memory_.size() + bytes.size() <= blobs_.options_.inline_bytes_max;
  if (!file_ && (starts_in_file_ || !fits)) RETURN_IF_ERROR(MoveToFile());
  size_ += bytes.size();
  if (file_) return file_->Append(bytes);
  memory_.append(bytes);
  return {};
}

Expected<StagedBlob> BlobWriter::Finish() {
  if (!file_ && starts_in_file_) RETURN_IF_ERROR(MoveToFile());
  StagedBlob staged(&blobs_, id_);
  staged.size_ = size_;
  if (!file_) {
    staged.data_ = std::move(memory_);
    return staged;
  }
  RETURN_IF_ERROR(file_->Sync());
  const std::string path = blobs_.FinalPath(id_);
  RETURN_IF_ERROR(blobs_.EnsureFolder(id_));
  RETURN_IF_ERROR(files::RenameDurably(file_->path(), path));
  file_.reset();
  staged.in_file_ = true;
  return staged;
}

Expected<std::unique_ptr<Blobs>> Blobs::Open(BlobOptions options, Random& random) {
  const std::string temporary = options.folder + "/tmp";
  RETURN_IF_ERROR(files::MakeFolders(temporary));
  ASSIGN_OR_RETURN(const auto left_over, files::ListFolder(temporary));
  for (const files::Entry& entry : left_over) {
    if (!entry.is_folder) RETURN_IF_ERROR(files::RemoveFile(temporary + "/" + entry.name));
  }
  return std::unique_ptr<Blobs>(new Blobs(std::move(options), random));
}

std::string Blobs::TemporaryPath(std::string_view id) const { return options_.folder + "/tmp/" + std::string(id); }

std::string Blobs::FinalPath(std::string_view id) const {
  CHECK(IsBlobId(id));
  return options_.folder + "/" + std::string(id.substr(kIdCharacters - 2)) + "/" + std::string(id);
}

Expected<void> Blobs::EnsureFolder(std::string_view id) const {
  const std::string_view digits = id.substr(kIdCharacters - 2);
  std::atomic<bool>& is_durable = is_folder_durable_[static_cast<unsigned char>(DecodeHex(digits).value()[0])];
  if (is_durable.load(std::memory_order_acquire)) return {};
  // That it is there says little: another thread may have made it and not yet synced the folder around it.
  RETURN_IF_ERROR(files::MakeFolders(options_.folder + "/" + std::string(digits)));
  RETURN_IF_ERROR(files::SyncFolder(options_.folder));
  is_durable.store(true, std::memory_order_release);
  return {};
}

std::unique_ptr<BlobWriter> Blobs::Stage(std::uint64_t bytes_expected, Placement placement, Instant now) const {
  const bool starts_in_file = placement == Placement::kAlwaysFile || bytes_expected > options_.inline_bytes_max;
  return std::make_unique<BlobWriter>(*this, MakeBlobId(random_, now), starts_in_file);
}

Expected<std::shared_ptr<const files::File>> Blobs::OpenFile(std::string_view id, std::uint64_t size) const {
  if (!IsBlobId(id)) return Fail(Code::kCorrupt, "a blob's id is not one of ours");
  ASSIGN_OR_RETURN(auto file, files::OpenForReading(FinalPath(id)));
  ASSIGN_OR_RETURN(const std::uint64_t actual, file->Size());
  if (actual != size)
    return Fail(Code::kCorrupt, "stored object has another length than its row says: " + file->path());
  return file;
}

void Blobs::Remove(const std::vector<std::string>& ids) const {
  for (const std::string& id : ids) static_cast<void>(files::RemoveFile(FinalPath(id)));
}

Expected<std::int64_t> Blobs::Sweep(Instant older_than,
                                    const std::function<Expected<bool>(const std::string&)>& is_known) const {
  std::int64_t removed = 0;
  ASSIGN_OR_RETURN(const auto folders, files::ListFolder(options_.folder));
  for (const files::Entry& folder : folders) {
    if (!folder.is_folder || folder.name.size() != 2) continue;
    ASSIGN_OR_RETURN(const auto entries, files::ListFolder(options_.folder + "/" + folder.name));
    for (const files::Entry& entry : entries) {
      if (entry.is_folder || !IsBlobId(entry.name) || entry.modified_seconds >= Seconds(older_than)) continue;
      ASSIGN_OR_RETURN(const bool known, is_known(entry.name));
      if (known) continue;
      RETURN_IF_ERROR(files::RemoveFile(options_.folder + "/" + folder.name + "/" + entry.name));
      ++removed;
    }
  }
  return removed;
}

}  // namespace firmsign::s3
