// SPDX-License-Identifier: Apache-2.0

#include "platform/files/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <system_error>
#include <utility>

#include "platform/files/posix.h"

namespace firmsign::files {
namespace {

// The folder that holds `path`'s own entry.
std::string FolderOf(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return slash == 0 ? "/" : std::string(path.substr(0, slash));
}

// A name beside `path` that no other thread or process of this program picks.
std::string TemporaryName(const std::string& path) {
  static std::atomic<std::uint64_t> next{0};
  return path + ".tmp." + std::to_string(::getpid()) + "." + std::to_string(next.fetch_add(1));
}

Expected<std::unique_ptr<File>> CreateTemporary(const std::string& path, mode_t mode) {
  // A crashed process with the same id may have left such a name behind; the counter leads past it.
  for (;;) {
    auto file = CreateFile(TemporaryName(path), mode);
    if (file || file.error().code != Code::kConflict) return file;
  }
}

class Folder {
 public:
  explicit Folder(const std::string& path) : handle_(::opendir(path.c_str())) {}
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    if (handle_) ::closedir(handle_);
  }
  DIR* handle() const { return handle_; }

 private:
  DIR* handle_;
};

Expected<void> MakeFolder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0) return SyncFolder(FolderOf(path));
  const int number = errno;
  struct stat status{};
  if (number == EEXIST && ::stat(path.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) return {};
    return Fail(Code::kConflict, "cannot make folder " + path + ": a file with this name exists");
  }
  return FailErrno(number, "make folder", path);
}

}  // namespace

File::~File() {
  // Linux releases the descriptor even when close reports EINTR, so it must not be repeated.
  ::close(descriptor_);
}

Expected<std::size_t> File::ReadAt(std::uint64_t offset, std::span<char> out) const {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t got = Retry(
        [&] { return ::pread(descriptor_, out.data() + done, out.size() - done, static_cast<off_t>(offset + done)); });
    if (got < 0) return FailErrno(errno, "read", path_);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  DecodeAt(offset, out.first(done));
  return done;
}

Expected<void> File::Append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = Retry([&] { return ::write(descriptor_, bytes.data(), bytes.size()); });
    if (put < 0) return FailErrno(errno, "write", path_);
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

Expected<void> File::Sync() {
  if (Retry([&] { return ::fdatasync(descriptor_); }) != 0) return FailErrno(errno, "sync", path_);
  return {};
}

Expected<std::uint64_t> File::Size() const {
  struct stat status{};
  if (::fstat(descriptor_, &status) != 0) return FailErrno(errno, "look at", path_);
  return static_cast<std::uint64_t>(status.st_size);
}

Expected<std::shared_ptr<const File>> OpenForReading(const std::string& path, Decode decode) {
  const int descriptor = Open(path, O_RDONLY);
  if (descriptor < 0) return FailErrno(errno, "open", path);
  return std::make_shared<const File>(descriptor, path, std::move(decode));
}

Expected<std::unique_ptr<File>> CreateFile(const std::string& path, mode_t mode) {
  // Made with no rights for others, then widened: nobody can open it in between with more than `mode` gives.
  const int descriptor = Open(path, O_RDWR | O_CREAT | O_EXCL | O_APPEND, mode & 0600);
  if (descriptor < 0) return FailErrno(errno, "create", path);
  auto file = std::make_unique<File>(descriptor, path);
  if (::fchmod(descriptor, mode) != 0) {
    const int number = errno;
    ::unlink(path.c_str());
    return FailErrno(number, "set the rights of", path);
  }
  return file;
}

Expected<std::unique_ptr<File>> OpenForAppending(const std::string& path) {
  const int descriptor = Open(path, O_RDWR | O_CREAT | O_APPEND, 0600);
  if (descriptor < 0) return FailErrno(errno, "open", path);
  return std::make_unique<File>(descriptor, path);
}

Expected<std::string> ReadWholeFile(const std::string& path, std::size_t bytes_max) {
  ASSIGN_OR_RETURN(const auto file, OpenForReading(path));
  ASSIGN_OR_RETURN(const std::uint64_t size, file->Size());
  // The size is a hint only: a file may grow meanwhile, and those of /proc say 0. One byte more than wanted tells
  // whether the end was reached.
  std::string bytes;
  std::size_t wanted = std::min<std::uint64_t>(size, bytes_max) + 1;
  for (;;) {
    const std::size_t before = bytes.size();
    bytes.resize(wanted);
    ASSIGN_OR_RETURN(const std::size_t got, file->ReadAt(before, std::span(bytes).subspan(before)));
    bytes.resize(before + got);
    if (bytes.size() > bytes_max) {
      return Fail(Code::kExhausted, path + " is longer than " + std::to_string(bytes_max) + " bytes");
    }
    if (bytes.size() < wanted) return bytes;
    wanted = std::min(bytes_max, wanted + 64 * 1024) + 1;
  }
}

