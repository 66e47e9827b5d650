// SPDX-License-Identifier: Apache-2.0

#include "services/s3/blobs.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/check.h"
#include "base/encoding.h"
#include "platform/crypto/digest.h"
#include "platform/files/large_file.h"

namespace firmsign::s3 {
namespace {

constexpr std::size_t kIdCharacters = 32;
constexpr std::size_t kOwnerBytesMax = 256;

bool IsBlobId(std::string_view text) {
  return text.size() == kIdCharacters && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// kNotFound: the folder has none yet.
Expected<std::string> ReadFolderId(const std::string& path) {
  ASSIGN_OR_RETURN(std::string text, files::ReadWholeFile(path, kIdCharacters + 1));
  if (text.ends_with('\n')) text.pop_back();
  if (!IsBlobId(text)) return Fail(Code::kCorrupt, path + " does not hold 32 hexadecimal digits");
  return text;
}

// A file of this size is written while more is received.
constexpr std::uint64_t kLargeBytes = 1 << 20;

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

BlobWriter::BlobWriter(const Blobs& blobs, std::string id, std::uint64_t bytes_expected, bool starts_in_file)
    : blobs_(blobs), id_(std::move(id)), bytes_expected_(bytes_expected), starts_in_file_(starts_in_file) {
  auto cipher = blobs.CipherOf(id_);
  CHECK(cipher.has_value());
  cipher_ = *std::move(cipher);
  // In one go, so that growing does not hold the bytes twice.
  if (!starts_in_file) memory_.reserve(std::min(bytes_expected, blobs.bytes_max()));
}

BlobWriter::~BlobWriter() {
  if (file_) static_cast<void>(files::RemoveFile(file_->path()));
}

Expected<void> BlobWriter::MoveToFile() {
  const std::string path = blobs_.TemporaryPath(id_);
  ASSIGN_OR_RETURN(file_, bytes_expected_ < kLargeBytes ? files::CreateFile(path) : files::CreateLargeFile(path));
  if (!memory_.empty()) RETURN_IF_ERROR(file_->Append(memory_));
  memory_ = std::string();
  return {};
}

Expected<void> BlobWriter::Append(std::string_view bytes) {
  if (!blobs_.has_folder()) {
    if (bytes.size() > blobs_.bytes_max() - size_) return Fail(Code::kInvalid, blobs_.LimitMessage());
  } else if (!file_) {
    const bool fits = memory_.size() + bytes.size() <= blobs_.options_.inline_bytes_max;
    if (starts_in_file_ || !fits) RETURN_IF_ERROR(MoveToFile());
  }
  if (cipher_) {
    encrypted_.assign(bytes);
    cipher_->Apply(size_, encrypted_);
    bytes = encrypted_;
  }
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
  CHECK(!options.encrypts || !options.key.empty());
  std::unique_ptr<Blobs> blobs(new Blobs(std::move(options), random));
  if (blobs->has_folder()) RETURN_IF_ERROR(blobs->OpenFolder());
  return blobs;
}

Expected<void> Blobs::OpenFolder() {
  const std::string temporary = options_.folder + "/tmp";
  if (options_.owner.empty()) {
    RETURN_IF_ERROR(files::MakeFolders(temporary));
  } else {
    ASSIGN_OR_RETURN(const bool is_ours, CheckOwner());
    RETURN_IF_ERROR(files::MakeFolders(temporary));
    if (!is_ours) {
      RETURN_IF_ERROR(MakeOnce("owner", options_.owner));
      // Another may have been faster.
      RETURN_IF_ERROR(CheckOwner());
    }
  }
  if (!options_.is_shared) {
    ASSIGN_OR_RETURN(const auto left_over, files::ListFolder(temporary));
    for (const files::Entry& entry : left_over) {
      if (!entry.is_folder) RETURN_IF_ERROR(files::RemoveFile(temporary + "/" + entry.name));
    }
  }
  return FindOrMakeFolderId();
}

Expected<bool> Blobs::CheckOwner() const {
  auto found = files::ReadWholeFile(options_.folder + "/owner", kOwnerBytesMax + 1);
  if (!found && found.error().code == Code::kNotFound) return false;
  // A longer text is no owner of ours.
  if (!found && found.error().code != Code::kExhausted) return std::unexpected(std::move(found).error());
  if (!found || *found != options_.owner + "\n") {
    return Fail(Code::kInvalid, options_.folder +
                                    " holds the objects of another deployment. Name an empty folder, or "
                                    "the one of this deployment.");
  }
  return true;
}

Expected<void> Blobs::MakeOnce(const std::string& name, const std::string& text) const {
  // Complete and durable before it has its name, which only one of all that try can give: so nobody ever sees half a
  // text, or another one later.
  unsigned char bytes[kIdCharacters / 2];
  random_.Fill(bytes);
  const std::string draft =
      TemporaryPath(EncodeHex(std::string_view(reinterpret_cast<const char*>(bytes), sizeof(bytes))));
  const std::string path = options_.folder + "/" + name;
  auto made = files::WriteFileAtomically(draft, text + "\n");
  if (made) made = files::LinkDurably(draft, path);
  RETURN_IF_ERROR(files::RemoveFile(draft));
  // Who was faster may also have emptied tmp/, with our draft in it.
  if (!made && !files::Exists(path)) return made;
  return {};
}

Expected<void> Blobs::FindOrMakeFolderId() {
  const std::string path = options_.folder + "/id";
  auto found = ReadFolderId(path);
  if (!found && found.error().code == Code::kNotFound) {
    unsigned char bytes[kIdCharacters / 2];
    random_.Fill(bytes);
    const std::string id = EncodeHex(std::string_view(reinterpret_cast<const char*>(bytes), sizeof(bytes)));
    RETURN_IF_ERROR(MakeOnce("id", id));
    found = ReadFolderId(path);
  }
  if (!found) return std::unexpected(std::move(found).error());
  folder_id_ = *std::move(found);
  // They may have been given their names by another node that has not come to make that durable.
  return files::SyncFolder(options_.folder);
}

std::uint64_t Blobs::bytes_max() const {
  return has_folder() ? std::numeric_limits<std::uint64_t>::max() : options_.database_bytes_max;
}

std::string Blobs::LimitMessage() const {
  return "Objects up to " + std::to_string(options_.database_bytes_max) +
         " bytes lie in the database of this deployment; a folder that all nodes share, s3.objects_folder, takes "
         "larger ones.";
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

std::string Blobs::MakeId(Instant now) const {
  unsigned char bytes[kIdCharacters / 2];
  random_.Fill(bytes);
  const auto micros = static_cast<std::uint64_t>(std::max<std::int64_t>(now.micros, 0));
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<unsigned char>(micros >> (56 - 8 * i));
  std::string id = EncodeHex(std::string_view(reinterpret_cast<const char*>(bytes), sizeof(bytes)));
  id.front() = options_.encrypts ? '1' : '0';
  return id;
}

Expected<std::optional<crypto::StreamCipher>> Blobs::CipherOf(std::string_view id) const {
  if (!IsEncrypted(id)) return std::nullopt;
  if (options_.key.empty()) return Fail(Code::kCorrupt, "a stored object is encrypted, and there is no key for it");
  const std::string_view key = options_.key.Reveal(SecretAccess("each blob has a key that is made of this one"));
  return crypto::StreamCipher(SecretBytes(crypto::Hmac(crypto::Hash::kSha256, key, id)));
}

Expected<files::Decode> Blobs::DecodeOf(std::string_view id) const {
  ASSIGN_OR_RETURN(std::optional<crypto::StreamCipher> cipher, CipherOf(id));
  if (!cipher) return files::Decode();
  return [cipher = *std::move(cipher)](std::uint64_t offset, std::span<char> bytes) { cipher.Apply(offset, bytes); };
}

Expected<void> Blobs::Decrypt(std::string_view id, std::string& data) const {
  ASSIGN_OR_RETURN(const std::optional<crypto::StreamCipher> cipher, CipherOf(id));
  if (cipher) cipher->Apply(0, data);
  return {};
}

std::unique_ptr<BlobWriter> Blobs::Stage(std::uint64_t bytes_expected, Placement placement, Instant now) const {
  const bool starts_in_file =
      has_folder() && (placement == Placement::kAlwaysFile || bytes_expected > options_.inline_bytes_max);
  return std::make_unique<BlobWriter>(*this, MakeId(now), bytes_expected, starts_in_file);
}

Expected<std::shared_ptr<const files::File>> Blobs::OpenFile(std::string_view id, std::uint64_t size) const {
  if (!IsBlobId(id)) return Fail(Code::kCorrupt, "a blob's id is not one of ours");
  if (!has_folder()) return Fail(Code::kCorrupt, "a stored object lies in a file, but no objects folder is configured");
  ASSIGN_OR_RETURN(files::Decode decode, DecodeOf(id));
  ASSIGN_OR_RETURN(auto file, files::OpenForReading(FinalPath(id), std::move(decode)));
  ASSIGN_OR_RETURN(const std::uint64_t actual, file->Size());
  if (actual != size)
    return Fail(Code::kCorrupt, "stored object has another length than its row says: " + file->path());
  return file;
}

Expected<std::shared_ptr<const files::File>> Blobs::AsNamelessFile(std::string_view bytes, Instant now) const {
  CHECK(has_folder());
  // Nothing is expected, so that what is appended can be read without a sync.
  BlobWriter writer(*this, MakeId(now), /*bytes_expected=*/0, /*starts_in_file=*/true);
  RETURN_IF_ERROR(writer.Append(bytes));
  ASSIGN_OR_RETURN(files::Decode decode, DecodeOf(writer.id_));
  // Its name goes with the writer.
  return files::OpenForReading(writer.file_->path(), std::move(decode));
}

void Blobs::Remove(const std::vector<std::string>& ids) const {
  if (!has_folder()) return;
  for (const std::string& id : ids) static_cast<void>(files::RemoveFile(FinalPath(id)));
}

Expected<std::int64_t> Blobs::Sweep(Instant older_than,
                                    const std::function<Expected<bool>(const std::string&)>& is_known) const {
  std::int64_t removed = 0;
  if (!has_folder()) return removed;
  const std::int64_t before = Seconds(older_than);
  ASSIGN_OR_RETURN(const auto folders, files::ListFolder(options_.folder));
  for (const files::Entry& folder : folders) {
    // What is being written has no row, whatever it is called.
    const bool is_temporary = folder.name == "tmp";
    if (!folder.is_folder || (folder.name.size() != 2 && !is_temporary)) continue;
    ASSIGN_OR_RETURN(const auto entries, files::ListFolder(options_.folder + "/" + folder.name));
    for (const files::Entry& entry : entries) {
      if (entry.is_folder || entry.modified_seconds >= before) continue;
      if (!is_temporary) {
        if (!IsBlobId(entry.name)) continue;
        ASSIGN_OR_RETURN(const bool known, is_known(entry.name));
        if (known) continue;
      }
      RETURN_IF_ERROR(files::RemoveFile(options_.folder + "/" + folder.name + "/" + entry.name));
      ++removed;
    }
  }
  return removed;
}

}  // namespace firmsign::s3
