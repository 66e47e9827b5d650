// SPDX-License-Identifier: Apache-2.0
//
// A large new file: written past the page cache, where the file system can do that, by a thread of its own. The disk
// works while its owner makes the next bytes, and what others read often stays in memory.

#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "platform/files/file.h"

namespace firmsign::files {

// As CreateFile. Of the file, Append returns before its bytes are written, and tells the failure of those before; only
// after Sync can they be read. Takes 2 MiB of memory and a thread. Thread safety: confined.
Expected<std::unique_ptr<File>> CreateLargeFile(const std::string& path);

}  // namespace firmsign::files