Expected<void> WriteFileAtomically(const std::string& path, std::string_view bytes, mode_t mode) {
  ASSIGN_OR_RETURN(auto file, CreateTemporary(path, mode));
  auto written = file->Append(bytes);
  if (written) written = file->Sync();
  if (written) written = RenameDurably(file->path(), path);
  if (!written) ::unlink(file->path().c_str());
  return written;
}

Expected<void> RenameDurably(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return FailErrno(errno, "rename " + from + " to", to);
  return SyncFolder(FolderOf(to));
}

Expected<void> LinkDurably(const std::string& from, const std::string& to) {
  if (::link(from.c_str(), to.c_str()) != 0) return FailErrno(errno, "link " + from + " to", to);
  return SyncFolder(FolderOf(to));
}

Expected<Rights> RightsOf(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return FailErrno(errno, "look at", path);
  constexpr mode_t kModeBits = 07777;
  return Rights{.owner = status.st_uid, .group = status.st_gid, .mode = status.st_mode & kModeBits};
}

Expected<void> GiveRights(const std::string& path, const Rights& rights) {
  ASSIGN_OR_RETURN(const Rights present, RightsOf(path));
  const bool is_same = present.owner == rights.owner && present.group == rights.group;
  if (!is_same && ::chown(path.c_str(), rights.owner, rights.group) != 0) {
    return FailErrno(errno, "give away", path);
  }
  if (::chmod(path.c_str(), rights.mode) != 0) return FailErrno(errno, "set the rights of", path);
  return {};
}

Expected<void> RemoveFile(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return FailErrno(errno, "remove", path);
  return {};
}

Expected<void> MakeFolders(const std::string& path) {
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    RETURN_IF_ERROR(MakeFolder(path.substr(0, slash)));
  }
  return MakeFolder(path);
}

Expected<void> SyncFolder(const std::string& path) {
  const int descriptor = Open(path, O_RDONLY | O_DIRECTORY);
  if (descriptor < 0) return FailErrno(errno, "open folder", path);
  const File folder(descriptor, path);
  if (Retry([&] { return ::fsync(descriptor); }) != 0) return FailErrno(errno, "sync folder", path);
  return {};
}

Expected<std::vector<Entry>> ListFolder(const std::string& path) {
  const Folder folder(path);
  if (!folder.handle()) return FailErrno(errno, "open folder", path);
  std::vector<Entry> entries;
  for (;;) {
    errno = 0;
    const dirent* next = ::readdir(folder.handle());
    if (!next) {
      if (errno != 0) return FailErrno(errno, "list folder", path);
      return entries;
    }
    const std::string_view name = next->d_name;
    if (name == "." || name == "..") continue;
    struct stat status{};
    if (::fstatat(::dirfd(folder.handle()), next->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) continue;  // removed since readdir saw it
      return FailErrno(errno, "look at", path + "/" + next->d_name);
    }
    entries.push_back({.name = std::string(name),
                       .is_folder = S_ISDIR(status.st_mode),
                       .size = static_cast<std::uint64_t>(status.st_size),
                       .modified_seconds = status.st_mtim.tv_sec});
  }
}

bool Exists(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0;
}

Expected<std::uint64_t> FreeBytes(const std::string& path) {
  struct statvfs status{};
  if (Retry([&] { return ::statvfs(path.c_str(), &status); }) != 0) return FailErrno(errno, "look at", path);
  return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
}

Expected<std::unique_ptr<Lock>> Lock::Take(const std::string& path) {
  const int descriptor = Open(path, O_RDWR | O_CREAT, 0600);
  if (descriptor < 0) return FailErrno(errno, "open", path);
  std::unique_ptr<Lock> lock(new Lock(descriptor));
  if (Retry([&] { return ::flock(descriptor, LOCK_EX | LOCK_NB); }) != 0) {
    if (errno == EWOULDBLOCK) return Fail(Code::kUnavailable, path + " is locked by another process");
    return FailErrno(errno, "lock", path);
  }
  return lock;
}

Lock::~Lock() { ::close(descriptor_); }

}  // namespace firmsign::files
