// SPDX-License-Identifier: Apache-2.0
//
// Preloaded, it makes the disk of a process full for as long as a file exists: what is written below one folder fails
// with ENOSPC, a write of several blocks after its first one, as on a disk with little room left.
//
//   FIRMSIGN_FULL_FOLDER   the data folder; only files below it count
//   FIRMSIGN_FULL_WHILE    the file

#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { kBlockBytes = 4096 };

static const char* folder;
static const char* full_while;

__attribute__((constructor)) static void Begin(void) {
  folder = getenv("FIRMSIGN_FULL_FOLDER");
  full_while = getenv("FIRMSIGN_FULL_WHILE");
}

static bool IsFullFor(int descriptor) {
  if (folder == NULL || full_while == NULL || access(full_while, F_OK) != 0) return false;
  char link[64];
  char path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return false;
  path[length] = '\0';
  const size_t folder_length = strlen(folder);
  return strncmp(path, folder, folder_length) == 0 && path[folder_length] == '/';
}

static ssize_t Refuse(void) {
  errno = ENOSPC;
  return -1;
}

ssize_t write(int descriptor, const void* bytes, size_t length) {
  if (!IsFullFor(descriptor)) return syscall(SYS_write, descriptor, bytes, length);
  return length > kBlockBytes ? syscall(SYS_write, descriptor, bytes, kBlockBytes) : Refuse();
}

ssize_t pwrite64(int descriptor, const void* bytes, size_t length, off64_t offset) {
  if (!IsFullFor(descriptor)) return syscall(SYS_pwrite64, descriptor, bytes, length, offset);
  return length > kBlockBytes ? syscall(SYS_pwrite64, descriptor, bytes, kBlockBytes, offset) : Refuse();
}

ssize_t pwrite(int descriptor, const void* bytes, size_t length, off_t offset) {
  return pwrite64(descriptor, bytes, length, offset);
}

ssize_t writev(int descriptor, const struct iovec* pieces, int count) {
  return IsFullFor(descriptor) ? Refuse() : syscall(SYS_writev, descriptor, pieces, count);
}
