// SPDX-License-Identifier: Apache-2.0

#include "platform/files/large_file.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include "base/background.h"
#include "platform/files/posix.h"

namespace firmsign::files {
namespace {

// Of memory, position and length: what every file system takes that writes past the page cache.
constexpr std::size_t kAlignment = 4096;
constexpr std::size_t kBufferBytes = 1 << 20;

struct Free {
  void operator()(char* bytes) const { ::operator delete[](bytes, std::align_val_t{kAlignment}); }
};
using Buffer = std::unique_ptr<char[], Free>;

Buffer MakeBuffer() { return Buffer(static_cast<char*>(::operator new[](kBufferBytes, std::align_val_t{kAlignment}))); }

class LargeFile final : public File {
 public:
  LargeFile(int descriptor, std::string path) : File(descriptor, std::move(path)) { SetDirect(true); }

  Expected<void> Append(std::string_view bytes) override {
    while (!bytes.empty()) {
      const std::size_t piece = std::min(bytes.size(), kBufferBytes - filled_);
      std::memcpy(buffers_[filling_].get() + filled_, bytes.data(), piece);
      bytes.remove_prefix(piece);
      filled_ += piece;
      if (filled_ == kBufferBytes) RETURN_IF_ERROR(Write());
    }
    return {};
  }

  Expected<void> Sync() override {
    RETURN_IF_ERROR(Write());
    background_.Wait();
    RETURN_IF_ERROR(std::exchange(result_, {}));
    return File::Sync();
  }

 private:
  // Hands over what is in the buffer, and takes the other one.
  Expected<void> Write() {
    background_.Wait();
    RETURN_IF_ERROR(std::exchange(result_, {}));
    if (filled_ == 0) return {};
    background_.Run([this, bytes = std::string_view(buffers_[filling_].get(), filled_)] { result_ = WriteNow(bytes); });
    filling_ = 1 - filling_;
    filled_ = 0;
    return {};
  }

  Expected<void> WriteNow(std::string_view bytes) {
    // The end of a file seldom fills a block.
    if (is_direct_ && bytes.size() % kAlignment != 0) SetDirect(false);
    auto written = File::Append(bytes);
    if (!written && is_direct_ && written_ == 0 && written.error().code == Code::kInternal) {
      // There are file systems that open such files and do not write them.
      SetDirect(false);
      written = File::Append(bytes);
    }
    if (!written) return written;
    // Past the cache nothing is left to be done later; otherwise the disk begins with it now.
    if (!is_direct_) {
      static_cast<void>(::sync_file_range(descriptor(), static_cast<off64_t>(written_),
                                          static_cast<off64_t>(bytes.size()), SYNC_FILE_RANGE_WRITE));
    }
    written_ += bytes.size();
    return {};
  }

  // Where that is not possible the file is written like any other.
  void SetDirect(bool is_direct) {
    const int flags = ::fcntl(descriptor(), F_GETFL);
    if (flags < 0) return;
    const int wanted = is_direct ? flags | O_DIRECT : flags & ~O_DIRECT;
    const bool is_set = ::fcntl(descriptor(), F_SETFL, wanted) == 0;
    is_direct_ = is_direct && is_set;
  }

  std::array<Buffer, 2> buffers_{MakeBuffer(), MakeBuffer()};
  std::size_t filling_ = 0;
  std::size_t filled_ = 0;
  // The background's, while it works.
  bool is_direct_ = false;
  std::uint64_t written_ = 0;
  Expected<void> result_;
  Background background_{"file"};  // after what it works on
};

}  // namespace

Expected<std::unique_ptr<File>> CreateLargeFile(const std::string& path) {
  const int descriptor = Open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND, 0600);
  if (descriptor < 0) return FailErrno(errno, "create", path);
  return std::make_unique<LargeFile>(descriptor, path);
}

}  // namespace firmsign::files
