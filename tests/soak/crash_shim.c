// SPDX-License-Identifier: Apache-2.0
//
// A library to preload: it ends the process at the n-th write, sync, rename, removal or truncation below one folder.
//
// So crash points come from outside and no product code knows of them. tests/soak/soak.py runs the server under it for
// many n, restarts the server without it, and checks what was acknowledged.
//
//   FIRMSIGN_CRASH_FOLDER   the data folder; only files below it count
//   FIRMSIGN_CRASH_AT       n, from 1; without it nothing ends, calls are only counted
//   FIRMSIGN_CRASH_MODE     kill    (default) as kill -9 just before the call
//                           torn    a write happens by half, then as kill -9
//                           power   as a power cut: what was not synced is undone, then as kill -9
//   FIRMSIGN_CRASH_UNDO     power: a folder of the same file system, outside the data folder, for files to be restored
//   FIRMSIGN_CRASH_COUNT    a file that receives the number of counted calls when the process ends by itself
//
// Power mode keeps a journal of how to undo each change. fsync and fdatasync of a file forget the undoing of its data;
// fsync of a directory forgets the undoing of names that were made, renamed or removed in it. A file's data and its
// name are apart, as POSIX has it: a program that never syncs the directory of a new file loses the file. Writes
// through mmap are not seen; SQLite's shared-memory index is the only such file here, and it is rebuilt after a crash
// anyway. One lock is held over every call, so that the journal and the disk agree.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum Kind { kData, kCreated, kRenamed, kRemoved };

