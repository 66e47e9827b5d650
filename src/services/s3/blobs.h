// SPDX-License-Identifier: Apache-2.0
//
// Bytes at rest: small runs travel to the database with their row, larger ones become files. Without a folder, all of
// them lie in the database, up to a limit for each object.
//
//   FOLDER/id              which folder this is: 32 hexadecimal digits and a line feed, made once and never changed
//   FOLDER/owner           whose folder this is: BlobOptions::owner and a line feed, made once and never changed
//   FOLDER/tmp/<blob id>   being written
//   FOLDER/<xx>/<blob id>  finished: synced, renamed, folder synced; xx = the last two digits of the blob id
//
// A folder belongs to one process, or is shared by several nodes over one database (BlobOptions::is_shared). The id
// tells them, and the server, that it is the same folder everywhere; comparing it with the database is the server's.
// The owner keeps others out: they would take its files for left-over ones.
//
// A blob id is 32 hexadecimal digits: microseconds since 1970, then randomness, so that ids grow with time and rows lie
// beside their neighbours. The first digit says how the bytes lie, in a file as in a row: 0 as they are, 1 encrypted by
// a key that BlobOptions::key and the id make (decision 2026-11-26-encrypted-objects). Nothing that a client says
// reaches a file name. A finished file is visible to nobody until a row of s3_blobs names it, so a crash leaves at
// worst a file without a row, which Sweep removes.

#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "base/secret.h"
#include "base/time.h"
#include "platform/crypto/stream_cipher.h"
#include "platform/files/file.h"

namespace firmsign::s3 {

struct BlobOptions {
  std::string folder;                    // DIR/objects; empty: none
  bool is_shared = false;                // other processes use the folder, too
  std::string owner = {};                // the deployment, in one line of at most 256 bytes; empty: not checked
  std::size_t inline_bytes_max = 65536;  // with a folder: up to this many bytes lie in the database
  // What the database takes of one object: all of it without a folder, else the parts of an upload that it was given
  // before there was one. Reads hold as much in memory.
  std::size_t database_bytes_max = std::size_t{16} << 20;
  // What encrypted bytes are read with, 32 bytes; empty: they cannot be read.
  SecretBytes key = {};
  // Whether new bytes are encrypted; needs the key.
  bool encrypts = false;
};

enum class Placement {
  kBySize,      // in the database up to inline_bytes_max
  kAlwaysFile,  // parts of uploads, which are sent as a list of file pieces; where there is a folder
};

class Blobs;

// Bytes that are durable (a file) or will be with their row (in memory), and that no row names yet. Removes its file
// when it is destroyed without Keep. Thread safety: confined.
class StagedBlob {
 public:
  StagedBlob(StagedBlob&& other) noexcept;
  StagedBlob& operator=(StagedBlob&&) = delete;
  ~StagedBlob();

  const std::string& id() const { return id_; }
  std::uint64_t size() const { return size_; }
  bool in_file() const { return in_file_; }
  const std::string& data() const { return data_; }  // as it will lie in its row; empty when in_file
  // A committed row names the bytes now, or may: then the sweeper finds out.
  void Keep() { owner_ = nullptr; }

 private:
  friend class BlobWriter;
  StagedBlob(const Blobs* owner, std::string id) : owner_(owner), id_(std::move(id)) {}

  const Blobs* owner_;  // nullptr: kept, or moved away
  std::string id_;
  std::uint64_t size_ = 0;
  bool in_file_ = false;
  std::string data_;
};

// Takes the bytes of one blob. Destroying it unfinished discards them. Thread safety: confined.
class BlobWriter {
 public:
  BlobWriter(const Blobs& blobs, std::string id, std::uint64_t bytes_expected, bool starts_in_file);
  BlobWriter(const BlobWriter&) = delete;
  BlobWriter& operator=(const BlobWriter&) = delete;
  ~BlobWriter();

  // kExhausted: the disk is full. kInvalid: there is no folder, and more bytes than the database takes; the message is
  // for clients (Blobs::LimitMessage).
  Expected<void> Append(std::string_view bytes);
  // To be called once. Codes as Append.
  Expected<StagedBlob> Finish();

