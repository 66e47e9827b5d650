// SPDX-License-Identifier: Apache-2.0
//
// What parses, written and parsed again gives the same value, and writing that gives the same text.

#include <cstdint>
#include <cstring>

#include "base/check.h"
#include "base/encoding.h"
#include "platform/json/json.h"

namespace firmsign::json {
namespace {

bool Same(const Value& a, const Value& b) {
  if (a.IsNull() || b.IsNull()) return a.IsNull() && b.IsNull();
  if (a.AsBool() != nullptr && b.AsBool() != nullptr) return *a.AsBool() == *b.AsBool();
  if (a.AsInt() != nullptr && b.AsInt() != nullptr) return *a.AsInt() == *b.AsInt();
  // By their bits: zero and minus zero are two values.
  if (a.AsDouble() != nullptr && b.AsDouble() != nullptr) {
    return std::memcmp(a.AsDouble(), b.AsDouble(), sizeof(double)) == 0;
  }
  if (a.AsString() != nullptr && b.AsString() != nullptr) return *a.AsString() == *b.AsString();
  if (a.AsArray() != nullptr && b.AsArray() != nullptr) {
    if (a.AsArray()->size() != b.AsArray()->size()) return false;
    for (std::size_t i = 0; i < a.AsArray()->size(); ++i) {
      if (!Same((*a.AsArray())[i], (*b.AsArray())[i])) return false;
    }
    return true;
  }
  if (a.AsObject() == nullptr || b.AsObject() == nullptr || a.AsObject()->size() != b.AsObject()->size()) return false;
  for (std::size_t i = 0; i < a.AsObject()->size(); ++i) {
    const auto& [a_name, a_value] = (*a.AsObject())[i];
    const auto& [b_name, b_value] = (*b.AsObject())[i];
    if (a_name != b_name || !Same(a_value, b_value)) return false;
  }
  return true;
}

void Check(std::string_view text) {
  const Expected<Value> value = Parse(text);
  if (!value) {
    CHECK(value.error().code == Code::kInvalid);
    return;
  }
  const std::string written = Write(*value);
  CHECK(IsUtf8(written));
  // Numbers without exponents can be far longer than they came.
  const Expected<Value> again = Parse(written, {.bytes_max = written.size()});
  CHECK(again.has_value());
  CHECK(Same(*value, *again));
  CHECK(Write(*again) == written);
}

}  // namespace
}  // namespace firmsign::json

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  firmsign::json::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
