// SPDX-License-Identifier: Apache-2.0

#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace firmsign {

void CheckFailed(const char* file, int line, const char* what) noexcept {
  static_cast<void>(std::fprintf(stderr, "%s:%d: check failed: %s\n", file, line, what));
  std::abort();
}

}  // namespace firmsign