// One change and how to undo it; the newest is the first of the list.
struct Change {
  struct Change* older;
  enum Kind kind;
  dev_t device;  // kData: the file
  ino_t inode;
  int descriptor;    // kData: a descriptor of our own
  off_t size;        // kData: the file's size before
  off_t offset;      // kData: where `bytes` were
  size_t count;      // kData: how many
  char* bytes;       // kData: what lay there
  char* path;        // the others: the name
  char* other_path;  // kRenamed: the former name
  char* backup;      // kRenamed, kRemoved: a link to what the name meant before, or null
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct Change* changes;
static long count;
static long crash_at;
static unsigned backups;
static enum { kKill, kTorn, kPower } mode;
static char folder[PATH_MAX];
static size_t folder_length;
static const char* undo_folder;

static __thread bool inside;  // our own calls are not to be counted

__attribute__((constructor)) static void Begin(void) {
  const char* name = getenv("FIRMSIGN_CRASH_FOLDER");
  const char* at = getenv("FIRMSIGN_CRASH_AT");
  const char* how = getenv("FIRMSIGN_CRASH_MODE");
  undo_folder = getenv("FIRMSIGN_CRASH_UNDO");
  if (name == NULL || strlen(name) >= sizeof folder) return;
  strcpy(folder, name);
  folder_length = strlen(folder);
  crash_at = at != NULL ? atol(at) : 0;
  mode = how == NULL ? kKill : strcmp(how, "torn") == 0 ? kTorn : strcmp(how, "power") == 0 ? kPower : kKill;
}

__attribute__((destructor)) static void End(void) {
  const char* name = getenv("FIRMSIGN_CRASH_COUNT");
  if (name == NULL || folder_length == 0) return;
  inside = true;
  FILE* file = fopen(name, "w");
  if (file == NULL) return;
  fprintf(file, "%ld\n", count);
  fclose(file);
}

static bool IsBelow(const char* path) {
  if (folder_length == 0 || strncmp(path, folder, folder_length) != 0) return false;
  if (path[folder_length] != '/' && path[folder_length] != '\0') return false;
  const size_t length = strlen(path);
  return length < 4 || strcmp(path + length - 4, "-shm") != 0;
}

// The path of an open file, or false when it is none of ours. `directories` says whether a directory counts.
static bool PathOf(int descriptor, char path[PATH_MAX], bool directories) {
  if (inside || folder_length == 0) return false;
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const ssize_t length = readlink(link, path, PATH_MAX - 1);
  if (length <= 0) return false;
  path[length] = '\0';
  if (!IsBelow(path)) return false;
  struct stat status;
  if (fstat(descriptor, &status) != 0) return false;
  return S_ISREG(status.st_mode) || (directories && S_ISDIR(status.st_mode));
}

// A path given to a call, made absolute. False when it is none of ours.
static bool Absolute(int directory, const char* name, char path[PATH_MAX]) {
  if (inside || folder_length == 0 || name == NULL) return false;
  char start[PATH_MAX] = "";
  if (name[0] != '/') {
    if (directory == AT_FDCWD) {
      if (getcwd(start, sizeof start) == NULL) return false;
    } else {
      char link[64];
      snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
      const ssize_t length = readlink(link, start, sizeof start - 1);
      if (length <= 0) return false;
      start[length] = '\0';
    }
  }
  if (snprintf(path, PATH_MAX, name[0] == '/' ? "%s%s" : "%s/%s", start, name) >= PATH_MAX) return false;
  return IsBelow(path);
}

static void Undo(const struct Change* change) {
  switch (change->kind) {
    case kData:
      if (change->count != 0) {
        syscall(SYS_pwrite64, change->descriptor, change->bytes, change->count, change->offset);
      }
      syscall(SYS_ftruncate, change->descriptor, change->size);
      break;
    case kCreated: syscall(SYS_unlinkat, AT_FDCWD, change->path, 0); break;
    case kRenamed:
      syscall(SYS_renameat2, AT_FDCWD, change->path, AT_FDCWD, change->other_path, 0);
      if (change->backup != NULL) syscall(SYS_linkat, AT_FDCWD, change->backup, AT_FDCWD, change->path, 0);
      break;
    case kRemoved:
      if (change->backup != NULL) syscall(SYS_linkat, AT_FDCWD, change->backup, AT_FDCWD, change->path, 0);
      break;
  }
}

static void Die(void) {
  if (mode == kPower) {
    for (const struct Change* change = changes; change != NULL; change = change->older) Undo(change);
  }
  syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
  for (;;) pause();
}

// Counts one call and ends the process if it is the one. A write's own wrapper looks at `torn` first.
static bool IsTheOne(void) { return ++count == crash_at; }

static struct Change* Add(enum Kind kind) {
  struct Change* change = calloc(1, sizeof *change);
  change->kind = kind;
  change->older = changes;
  changes = change;
  return change;
}

static void Forget(bool (*condition)(const struct Change*, const void*), const void* argument) {
  for (struct Change** at = &changes; *at != NULL;) {
    struct Change* change = *at;
    if (!condition(change, argument)) {
      at = &change->older;
      continue;
    }
    *at = change->older;
    if (change->kind == kData) close(change->descriptor);
    if (change->backup != NULL) syscall(SYS_unlinkat, AT_FDCWD, change->backup, 0);
    free(change->bytes);
    free(change->path);
    free(change->other_path);
    free(change->backup);
    free(change);
  }
}

static bool IsDataOf(const struct Change* change, const void* argument) {
  const struct stat* status = argument;
  return change->kind == kData && change->device == status->st_dev && change->inode == status->st_ino;
}

static bool IsIn(const char* path, const char* directory) {
  const size_t length = strlen(directory);
  return strncmp(path, directory, length) == 0 && path[length] == '/' && strchr(path + length + 1, '/') == NULL;
}

static bool IsNameIn(const struct Change* change, const void* argument) {
  return change->kind != kData && IsIn(change->path, argument);
}

// Remembers `length` bytes at `offset`, and the size, before they change.
static void RememberData(int descriptor, off_t offset, off_t length) {
  if (mode != kPower) return;
  struct stat status;
  if (fstat(descriptor, &status) != 0) return;
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  struct Change* change = Add(kData);
  change->device = status.st_dev;
  change->inode = status.st_ino;
  change->size = status.st_size;
  change->offset = offset;
  change->descriptor = (int)syscall(SYS_openat, AT_FDCWD, link, O_RDWR | O_CLOEXEC, 0);
  if (offset < status.st_size) {
    const off_t kept = status.st_size - offset < length ? status.st_size - offset : length;
    change->bytes = malloc((size_t)kept);
    const long got = syscall(SYS_pread64, change->descriptor, change->bytes, (size_t)kept, offset);
    change->count = got > 0 ? (size_t)got : 0;
  }
}

// A second name, in the undo folder, for what `path` means; null when it means nothing.
static char* Backup(const char* path) {
  if (undo_folder == NULL) return NULL;
  char name[PATH_MAX];
  snprintf(name, sizeof name, "%s/%u", undo_folder, ++backups);
  return syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, name, 0) == 0 ? strdup(name) : NULL;
}

