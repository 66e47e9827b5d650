// SPDX-License-Identifier: Apache-2.0

#include "base/thread_name.h"

#include <pthread.h>

#include <cstring>

#include "base/check.h"

namespace firmsign {

void NameThisThread(const char* name) {
  CHECK(std::strlen(name) <= 15);
  pthread_setname_np(pthread_self(), name);
}

}  // namespace firmsign
