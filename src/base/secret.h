// SPDX-License-Identifier: Apache-2.0
//
// SecretBytes: bytes that wipe themselves and cannot be printed by accident.
//
// Reading one needs a SecretAccess, so that `grep SecretAccess` lists every place that sees a secret. The idea is
// Tink's InsecureSecretKeyAccess.

#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace firmsign {

// Shown by code that has a reason to read secrets. Uses are reviewed one by one.
class SecretAccess {
 public:
  // `reason` is for the reader of the code.
  explicit constexpr SecretAccess(const char* /*reason*/) {}
};

// Thread safety: immutable after construction.
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(std::string bytes) : bytes_(std::move(bytes)) {}
  SecretBytes(const SecretBytes&) = default;
  SecretBytes& operator=(const SecretBytes& other);
  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  ~SecretBytes();

  std::string_view Reveal(SecretAccess) const { return bytes_; }
  std::size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }

 private:
  std::string bytes_;
};

// Overwrites the whole buffer of `text`, also its unused capacity, then empties it. The compiler cannot leave it out.
void Wipe(std::string& text);

// Takes the same time wherever the two differ; only the lengths are not secret.
bool ConstantTimeEquals(std::string_view a, std::string_view b);

}  // namespace firmsign
