// SPDX-License-Identifier: Apache-2.0
//
// TOML configuration files (https://toml.io/en/v1.0.0) as a flat list of dotted keys.

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

// kInvalid: not TOML, larger than 1 MiB, or a value of another type than the four above; the message begins with
// `name`:line.
Expected<std::vector<Setting>> ParseToml(std::string_view text, std::string_view name);

}  // namespace firmsign::config
