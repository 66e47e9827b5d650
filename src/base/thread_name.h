// SPDX-License-Identifier: Apache-2.0
//
// Names of threads, for whoever looks at the process from outside: top -H, perf, gdb.

#pragma once

namespace firmsign {

// Names the calling thread. Linux keeps 15 characters.
void NameThisThread(const char* name);

}  // namespace firmsign
