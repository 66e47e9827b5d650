// SPDX-License-Identifier: Apache-2.0
//
// Many threads that do the same; the first failure is everyone's.

#pragma once

#include <cstdint>
#include <functional>

#include "base/error.h"

namespace firmsign::bench {

// Runs `member` on `count` threads, each with its number from 0, and waits for all of them.
Expected<void> RunCrowd(std::int64_t count, const std::function<Expected<void>(std::size_t)>& member);

}  // namespace firmsign::bench
