// SPDX-License-Identifier: Apache-2.0
//
// The JSON of requests to the server and of its answers.

#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "platform/json/json.h"

namespace firmsign::cli {

// A text member of an answer; empty when it has none.
inline std::string TextAt(const json::Value& value, std::string_view name) {
  const json::Value* member = value.Find(name);
  return member != nullptr && member->AsString() != nullptr ? *member->AsString() : std::string();
}

// An object of the texts that are not empty.
inline std::string FormatBody(std::initializer_list<std::pair<std::string_view, std::string_view>> members) {
  std::string body;
  json::Writer writer(body);
  writer.BeginObject();
  for (const auto& [name, value] : members) {
    if (value.empty()) continue;
    writer.Name(name);
    writer.String(value);
  }
  writer.EndObject();
  return body;
}

}  // namespace firmsign::cli
