// SPDX-License-Identifier: Apache-2.0
//
// Preloaded, it makes the wall clock of a process wrong by FIRMSIGN_CLOCK_SECONDS. Clocks that nobody sets stay right.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

typedef int (*ClockGettime)(clockid_t, struct timespec*);

static ClockGettime real_clock_gettime;
static long wrong_by;

__attribute__((constructor)) static void Start(void) {
  real_clock_gettime = (ClockGettime)dlsym(RTLD_NEXT, "clock_gettime");
  const char* seconds = getenv("FIRMSIGN_CLOCK_SECONDS");
  if (seconds != NULL) wrong_by = strtol(seconds, NULL, 10);
}

int clock_gettime(clockid_t clock, struct timespec* out) {
  if (real_clock_gettime == NULL) Start();
  const int result = real_clock_gettime(clock, out);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) out->tv_sec += wrong_by;
  return result;
}
