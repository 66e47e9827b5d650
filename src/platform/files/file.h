// SPDX-License-Identifier: Apache-2.0
//
// Files and folders: what POSIX gives, with errors as values and nothing forgotten between write and rename.
//
// A full disk is kExhausted, a missing file kNotFound, a lack of rights kDenied, anything else kInternal; every message
// names the path.

#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace firmsign::files {

// Turns bytes as they lie at `offset` of a file into what they say, in place. Thread safety: to be safe.
using Decode = std::function<void(std::uint64_t offset, std::span<char> bytes)>;

// An open file. Closes itself. Thread safety: positional reads are safe.
class File {
 public:
  explicit File(int descriptor, std::string path, Decode decode = {})
      : descriptor_(descriptor), path_(std::move(path)), decode_(std::move(decode)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  virtual ~File();

  // Reads and decodes at most out.size() bytes at `offset`; 0 at the end of the file.
  Expected<std::size_t> ReadAt(std::uint64_t offset, std::span<char> out) const;
  // For who reads by the descriptor.
  void DecodeAt(std::uint64_t offset, std::span<char> bytes) const {
    if (decode_) decode_(offset, bytes);
  }
  // Writes all of `bytes` at the end.
  virtual Expected<void> Append(std::string_view bytes);
  // Makes what was written survive a power cut (fdatasync).
  virtual Expected<void> Sync();
  Expected<std::uint64_t> Size() const;

  int descriptor() const { return descriptor_; }
  const std::string& path() const { return path_; }

 private:
  int descriptor_;
  std::string path_;
  Decode decode_;
};

Expected<std::shared_ptr<const File>> OpenForReading(const std::string& path, Decode decode = {});
// Fails with kConflict if it exists. `mode` is not lessened by the umask.
Expected<std::unique_ptr<File>> CreateFile(const std::string& path, mode_t mode = 0600);

// Opens a file to append to it, making it with mode 0600 if it is absent.
Expected<std::unique_ptr<File>> OpenForAppending(const std::string& path);

// The whole file; kExhausted when it is longer than `bytes_max`.
Expected<std::string> ReadWholeFile(const std::string& path, std::size_t bytes_max);
// Replaces `path` by a new file with these bytes: written beside it, synced, renamed, folder synced.
Expected<void> WriteFileAtomically(const std::string& path, std::string_view bytes, mode_t mode = 0600);

// Renames within one file system and syncs the folder of `to`.
Expected<void> RenameDurably(const std::string& from, const std::string& to);
// Gives a file of the same file system a second name and syncs the folder of `to`. kConflict: that name is taken; of
// several that try at once, on several machines too, exactly one succeeds.
Expected<void> LinkDurably(const std::string& from, const std::string& to);
// Who owns a file, and who else may open it.
struct Rights {
  uid_t owner = 0;
  gid_t group = 0;
  mode_t mode = 0600;

  friend bool operator==(const Rights&, const Rights&) = default;
};
Expected<Rights> RightsOf(const std::string& path);
// What root does for a file that it writes in another user's name. kDenied: this process may not.
Expected<void> GiveRights(const std::string& path, const Rights& rights);

// Absent is fine.
Expected<void> RemoveFile(const std::string& path);
// Makes the folder and its parents with mode 0700; present is fine.
Expected<void> MakeFolders(const std::string& path);
Expected<void> SyncFolder(const std::string& path);

struct Entry {
  std::string name;
  bool is_folder = false;
  std::uint64_t size = 0;
  std::int64_t modified_seconds = 0;
};
// In no particular order, without "." and "..".
Expected<std::vector<Entry>> ListFolder(const std::string& path);
bool Exists(const std::string& path);
Expected<std::uint64_t> FreeBytes(const std::string& path);

// An exclusive lock on a file, held until destroyed or the process ends. kUnavailable when another process holds it.
class Lock {
 public:
  static Expected<std::unique_ptr<Lock>> Take(const std::string& path);
  ~Lock();

 private:
  explicit Lock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace firmsign::files
