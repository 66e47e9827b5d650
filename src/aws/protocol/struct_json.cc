// SPDX-License-Identifier: Apache-2.0

#include "aws/protocol/codec.h"
#include "aws/protocol/scalar_text.h"
#include "platform/json/json.h"

namespace firmsign::aws {
namespace {

constexpr std::string_view kHidden = "HIDDEN_DUE_TO_SECURITY_REASONS";

class StructWriter {
 public:
  StructWriter(bool redact, json::Writer& writer) : redact_(redact), writer_(writer) {}

  void Structure(const Shape& shape, const void* object) {
    writer_.BeginObject();
    for (const auto& member : shape.members) {
      const void* value = member.streaming ? nullptr : member.get(object);
      if (value == nullptr) continue;
      writer_.Name(member.name);
      if (redact_ && member.sensitive) {
        writer_.String(kHidden);
      } else {
        Any(*member.shape, value);
      }
    }
    writer_.EndObject();
  }

 private:
  void Any(const Shape& shape, const void* value) {
    switch (shape.kind) {
      case Kind::kBoolean: return writer_.Bool(*static_cast<const bool*>(value));
      case Kind::kLong: return writer_.Int(*static_cast<const std::int64_t*>(value));
      case Kind::kDouble: return writer_.Double(*static_cast<const double*>(value));
      case Kind::kBlob:
        if (redact_) return writer_.Int(static_cast<std::int64_t>(static_cast<const std::string*>(value)->size()));
        break;
      case Kind::kSecretBlob:
        // Secrets leave only in the response that they are made for.
        return writer_.String(kHidden);
      case Kind::kStructure: return Structure(shape, value);
      case Kind::kList:
        writer_.BeginArray();
        for (std::size_t i = 0; i < shape.list->size(value); ++i) Any(*shape.element, shape.list->at(value, i));
        return writer_.EndArray();
      case Kind::kMap:
        writer_.BeginObject();
        for (const auto& [key, text] : *static_cast<const StringMap*>(value)) {
          writer_.Name(key);
          writer_.String(text);
        }
        return writer_.EndObject();
      case Kind::kString:
      case Kind::kTimestamp: break;
    }
    writer_.String(FormatScalar(shape, value, TimestampFormat::kIso8601));
  }

  bool redact_;
  json::Writer& writer_;
};

}  // namespace

void WriteStructAsJson(const Shape& shape, const void* object, bool redact, std::string& out) {
  json::Writer writer(out);
  StructWriter(redact, writer).Structure(shape, object);
}

}  // namespace firmsign::aws
