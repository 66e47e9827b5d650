// SPDX-License-Identifier: Apache-2.0
//
// pugixml finds the structure; it is lenient, so everything that XML 1.0 demands beyond matching tags is checked here:
// characters, references, attribute names used twice, what may stand outside the root. References are expanded here
// too, not by pugixml, which would let unknown ones pass as text.

#include "platform/xml/xml.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <pugixml.hpp>

#include "base/check.h"
#include "base/encoding.h"

namespace firmsign::xml {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::string_view kBlanks = " \t\r\n";

bool IsBlank(std::string_view text) { return text.find_first_not_of(kBlanks) == std::string_view::npos; }

// U+FFFE or U+FFFF at the start of `text`: well-formed UTF-8, but no characters of XML 1.0.
bool StartsWithNonCharacter(std::string_view text) {
  return text.starts_with("\xef\xbf\xbe") || text.starts_with("\xef\xbf\xbf");
}

bool IsForbiddenControl(char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r'; }

// True when every character may stand in a document as it is (XML 1.0 §2.2).
bool HasOnlyCharacters(std::string_view text) {
  if (!IsUtf8(text)) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (IsForbiddenControl(text[i])) return false;
    if (text[i] == '\xef' && StartsWithNonCharacter(text.substr(i))) return false;
  }
  return true;
}

void AppendUtf8(std::string& out, std::uint32_t code_point) {
  const auto push = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code_point < 0x80) {
    push(code_point);
  } else if (code_point < 0x800) {
    push(0xc0 | code_point >> 6);
    push(0x80 | (code_point & 0x3f));
  } else if (code_point < 0x10000) {
    push(0xe0 | code_point >> 12);
    push(0x80 | (code_point >> 6 & 0x3f));
    push(0x80 | (code_point & 0x3f));
  } else {
    push(0xf0 | code_point >> 18);
    push(0x80 | (code_point >> 12 & 0x3f));
    push(0x80 | (code_point >> 6 & 0x3f));
    push(0x80 | (code_point & 0x3f));
  }
}

// The character of a reference, given what stands between '&' and ';'. Numbers of characters that XML 1.0 cannot hold
// are accepted: it is how S3 writes them, and a client sends back what it read.
std::optional<std::uint32_t> ReferencedCharacter(std::string_view reference) {
  if (reference == "amp") return '&';
  if (reference == "lt") return '<';
  if (reference == "gt") return '>';
  if (reference == "quot") return '"';
  if (reference == "apos") return '\'';
  if (!reference.starts_with('#')) return std::nullopt;
  reference.remove_prefix(1);
  int base = 10;
  if (reference.starts_with('x')) {
    reference.remove_prefix(1);
    base = 16;
  }
  std::uint32_t code_point = 0;
  const char* end = reference.data() + reference.size();
  const auto [stop, status] = std::from_chars(reference.data(), end, code_point, base);
  if (status != std::errc() || stop != end) return std::nullopt;
  if (code_point > 0x10ffff || (code_point >= 0xd800 && code_point <= 0xdfff)) return std::nullopt;
  return code_point;
}

// Appends `raw` with its references expanded; false when one is not allowed.
bool AppendExpanded(std::string& out, std::string_view raw) {
  while (true) {
    const std::size_t ampersand = raw.find('&');
    out.append(raw.substr(0, ampersand));
    if (ampersand == std::string_view::npos) return true;
    raw.remove_prefix(ampersand + 1);
    const std::size_t semicolon = raw.find(';');
    if (semicolon == std::string_view::npos) return false;
    const std::optional<std::uint32_t> code_point = ReferencedCharacter(raw.substr(0, semicolon));
    if (!code_point) return false;
    AppendUtf8(out, *code_point);
    raw.remove_prefix(semicolon + 1);
  }
}

// Turns pugixml's tree into ours.
class Converter {
 public:
  explicit Converter(std::size_t depth_max) : depth_max_(depth_max) {}

