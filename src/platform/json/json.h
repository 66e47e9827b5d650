// SPDX-License-Identifier: Apache-2.0
//
// JSON (RFC 8259): a value type, a strict parser, and a writer that prints numbers as AWS does.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"

namespace firmsign::json {

class Value;
using Array = std::vector<Value>;
using Object = std::vector<std::pair<std::string, Value>>;  // in the order they came

class Value {
 public:
  using Storage = std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, Array, Object>;

  Value() = default;
  explicit Value(Storage storage) : storage_(std::move(storage)) {}

  bool IsNull() const { return std::holds_alternative<std::nullptr_t>(storage_); }
  // nullptr when the value is of another kind.
  const bool* AsBool() const { return std::get_if<bool>(&storage_); }
  const std::int64_t* AsInt() const { return std::get_if<std::int64_t>(&storage_); }
  const double* AsDouble() const { return std::get_if<double>(&storage_); }
  const std::string* AsString() const { return std::get_if<std::string>(&storage_); }
  const Array* AsArray() const { return std::get_if<Array>(&storage_); }
  const Object* AsObject() const { return std::get_if<Object>(&storage_); }
  // The member of an object; nullptr when absent or when this is no object.
  const Value* Find(std::string_view name) const;

 private:
  Storage storage_ = nullptr;
};

struct Limits {
  std::size_t bytes_max = 1 << 20;
  std::size_t depth_max = 32;
};

// kInvalid: not JSON, nested deeper or longer than the limits, a name twice in one object, a number that is not finite,
// or text that is not UTF-8. The message says where.
Expected<Value> Parse(std::string_view text, const Limits& limits = {});

// Appends compact JSON to a string. Commas and quotes are its business; balanced begin and end the caller's.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void BeginObject();
  void EndObject();
  void BeginArray();
  void EndArray();
  void Name(std::string_view name);
  void String(std::string_view text);  // escapes what RFC 8259 §7 demands; a byte that is no UTF-8 becomes U+FFFD
  void Int(std::int64_t number);
  void Double(double number);  // CHECKs that it is finite; 1700000000.123, never 1.7E9
  void Bool(bool value);
  void Null();
  void Raw(std::string_view json);  // a value already written as JSON
  // Epoch seconds: an integer when it is whole, else with at most three decimals (milliseconds).
  void EpochSeconds(std::int64_t micros);

 private:
  void Separate();
  std::string& out_;
  bool needs_comma_ = false;
};

std::string Write(const Value& value);

}  // namespace firmsign::json
