// SPDX-License-Identifier: Apache-2.0

#include "aws/protocol/json_body.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "aws/protocol/rest_binding.h"
#include "aws/protocol/scalar_text.h"
#include "base/encoding.h"

namespace firmsign::aws {
namespace {

using Read = std::expected<void, Malformed>;

std::string_view TypeName(const json::Value& value) {
  if (value.AsBool() != nullptr) return "BOOLEAN_VALUE";
  if (value.AsInt() != nullptr || value.AsDouble() != nullptr) return "NUMBER_VALUE";
  if (value.AsString() != nullptr) return "STRING_VALUE";
  if (value.AsArray() != nullptr) return "LIST";
  return "STRUCTURE";
}

std::string_view KindName(Kind kind) {
  switch (kind) {
    case Kind::kBoolean: return "a Boolean";
    case Kind::kLong: return "an Integer";
    case Kind::kDouble: return "a Double";
    case Kind::kTimestamp: return "a Timestamp";
    case Kind::kBlob:
    case Kind::kSecretBlob: return "a Blob";
    case Kind::kString: return "a String";
    case Kind::kStructure:
    case Kind::kMap: return "a Structure";
    case Kind::kList: return "a List";
  }
  return "";
}

class Reader {
 public:
  explicit Reader(std::vector<Violation>& violations) : violations_(violations) {}

  Read Structure(const Shape& shape, const json::Value& value, BodyMembers which, void* object,
                 const std::string& path) {
    if (value.AsObject() == nullptr) return Wrong(shape, value, path);
    for (const auto& member : shape.members) {
      if (which == BodyMembers::kBodyOnly && member.location != Location::kBody) continue;
      const json::Value* found = value.Find(WireName(member));
      if (found == nullptr || found->IsNull()) {
        if (member.required) violations_.push_back(NullViolation(path, member.name));
        continue;
      }
      if (auto read = Any(*member.shape, *found, member.emplace(object), JoinPath(path, member.name)); !read) {
        return read;
      }
    }
    return {};
  }

 private:
  static Read Wrong(const Shape& shape, const json::Value& value, const std::string& path) {
    return std::unexpected(Malformed{fmt::format("{} can not be converted to {}{}", TypeName(value),
                                                 KindName(shape.kind), path.empty() ? "" : " at '" + path + "'")});
  }

  Read Any(const Shape& shape, const json::Value& value, void* out, const std::string& path) {
    switch (shape.kind) {
      case Kind::kBoolean:
        if (value.AsBool() == nullptr) return Wrong(shape, value, path);
        *static_cast<bool*>(out) = *value.AsBool();
        return {};
      case Kind::kLong:
      case Kind::kDouble: return Number(shape, value, out, path);
      case Kind::kTimestamp: return Timestamp(shape, value, out, path);
      case Kind::kString:
      case Kind::kBlob:
      case Kind::kSecretBlob:
        if (value.AsString() == nullptr || !ParseScalar(shape, *value.AsString(), out)) {
          return Wrong(shape, value, path);
        }
        return {};
      case Kind::kStructure: return Structure(shape, value, BodyMembers::kAll, out, path);
      case Kind::kList: return List(shape, value, out, path);
      case Kind::kMap: return Map(shape, value, out, path);
    }
    return {};
  }

  // 25.0 is an integer, 25.5 is none.
  static Read Number(const Shape& shape, const json::Value& value, void* out, const std::string& path) {
    const auto* integer = value.AsInt();
    const auto* real = value.AsDouble();
    if (shape.kind == Kind::kDouble && (integer != nullptr || real != nullptr)) {
      *static_cast<double*>(out) = integer != nullptr ? static_cast<double>(*integer) : *real;
      return {};
    }
    constexpr double kExactMax = 9007199254740992.0;  // 2^53
    if (integer != nullptr) {
      *static_cast<std::int64_t*>(out) = *integer;
    } else if (real != nullptr && std::trunc(*real) == *real && std::fabs(*real) <= kExactMax) {
      *static_cast<std::int64_t*>(out) = static_cast<std::int64_t>(*real);
    } else {
      return Wrong(shape, value, path);
    }
    return {};
  }

  static Read Timestamp(const Shape& shape, const json::Value& value, void* out, const std::string& path) {
    std::optional<Instant> at;
    if (const auto* integer = value.AsInt()) {
      at = ParseEpochSeconds(fmt::format("{}", *integer));
    } else if (const auto* real = value.AsDouble()) {
      // The shortest text that means this double is what the client wrote; tiny ones would come with an exponent.
      at = ParseEpochSeconds(*real >= 1 ? fmt::format("{}", *real) : fmt::format("{:.6f}", *real));
    } else if (const auto* text = value.AsString()) {
      at = ParseTimestamp(*text);
    }
    if (!at) return Wrong(shape, value, path);
    *static_cast<Instant*>(out) = *at;
    return {};
  }