  Expected<Element> Convert(const pugi::xml_node& node, std::size_t depth) const {
    if (depth > depth_max_) return Fail(Code::kInvalid, "XML nested too deep");
    Element element;
    ASSIGN_OR_RETURN(element.name, LocalName(node.name()));
    RETURN_IF_ERROR(AddAttributes(node, element));
    for (const pugi::xml_node& child : node.children()) {
      if (child.type() == pugi::node_element) {
        ASSIGN_OR_RETURN(element.children.emplace_back(), Convert(child, depth + 1));
      } else {
        RETURN_IF_ERROR(AddText(child, element));
      }
    }
    // Blanks between children are layout; in an element without children they are its value.
    if (!element.children.empty() && IsBlank(element.text)) element.text.clear();
    return element;
  }

 private:
  static bool BeginsName(std::string_view text) {
    constexpr std::string_view kNotFirst = "0123456789-.";
    return !text.empty() && kNotFirst.find(text.front()) == std::string_view::npos;
  }

  static Expected<std::string> LocalName(std::string_view qualified) {
    const std::size_t colon = qualified.find(':');
    if (colon == std::string_view::npos) return std::string(qualified);
    const std::string_view local = qualified.substr(colon + 1);
    // What follows the prefix must begin a name by itself; pugixml looked only at the beginning of the whole.
    if (colon == 0 || local.find(':') != std::string_view::npos || !BeginsName(local)) {
      return Fail(Code::kInvalid, "not an XML name: " + std::string(qualified));
    }
    return std::string(local);
  }

  static Expected<void> AddAttributes(const pugi::xml_node& node, Element& element) {
    for (const pugi::xml_attribute& attribute : node.attributes()) {
      std::string value;
      const std::string_view raw = attribute.value();
      if (raw.find('<') != std::string_view::npos || !AppendExpanded(value, raw)) {
        return Fail(Code::kInvalid, "XML attribute with a bare '<' or '&' or an unknown entity");
      }
      const bool is_double =
          std::ranges::any_of(element.attributes, [&](const auto& other) { return other.first == attribute.name(); });
      if (is_double) return Fail(Code::kInvalid, "XML attribute twice in one element");
      element.attributes.emplace_back(attribute.name(), std::move(value));
    }
    return {};
  }

  static Expected<void> AddText(const pugi::xml_node& node, Element& element) {
    const std::string_view raw = node.value();
    if (node.type() == pugi::node_cdata) {
      element.text.append(raw);
      return {};
    }
    if (node.type() != pugi::node_pcdata) return Fail(Code::kInvalid, "XML declaration or DOCTYPE inside an element");
    if (raw.find("]]>") != std::string_view::npos) return Fail(Code::kInvalid, "']]>' in XML text");
    if (!AppendExpanded(element.text, raw))
      return Fail(Code::kInvalid, "XML text with a bare '&' or an unknown entity");
    return {};
  }

  std::size_t depth_max_;
};

// The only element of the document, after a check of what stands beside it.
Expected<pugi::xml_node> FindRoot(const pugi::xml_document& document, std::string_view text) {
  pugi::xml_node root;
  for (const pugi::xml_node& node : document.children()) {
    switch (node.type()) {
      case pugi::node_element:
        if (root) return Fail(Code::kInvalid, "XML with more than one root");
        root = node;
        break;
      case pugi::node_declaration: {
        if (node.previous_sibling() || !text.starts_with("<?xml")) {
          return Fail(Code::kInvalid, "XML declaration that is not at the start");
        }
        const pugi::xml_attribute encoding = node.attribute("encoding");
        if (encoding && !EqualsIgnoreCase(encoding.value(), "utf-8")) {
          return Fail(Code::kInvalid, "XML that declares another encoding than UTF-8");
        }
        break;
      }
      case pugi::node_pcdata:
        if (!IsBlank(node.value())) return Fail(Code::kInvalid, "text outside the XML root");
        break;
      case pugi::node_doctype: return Fail(Code::kInvalid, "XML with a DOCTYPE");
      default: return Fail(Code::kInvalid, "CDATA outside the XML root");
    }
  }
  if (!root) return Fail(Code::kInvalid, "XML without a root");
  return root;
}

