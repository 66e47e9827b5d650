// SPDX-License-Identifier: Apache-2.0
//
// For tests: an image in memory that can lie about itself, and the recipe that signs it.

#pragma once

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "engine/signing/sign.h"

namespace firmsign::signing {

class MemoryImage final : public Image {
 public:
  explicit MemoryImage(std::string content) : bytes(std::move(content)) {}

  std::uint64_t size() const override { return stated_size.value_or(bytes.size()); }
  std::optional<std::string> stored_sha256() const override { return stored; }
  Expected<std::size_t> ReadAt(std::uint64_t offset, std::span<char> out) override {
    ++reads;
    if (fails_at && offset >= *fails_at) return Fail(Code::kUnavailable, "the disk is away");
    const std::size_t at = std::min<std::size_t>(offset, bytes.size());
    std::size_t count = std::min(out.size(), bytes.size() - at);
    if (piece_max) count = std::min(count, *piece_max);
    std::memcpy(out.data(), bytes.data() + at, count);
    return count;
  }

  std::string bytes;
  std::optional<std::uint64_t> stated_size;  // another size than the bytes have
  std::optional<std::string> stored;
  std::optional<std::uint64_t> fails_at;
  std::optional<std::size_t> piece_max;  // answer short reads
  int reads = 0;
};

inline Recipe RecipeFor(std::string_view platform, std::string_view encryption = "", std::string_view format = "") {
  return *MakeRecipe(*FindPlatform(platform), encryption, "", format);
}

}  // namespace firmsign::signing