  Read List(const Shape& shape, const json::Value& value, void* out, const std::string& path) {
    const auto* array = value.AsArray();
    if (array == nullptr) return Wrong(shape, value, path);
    std::size_t number = 0;
    for (const auto& element : *array) {
      ++number;
      if (element.IsNull()) continue;
      if (auto read = Any(*shape.element, element, shape.list->append(out), ElementPath(path, number)); !read) {
        return read;
      }
    }
    return {};
  }

  static Read Map(const Shape& shape, const json::Value& value, void* out, const std::string& path) {
    const auto* object = value.AsObject();
    if (object == nullptr) return Wrong(shape, value, path);
    for (const auto& [key, element] : *object) {
      if (element.IsNull()) continue;
      if (element.AsString() == nullptr) return Wrong(*shape.element, element, path);
      static_cast<StringMap*>(out)->insert_or_assign(key, *element.AsString());
    }
    return {};
  }

  std::vector<Violation>& violations_;
};

void WriteAny(const Member* member, const Shape& shape, const void* value, json::Writer& writer) {
  switch (shape.kind) {
    case Kind::kBoolean: return writer.Bool(*static_cast<const bool*>(value));
    case Kind::kLong: return writer.Int(*static_cast<const std::int64_t*>(value));
    case Kind::kDouble: return writer.Double(*static_cast<const double*>(value));
    case Kind::kTimestamp: {
      const auto format = member != nullptr ? member->timestamp_format : TimestampFormat::kDefault;
      if (format == TimestampFormat::kDefault || format == TimestampFormat::kEpochSeconds) {
        return writer.EpochSeconds(static_cast<const Instant*>(value)->micros);
      }
      return writer.String(FormatScalar(shape, value, format));
    }
    case Kind::kString:
    case Kind::kBlob:
    case Kind::kSecretBlob: return writer.String(FormatScalar(shape, value, TimestampFormat::kDefault));
    case Kind::kStructure: return WriteJson(shape, value, BodyMembers::kAll, writer);
    case Kind::kList:
      writer.BeginArray();
      for (std::size_t i = 0; i < shape.list->size(value); ++i) {
        WriteAny(nullptr, *shape.element, shape.list->at(value, i), writer);
      }
      return writer.EndArray();
    case Kind::kMap:
      writer.BeginObject();
      for (const auto& [key, text] : *static_cast<const StringMap*>(value)) {
        writer.Name(key);
        writer.String(text);
      }
      return writer.EndObject();
  }
}

}  // namespace

Read ReadJson(const Shape& shape, const json::Value& value, BodyMembers which, void* object,
              std::vector<Violation>& violations) {
  return Reader(violations).Structure(shape, value, which, object, {});
}

Read ReadJsonBody(const OperationDescriptor& operation, std::string_view body, BodyMembers which, void* object,
                  std::vector<Violation>& violations) {
  json::Value value{json::Object{}};
  if (!body.empty()) {
    auto parsed = json::Parse(body, {.bytes_max = operation.body_bytes_max});
    if (!parsed) return std::unexpected(Malformed{parsed.error().message});
    value = *std::move(parsed);
  }
  return ReadJson(*operation.input, value, which, object, violations);
}

void WriteJson(const Shape& shape, const void* object, BodyMembers which, json::Writer& writer) {
  writer.BeginObject();
  for (const auto& member : shape.members) {
    if (member.streaming || (which == BodyMembers::kBodyOnly && member.location != Location::kBody)) continue;
    const void* value = member.get(object);
    if (value == nullptr) continue;
    writer.Name(WireName(member));
    WriteAny(&member, *member.shape, value, writer);
  }
  writer.EndObject();
}

std::string WriteJsonError(const ApiError& error, std::pair<std::string_view, std::string_view> first,
                           std::string_view message_name) {
  std::string body;
  json::Writer writer(body);
  writer.BeginObject();
  if (!first.second.empty()) {
    writer.Name(first.first);
    writer.String(first.second);
  }
  writer.Name(message_name);
  writer.String(error.message);
  for (const auto& [name, value] : error.extras) {
    writer.Name(name);
    writer.String(value);
  }
  writer.EndObject();
  return body;
}

}  // namespace firmsign::aws
