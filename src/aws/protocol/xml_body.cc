// SPDX-License-Identifier: Apache-2.0

#include "aws/protocol/xml_body.h"

#include <utility>

#include "aws/protocol/rest_binding.h"
#include "aws/protocol/scalar_text.h"

namespace firmsign::aws {
namespace {

using Read = std::expected<void, Malformed>;

constexpr std::string_view kInstance = "http://www.w3.org/2001/XMLSchema-instance";
// S3's Grantee says its type in an attribute, the only one of that kind.
constexpr std::string_view kInstanceType = "xsi:type";

std::string_view ElementName(const Shape& list) {
  return list.element_wire_name.empty() ? std::string_view("member") : list.element_wire_name;
}

class XmlWriter {
 public:
  XmlWriter(XmlTimes times, xml::Writer& writer) : times_(times), writer_(writer) {}

  void Members(const Shape& shape, const void* object, bool body_only) {
    for (const auto& member : shape.members) {
      if (member.streaming || (body_only && member.location != Location::kBody)) continue;
      const void* value = member.get(object);
      if (value == nullptr || WireName(member) == kInstanceType) continue;
      if (member.shape->kind == Kind::kList && member.flattened) {
        Elements(WireName(member), member, value);
      } else {
        Any(WireName(member), member, *member.shape, value);
      }
    }
  }

 private:
  void Elements(std::string_view name, const Member& member, const void* list) {
    const auto& shape = *member.shape;
    for (std::size_t i = 0; i < shape.list->size(list); ++i) {
      Any(name, member, *shape.element, shape.list->at(list, i));
    }
  }

  void Any(std::string_view name, const Member& member, const Shape& shape, const void* value) {
    switch (shape.kind) {
      case Kind::kStructure:
        Begin(name, shape, value);
        Members(shape, value, false);
        return writer_.End();
      case Kind::kList:
        writer_.Begin(name);
        for (std::size_t i = 0; i < shape.list->size(value); ++i) {
          Any(ElementName(shape), member, *shape.element, shape.list->at(value, i));
        }
        return writer_.End();
      case Kind::kMap: return Map(name, member, *static_cast<const StringMap*>(value));
      case Kind::kTimestamp:
        if (times_ == XmlTimes::kMillis && member.timestamp_format == TimestampFormat::kDefault) {
          return writer_.Leaf(name, FormatIso8601Millis(*static_cast<const Instant*>(value)));
        }
        break;
      default: break;
    }
    writer_.Leaf(name, FormatScalar(shape, value, member.timestamp_format));
  }

  void Map(std::string_view name, const Member& member, const StringMap& map) {
    if (!member.flattened) writer_.Begin(name);
    for (const auto& [key, text] : map) {
      writer_.Begin(member.flattened ? name : "entry");
      writer_.Leaf("key", key);
      writer_.Leaf("value", text);
      writer_.End();
    }
    if (!member.flattened) writer_.End();
  }

  void Begin(std::string_view name, const Shape& shape, const void* object) {
    for (const auto& member : shape.members) {
      const void* value = WireName(member) == kInstanceType ? member.get(object) : nullptr;
      if (value == nullptr) continue;
      return writer_.BeginWithAttributes(name, {{"xmlns:xsi", std::string(kInstance)},
                                                {std::string(kInstanceType), *static_cast<const std::string*>(value)}});
    }
    writer_.Begin(name);
  }

  XmlTimes times_;
  xml::Writer& writer_;
};

class XmlReader {
 public:
  explicit XmlReader(std::vector<Violation>& violations) : violations_(violations) {}

  Read Members(const Shape& shape, const xml::Element& element, void* object, const std::string& path) {
    for (const auto& member : shape.members) {
      const auto name = WireName(member);
      if (name == kInstanceType) {
        for (const auto& [attribute, text] : element.attributes) {
          if (attribute == kInstanceType) *static_cast<std::string*>(member.emplace(object)) = text;
        }
        continue;
      }
      if (element.Child(name) == nullptr) {
        if (member.required) violations_.push_back(NullViolation(path, member.name));
        continue;
      }
      void* value = member.emplace(object);
      const auto member_path = JoinPath(path, member.name);
      auto read = member.shape->kind == Kind::kList && member.flattened
                      ? Elements(*member.shape, element, name, value, member_path)
                      : Any(*member.shape, *element.Child(name), value, member_path);
      if (!read) return read;
    }
    return {};
  }

 private:
  Read Elements(const Shape& list, const xml::Element& parent, std::string_view name, void* value,
                const std::string& path) {
    std::size_t number = 0;
    for (const auto& child : parent.children) {
      if (child.name != name) continue;
      if (auto read = Any(*list.element, child, list.list->append(value), ElementPath(path, ++number)); !read) {
        return read;
      }
    }
    return {};
  }

  Read Any(const Shape& shape, const xml::Element& element, void* value, const std::string& path) {
    switch (shape.kind) {
      case Kind::kStructure: return Members(shape, element, value, path);
      case Kind::kList: return Elements(shape, element, ElementName(shape), value, path);
      case Kind::kMap:
        for (const auto& entry : element.children) {
          const auto* key = entry.Child("key");
          const auto* text = entry.Child("value");
          if (key == nullptr || text == nullptr) return Wrong(element.name);
          static_cast<StringMap*>(value)->insert_or_assign(key->text, text->text);
        }
        return {};
      default:
        // Numbers, booleans and times may stand between blanks; strings are taken as they are.
        if (!element.children.empty() ||
            !ParseScalar(shape, shape.kind == Kind::kString ? std::string_view(element.text) : Trim(element.text),
                         value)) {
          return Wrong(element.name);
        }
        return {};
    }
  }

  static std::string_view Trim(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\r\n";
    const auto begin = text.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
  }

  static Read Wrong(const std::string& name) {
    return std::unexpected(Malformed{"The element " + name + " does not hold a value of its type."});
  }

  std::vector<Violation>& violations_;
};

}  // namespace

void WriteXmlMembers(const Shape& shape, const void* object, bool body_only, XmlTimes times, xml::Writer& writer) {
  XmlWriter(times, writer).Members(shape, object, body_only);
}

Read ReadXml(const Shape& shape, const xml::Element& element, void* object, const std::string& path,
             std::vector<Violation>& violations) {
  return XmlReader(violations).Members(shape, element, object, path);
}

}  // namespace firmsign::aws