// Appends `text` so that a parser reads it back. Characters that XML 1.0 cannot hold become &#xN; as S3 does, also a
// carriage return, which a parser would turn into a line feed. A byte that is no UTF-8 becomes U+FFFD.
void AppendEscaped(std::string& out, std::string_view text, bool in_attribute) {
  const auto append_number = [&](std::uint32_t code_point) {
    std::array<char, 8> digits;
    const auto [end, status] = std::to_chars(digits.data(), digits.data() + digits.size(), code_point, 16);
    CHECK(status == std::errc());
    std::transform(digits.data(), end, digits.data(), [](char c) { return c >= 'a' ? static_cast<char>(c - 32) : c; });
    out.append("&#x").append(digits.data(), end).push_back(';');
  };
  if (!IsUtf8(text)) return AppendEscaped(out, ToUtf8(text), in_attribute);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    switch (c) {
      case '&': out.append("&amp;"); continue;
      case '<': out.append("&lt;"); continue;
      case '>': out.append("&gt;"); continue;
      case '"': out.append("&quot;"); continue;
      case '\r': append_number('\r'); continue;
      default: break;
    }
    if (IsForbiddenControl(c) || (in_attribute && (c == '\t' || c == '\n'))) {
      append_number(static_cast<std::uint32_t>(c));
    } else if (c == '\xef' && StartsWithNonCharacter(text.substr(i))) {
      append_number(text[i + 2] == '\xbe' ? 0xfffe : 0xffff);
      i += 2;
    } else {
      out.push_back(c);
    }
  }
}

}  // namespace

const Element* Element::Child(std::string_view child_name) const {
  const auto found = std::ranges::find(children, child_name, &Element::name);
  return found == children.end() ? nullptr : &*found;
}

Expected<Element> Parse(std::string_view text, const Limits& limits) {
  if (text.size() > limits.bytes_max) {
    return Fail(Code::kInvalid, "XML of more than " + std::to_string(limits.bytes_max) + " bytes");
  }
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (!HasOnlyCharacters(text)) return Fail(Code::kInvalid, "XML with a character that it cannot hold, or not UTF-8");
  pugi::xml_document document;
  // Doctypes and text outside the root are kept so that they can be refused, blanks because a value may be blank.
  constexpr unsigned kFlags = pugi::parse_cdata | pugi::parse_eol | pugi::parse_wconv_attribute |
                              pugi::parse_ws_pcdata | pugi::parse_doctype | pugi::parse_declaration |
                              pugi::parse_fragment;
  const pugi::xml_parse_result result = document.load_buffer(text.data(), text.size(), kFlags, pugi::encoding_utf8);
  if (!result) {
    return Fail(Code::kInvalid, "not XML at byte " + std::to_string(result.offset) + ": " + result.description());
  }
  ASSIGN_OR_RETURN(const pugi::xml_node root, FindRoot(document, text));
  return Converter(limits.depth_max).Convert(root, 1);
}

void Writer::Declaration() { out_.append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"); }

void Writer::Begin(std::string_view name, std::string_view xmlns) {
  StartLine();
  out_.append("<").append(name);
  if (!xmlns.empty()) {
    out_.append(" xmlns=\"");
    AppendEscaped(out_, xmlns, true);
    out_.push_back('"');
  }
  out_.push_back('>');
  open_.emplace_back(name);
  content_begin_ = out_.size();
}

void Writer::BeginWithAttributes(std::string_view name,
                                 const std::vector<std::pair<std::string, std::string>>& attributes) {
  StartLine();
  out_.append("<").append(name);
  for (const auto& [attribute, value] : attributes) {
    out_.append(" ").append(attribute).append("=\"");
    AppendEscaped(out_, value, true);
    out_.push_back('"');
  }
  out_.push_back('>');
  open_.emplace_back(name);
  content_begin_ = out_.size();
}

void Writer::End() {
  CHECK(!open_.empty());
  const std::string name = std::move(open_.back());
  open_.pop_back();
  if (out_.size() == content_begin_) {
    out_.back() = '/';
    out_.push_back('>');
  } else {
    StartLine();
    out_.append("</").append(name).push_back('>');
  }
  if (indent_ && open_.empty()) out_.push_back('\n');
}

void Writer::Leaf(std::string_view name, std::string_view text) {
  StartLine();
  out_.append("<").append(name).push_back('>');
  AppendEscaped(out_, text, false);
  out_.append("</").append(name).push_back('>');
}

// Starts the line of a tag `open_.size()` levels deep. The root starts where the caller is.
void Writer::StartLine() {
  const bool is_root = open_.empty() && !has_root_;
  has_root_ = true;
  if (!indent_ || is_root) return;
  out_.push_back('\n');
  out_.append(open_.size() * 2, ' ');
}

}  // namespace firmsign::xml
