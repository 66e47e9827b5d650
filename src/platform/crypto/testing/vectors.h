// SPDX-License-Identifier: Apache-2.0
//
// For tests: the files of tests/vectors and of ../shared, by name.
//
// A file that belongs to the repository and is absent ends the test program; one of ../shared may be absent.

#pragma once

#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "base/check.h"
#include "base/secret.h"

namespace firmsign::crypto {

inline std::optional<std::string> ReadIfPresent(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

// "crypto/p256.key.pem" of tests/vectors.
inline std::string Vector(const std::string& name) {
  auto bytes = ReadIfPresent(std::string(FIRMSIGN_SOURCE_DIR) + "/tests/vectors/" + name);
  CHECK(bytes.has_value());
  return *std::move(bytes);
}

inline SecretBytes SecretVector(const std::string& name) { return SecretBytes(Vector(name)); }

// "ota/dummy.bin" of the vectors that lie beside the repository.
inline std::optional<std::string> SharedVector(const std::string& name) {
  return ReadIfPresent(std::string(FIRMSIGN_SOURCE_DIR) + "/../shared/vectors/" + name);
}

}  // namespace firmsign::crypto
