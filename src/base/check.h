// SPDX-License-Identifier: Apache-2.0
//
// CHECK: ends the process when an invariant of our own code is broken.
//
// Inputs, disks, networks and tokens are never checked this way; they produce an Error (base/error.h).

#pragma once

namespace firmsign {

// Prints `file:line: check failed: what` to standard error and aborts.
[[noreturn]] void CheckFailed(const char* file, int line, const char* what) noexcept;

}  // namespace firmsign

#define CHECK(condition) ((condition) ? static_cast<void>(0) : ::firmsign::CheckFailed(__FILE__, __LINE__, #condition))