 private:
  friend class Blobs;
  Expected<void> MoveToFile();

  const Blobs& blobs_;
  std::string id_;
  std::uint64_t bytes_expected_;
  bool starts_in_file_;
  std::optional<crypto::StreamCipher> cipher_;
  std::uint64_t size_ = 0;
  std::string memory_;
  std::string encrypted_;  // what was appended last
  std::unique_ptr<files::File> file_;
};

// Thread safety: safe.
class Blobs {
 public:
  // Makes the folders, and the owner and the id of a folder that has none, and empties tmp/ unless others may be
  // writing there. `random` outlives the blobs. kInvalid: the folder has another owner; nothing in it was touched.
  // kCorrupt: the folder's id cannot be read. Other codes as platform/files.
  static Expected<std::unique_ptr<Blobs>> Open(BlobOptions options, Random& random);

  // Empty without a folder.
  const std::string& folder_id() const { return folder_id_; }
  bool has_folder() const { return !options_.folder.empty(); }
  // The largest object that can be stored; without a limit of our own, the largest number.
  std::uint64_t bytes_max() const;
  // Says the limit of a store without a folder, and what to do.
  std::string LimitMessage() const;

  static bool IsEncrypted(std::string_view id) { return id.starts_with('1'); }
  // Turns the data of a row into the bytes that it says. kCorrupt: it is encrypted, and there is no key.
  Expected<void> Decrypt(std::string_view id, std::string& data) const;

  // `bytes_expected`: what the sender announced; 0 when unknown.
  std::unique_ptr<BlobWriter> Stage(std::uint64_t bytes_expected, Placement placement, Instant now) const;
  // kNotFound: no such file. kCorrupt: it is not `size` bytes long, or it is encrypted, and there is no key.
  Expected<std::shared_ptr<const files::File>> OpenFile(std::string_view id, std::uint64_t size) const;
  // Bytes as an open file that has no name any more, for a body that is sent in pieces. Needs a folder. kExhausted.
  Expected<std::shared_ptr<const files::File>> AsNamelessFile(std::string_view bytes, Instant now) const;
  // After the transaction that removed their rows was committed. What cannot be removed now is left to Sweep.
  void Remove(const std::vector<std::string>& ids) const;

  // Removes files that were last changed before `older_than` and are still being written, or for which `is_known` says
  // no; how many. `is_known` asks the database; an error of it ends the sweep.
  Expected<std::int64_t> Sweep(Instant older_than,
                               const std::function<Expected<bool>(const std::string& id)>& is_known) const;

  const BlobOptions& options() const { return options_; }

 private:
  friend class BlobWriter;
  friend class StagedBlob;
  Blobs(BlobOptions options, Random& random) : options_(std::move(options)), random_(random) {}
  std::string TemporaryPath(std::string_view id) const;
  std::string FinalPath(std::string_view id) const;
  Expected<void> OpenFolder();
  std::string MakeId(Instant now) const;
  // Absent for what is not encrypted. kCorrupt: there is no key.
  Expected<std::optional<crypto::StreamCipher>> CipherOf(std::string_view id) const;
  Expected<files::Decode> DecodeOf(std::string_view id) const;
  // Whether the owner of options is that of the folder; false: the folder has none.
  Expected<bool> CheckOwner() const;
  Expected<void> FindOrMakeFolderId();
  // Makes FOLDER/<name> with this text and a line feed, complete and durable, if there is none.
  Expected<void> MakeOnce(const std::string& name, const std::string& text) const;
  // Makes the folder of a file, durably: a file is only as durable as the folder that names it.
  Expected<void> EnsureFolder(std::string_view id) const;

  BlobOptions options_;
  Random& random_;
  std::string folder_id_;
  // By the last two digits of the id: folders that this process knows to be durable.
  mutable std::array<std::atomic<bool>, 256> is_folder_durable_{};
};

}  // namespace firmsign::s3
