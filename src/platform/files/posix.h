// SPDX-License-Identifier: Apache-2.0
//
// What the calls of this folder share: their errors as values, and calls that a signal interrupts. Internal.

#pragma once

#include <fcntl.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>

#include "base/error.h"

namespace firmsign::files {

inline Code CodeOf(int number) {
  switch (number) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return Code::kExhausted;
    case ENOENT:
    case ENOTDIR: return Code::kNotFound;
    case EACCES:
    case EPERM:
    case EROFS: return Code::kDenied;
    case EEXIST: return Code::kConflict;
    default: return Code::kInternal;
  }
}

// "cannot open /a/b: No such file or directory". Takes the number by value because building the text may change errno.
inline std::unexpected<Error> FailErrno(int number, std::string_view verb, const std::string& path) {
  return Fail(CodeOf(number),
              "cannot " + std::string(verb) + " " + path + ": " + std::generic_category().message(number));
}

// Repeats a call that a signal interrupted.
template <class F>
auto Retry(F call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

inline int Open(const std::string& path, int flags, mode_t mode = 0) {
  return Retry([&] { return ::open(path.c_str(), flags | O_CLOEXEC | O_NOCTTY, mode); });
}

}  // namespace firmsign::files
