// SPDX-License-Identifier: Apache-2.0
//
// Shapes: what the generated structs look like, told to code that is compiled once.
//
// The generator (tools/codegen) turns model/*.smithy into plain structs and, for each, constexpr descriptors of the
// types below. The codecs (aws/protocol) and the validator (aws/validate.h) read and write any struct through its
// descriptor; they are never templates over an operation.
//
// C++ type of a member: its value type when the model says @required, else std::optional of it. Value types: bool,
// std::int64_t (byte, short, integer, long), double, std::string (string, enum, blob), SecretBytes (a @sensitive blob),
// Instant (timestamp), a struct, std::vector<T> (list), std::map<std::string, std::string> (map).

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "base/time.h"

namespace firmsign::aws {

enum class Kind : std::uint8_t {
  kBoolean,
  kLong,
  kDouble,
  kString,
  kBlob,
  kSecretBlob,  // C++ type SecretBytes
  kTimestamp,
  kStructure,
  kList,
  kMap,  // string to string
};

// Where a member travels in rest protocols. In json-1.1 and query everything is kBody.
enum class Location : std::uint8_t {
  kBody,
  kPath,        // {name} in the URI template
  kGreedyPath,  // {name+}: may contain '/'
  kQuery,
  kHeader,
  kPrefixHeaders,  // a map; wire_name is the prefix, e.g. "x-amz-meta-"
  kPayload,        // this member alone is the body: a structure (XML), a string (raw), or a streamed blob
};

enum class TimestampFormat : std::uint8_t { kDefault, kEpochSeconds, kIso8601, kHttpDate };

// Limits of a value; what the model does not say is absent.
struct Constraints {
  std::optional<std::int64_t>
      min;  // length of strings (in characters), blobs (in bytes), lists, maps; value of numbers
  std::optional<std::int64_t> max;
  std::string_view pattern;  // empty: none; the whole value must match
  std::span<const std::string_view> enum_values;
};

struct Shape;

// How to reach one member of a struct that is only known as void*.
struct Member {
  std::string_view name;       // as in the model: "profileName"
  std::string_view wire_name;  // XML element, query or header name; else the same as name
  Location location = Location::kBody;
  bool required = false;
  bool sensitive = false;
  bool flattened = false;  // XML and query lists without a wrapper
  bool streaming = false;  // a blob that is not in the struct: see http::BodyReader and http::Body
  bool idempotency_token = false;
  TimestampFormat timestamp_format = TimestampFormat::kDefault;
  // Under which name policies see it: "s3:prefix". "aws:RequestTag" for tags: each becomes a key of its own.
  std::string_view condition_key;
  const Shape* shape = nullptr;

  // The value, or nullptr when it is absent (only for members that are not required).
  const void* (*get)(const void* object) = nullptr;
  // The value to write to, made if absent.
  void* (*emplace)(void* object) = nullptr;
};

struct ListAccess {
  std::size_t (*size)(const void* list);
  const void* (*at)(const void* list, std::size_t index);
  void* (*append)(void* list);  // a new last element
};

struct Shape {
  Kind kind = Kind::kStructure;
  std::string_view name;  // as in the model: "SigningProfile"
  Constraints constraints;
  std::span<const Member> members;     // kStructure
  const Shape* element = nullptr;      // kList; kMap: the value's shape
  const Shape* key = nullptr;          // kMap
  std::string_view element_wire_name;  // kList in XML and query: "member" unless the model says otherwise
  const ListAccess* list = nullptr;    // kList
};

// Accessors for the descriptors that the generator emits: `Access<&StartSigningJobRequest::profile_owner>`.
template <auto Field>
struct Access;

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

// One specialisation for both forms of member: GCC 12 finds two of them ambiguous.
template <class Struct, class T, T Struct::* Field>
struct Access<Field> {
  static const void* Get(const void* object) {
    const T& value = static_cast<const Struct*>(object)->*Field;
    if constexpr (kIsOptional<T>) {
      return value ? &*value : nullptr;
    } else {
      return &value;
    }
  }
  static void* Emplace(void* object) {
    T& value = static_cast<Struct*>(object)->*Field;
    if constexpr (kIsOptional<T>) {
      return value ? &*value : &value.emplace();
    } else {
      return &value;
    }
  }
};

template <class T>
inline constexpr ListAccess kListAccess{
    .size = [](const void* list) { return static_cast<const std::vector<T>*>(list)->size(); },
    .at = [](const void* list, std::size_t index) -> const void* {
      return &(*static_cast<const std::vector<T>*>(list))[index];
    },
    .append = [](void* list) -> void* { return &static_cast<std::vector<T>*>(list)->emplace_back(); },
};

using StringMap = std::map<std::string, std::string>;

}  // namespace firmsign::aws