static off_t PlaceOfWrite(int descriptor) {
  struct stat status;
  if ((fcntl(descriptor, F_GETFL) & O_APPEND) != 0 && fstat(descriptor, &status) == 0) return status.st_size;
  return lseek(descriptor, 0, SEEK_CUR);
}

static ssize_t Write(int descriptor, const void* bytes, size_t length, off_t offset, bool positional) {
  char path[PATH_MAX];
  if (!PathOf(descriptor, path, false)) {
    return positional ? syscall(SYS_pwrite64, descriptor, bytes, length, offset)
                      : syscall(SYS_write, descriptor, bytes, length);
  }
  pthread_mutex_lock(&lock);
  if (IsTheOne()) {
    if (mode == kTorn && length > 1) {
      if (positional) {
        syscall(SYS_pwrite64, descriptor, bytes, length / 2, offset);
      } else {
        syscall(SYS_write, descriptor, bytes, length / 2);
      }
    }
    Die();
  }
  RememberData(descriptor, positional ? offset : PlaceOfWrite(descriptor), (off_t)length);
  const ssize_t answer = positional ? syscall(SYS_pwrite64, descriptor, bytes, length, offset)
                                    : syscall(SYS_write, descriptor, bytes, length);
  const int error = errno;
  pthread_mutex_unlock(&lock);
  errno = error;
  return answer;
}

ssize_t write(int descriptor, const void* bytes, size_t length) { return Write(descriptor, bytes, length, 0, false); }
ssize_t pwrite(int descriptor, const void* bytes, size_t length, off_t offset) {
  return Write(descriptor, bytes, length, offset, true);
}
ssize_t pwrite64(int descriptor, const void* bytes, size_t length, off_t offset) {
  return Write(descriptor, bytes, length, offset, true);
}

// Several buffers at once become one write for each, which is allowed: the answer is what was written.
static ssize_t WriteAll(int descriptor, const struct iovec* buffers, int buffer_count, off_t offset, bool positional) {
  ssize_t total = 0;
  for (int i = 0; i < buffer_count; ++i) {
    const ssize_t answer = Write(descriptor, buffers[i].iov_base, buffers[i].iov_len, offset + total, positional);
    if (answer < 0) return total > 0 ? total : answer;
    total += answer;
    if ((size_t)answer < buffers[i].iov_len) break;
  }
  return total;
}

ssize_t writev(int descriptor, const struct iovec* buffers, int buffer_count) {
  char path[PATH_MAX];
  if (!PathOf(descriptor, path, false)) return syscall(SYS_writev, descriptor, buffers, buffer_count);
  return WriteAll(descriptor, buffers, buffer_count, 0, false);
}
ssize_t pwritev(int descriptor, const struct iovec* buffers, int buffer_count, off_t offset) {
  return WriteAll(descriptor, buffers, buffer_count, offset, true);
}
ssize_t pwritev64(int descriptor, const struct iovec* buffers, int buffer_count, off_t offset) {
  return WriteAll(descriptor, buffers, buffer_count, offset, true);
}

static int Sync(int descriptor, long call) {
  char path[PATH_MAX];
  if (!PathOf(descriptor, path, true)) return (int)syscall(call, descriptor);
  pthread_mutex_lock(&lock);
  if (IsTheOne()) Die();
  const int answer = (int)syscall(call, descriptor);
  const int error = errno;
  struct stat status;
  if (answer == 0 && fstat(descriptor, &status) == 0) {
    if (S_ISDIR(status.st_mode)) {
      Forget(IsNameIn, path);
    } else {
      Forget(IsDataOf, &status);
    }
  }
  pthread_mutex_unlock(&lock);
  errno = error;
  return answer;
}

int fsync(int descriptor) { return Sync(descriptor, SYS_fsync); }
int fdatasync(int descriptor) { return Sync(descriptor, SYS_fdatasync); }

int ftruncate(int descriptor, off_t length) {
  char path[PATH_MAX];
  if (!PathOf(descriptor, path, false)) return (int)syscall(SYS_ftruncate, descriptor, length);
  pthread_mutex_lock(&lock);
  if (IsTheOne()) Die();
  struct stat status;
  if (fstat(descriptor, &status) == 0) {
    RememberData(descriptor, length, status.st_size > length ? status.st_size - length : 0);
  }
  const int answer = (int)syscall(SYS_ftruncate, descriptor, length);
  const int error = errno;
  pthread_mutex_unlock(&lock);
  errno = error;
  return answer;
}
int ftruncate64(int descriptor, off_t length) { return ftruncate(descriptor, length); }

