// SPDX-License-Identifier: Apache-2.0
//
// Reading the JSON answers of the server.

#pragma once

#include <string>
#include <string_view>

#include "platform/json/json.h"

namespace firmsign::cli {

// A text member of an answer; empty when it has none.
inline std::string TextAt(const json::Value& value, std::string_view name) {
  const json::Value* member = value.Find(name);
  return member != nullptr && member->AsString() != nullptr ? *member->AsString() : std::string();
}

}  // namespace firmsign::cli
