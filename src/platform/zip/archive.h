// SPDX-License-Identifier: Apache-2.0
//
// Zip archives (PKWARE APPNOTE 6.3.9): read once from begin to end, and written again unchanged with entries appended.
//
// Made for signing: whatever two readers could understand differently is refused instead of guessed at, and every byte
// of the archive is read exactly once, so that what is checked, hashed and copied are the same bytes. The rules are
// listed at the top of archive.cc; docs/decisions/2026-11-25-zip-and-cms.md says why this is not a library.
// Deliberately absent: encryption, methods beside stored and deflated, several disks, archives of 4 GiB and more.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"

namespace firmsign::zip {

using Sink = std::function<Expected<void>(std::string_view bytes)>;

// Where an archive lies. `read_at` gives at most out.size() bytes at `offset`, and 0 only at the end.
struct Source {
  std::uint64_t size = 0;
  std::function<Expected<std::size_t>(std::uint64_t offset, std::span<char> out)> read_at;
};

struct Limits {
  std::size_t entries_max = 65'000;  // the format's own limit is 65,534
  std::size_t directory_bytes_max = 32 << 20;
  std::uint64_t body_bytes_max = 1 << 30;  // of all bodies together, as the directory states them and as they inflate
};

// Any of these may be left empty.
struct Visitor {
  std::function<Expected<void>(std::string_view name)> entry;  // an entry begins; a folder's name ends with a slash
  Sink body;                                                   // some of its inflated body
  Sink raw;                                                    // bytes of the archive as they lie there
};

// An entry to append. It is stored, not deflated.
struct NewEntry {
  std::string name;
  std::string body;
};

// Thread safety: confined. Holds the directory in memory, and 192 KiB while it reads.
class Archive {
 public:
  // Reads the end and the directory, and checks what they say of the whole. kInvalid: not a zip archive, an empty one,
  // or one that is refused; the message tells the user why and what to do. kCorrupt: the source is shorter than its
  // size. And what read_at returns.
  static Expected<Archive> Open(Source source, const Limits& limits = {});
  Archive(Archive&&) noexcept;
  Archive& operator=(Archive&&) noexcept;
  ~Archive();

  bool Contains(std::string_view name) const;

  // Reads every entry in the order of the archive and checks it: its header against the directory, length and CRC of
  // its body. `raw` sees all bytes before tail(). kInvalid: the archive is damaged or refused. kCorrupt, and what
  // read_at and the visitor return.
  Expected<void> Read(const Visitor& visitor) const;

  // The archive's last bytes, from the directory on.
  std::string_view tail() const;

  // Writes what has to follow the entries, in place of tail(): `entries`, then the directory with them in it. The same
  // bytes for the same arguments; `modified_at` is written as UTC. kExhausted: the archive becomes too large for its
  // format. And what the sink returns.
  Expected<void> WriteTailWith(std::span<const NewEntry> entries, Instant modified_at, const Sink& sink) const;

 private:
  struct State;
  explicit Archive(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace firmsign::zip