int renameat2(int old_directory, const char* old_name, int new_directory, const char* new_name, unsigned flags) {
  char old_path[PATH_MAX];
  char new_path[PATH_MAX];
  if (!Absolute(old_directory, old_name, old_path) || !Absolute(new_directory, new_name, new_path)) {
    return (int)syscall(SYS_renameat2, old_directory, old_name, new_directory, new_name, flags);
  }
  pthread_mutex_lock(&lock);
  if (IsTheOne()) Die();
  char* backup = mode == kPower ? Backup(new_path) : NULL;
  const int answer = (int)syscall(SYS_renameat2, AT_FDCWD, old_path, AT_FDCWD, new_path, flags);
  const int error = errno;
  if (answer == 0 && mode == kPower) {
    struct Change* change = Add(kRenamed);
    change->path = strdup(new_path);
    change->other_path = strdup(old_path);
    change->backup = backup;
  }
  pthread_mutex_unlock(&lock);
  errno = error;
  return answer;
}
int renameat(int old_directory, const char* old_name, int new_directory, const char* new_name) {
  return renameat2(old_directory, old_name, new_directory, new_name, 0);
}
int rename(const char* old_name, const char* new_name) { return renameat2(AT_FDCWD, old_name, AT_FDCWD, new_name, 0); }

int unlinkat(int directory, const char* name, int flags) {
  char path[PATH_MAX];
  if ((flags & AT_REMOVEDIR) != 0 || !Absolute(directory, name, path)) {
    return (int)syscall(SYS_unlinkat, directory, name, flags);
  }
  pthread_mutex_lock(&lock);
  if (IsTheOne()) Die();
  char* backup = mode == kPower ? Backup(path) : NULL;
  const int answer = (int)syscall(SYS_unlinkat, AT_FDCWD, path, flags);
  const int error = errno;
  if (answer == 0 && mode == kPower) {
    struct Change* change = Add(kRemoved);
    change->path = strdup(path);
    change->backup = backup;
  }
  pthread_mutex_unlock(&lock);
  errno = error;
  return answer;
}
int unlink(const char* name) { return unlinkat(AT_FDCWD, name, 0); }
int remove(const char* name) {
  struct stat status;
  const bool is_directory = lstat(name, &status) == 0 && S_ISDIR(status.st_mode);
  return unlinkat(AT_FDCWD, name, is_directory ? AT_REMOVEDIR : 0);
}

// Making a file counts as nothing, but power mode must know that its name is new.
static int Open(int directory, const char* name, int flags, mode_t permissions) {
  char path[PATH_MAX];
  if (mode != kPower || (flags & O_CREAT) == 0 || !Absolute(directory, name, path)) {
    return (int)syscall(SYS_openat, directory, name, flags, permissions);
  }
  pthread_mutex_lock(&lock);
  struct stat status;
  const bool is_new = stat(path, &status) != 0;
  const int answer = (int)syscall(SYS_openat, AT_FDCWD, path, flags, permissions);
  const int error = errno;
  if (answer >= 0 && is_new) Add(kCreated)->path = strdup(path);
  pthread_mutex_unlock(&lock);
  errno = error;
  return answer;
}

#define PERMISSIONS(flags)                        \
  mode_t permissions = 0;                         \
  if (((flags) & (O_CREAT | __O_TMPFILE)) != 0) { \
    va_list arguments;                            \
    va_start(arguments, flags);                   \
    permissions = va_arg(arguments, mode_t);      \
    va_end(arguments);                            \
  }

int open(const char* name, int flags, ...) {
  PERMISSIONS(flags)
  return Open(AT_FDCWD, name, flags, permissions);
}
int open64(const char* name, int flags, ...) {
  PERMISSIONS(flags)
  return Open(AT_FDCWD, name, flags, permissions);
}
int openat(int directory, const char* name, int flags, ...) {
  PERMISSIONS(flags)
  return Open(directory, name, flags, permissions);
}
int openat64(int directory, const char* name, int flags, ...) {
  PERMISSIONS(flags)
  return Open(directory, name, flags, permissions);
}
