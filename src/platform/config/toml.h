// SPDX-License-Identifier: Apache-2.0
//
// Configuration files as a flat list of dotted keys, in the part of TOML 1.0 (https://toml.io/en/v1.0.0) that a list of
// settings needs.
//
// Tables, bare, quoted and dotted keys, one-line texts, integers, booleans and lists of texts. No other TOML reader
// gives an accepted file another meaning. What is left out (floats, dates, multi-line texts, inline tables, arrays of
// tables) is refused with a message that says so. The reasons: docs/decisions/2026-11-23-own-toml-reader.md.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"

namespace firmsign::config {

struct Setting {
  std::string key;  // "http.pool_threads"
  std::variant<std::string, std::int64_t, bool, std::vector<std::string>> value;
  std::int64_t line = 0;
};

// In the order of the file, every key once. kInvalid: not TOML, or not of the part above, or larger than 1 MiB; the
// message begins with `name`:line.
Expected<std::vector<Setting>> ParseToml(std::string_view text, std::string_view name);

}  // namespace firmsign::config
