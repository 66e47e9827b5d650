// SPDX-License-Identifier: Apache-2.0
//
// The parser is Boost.JSON's incremental one with a handler that builds our Value; its own DOM is not used. The parser
// refuses malformed UTF-8, trailing text and non-standard syntax; what RFC 8259 leaves open is decided here.

#include "platform/json/json.h"

#include <algorithm>
#include <array>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/src.hpp>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <unordered_set>

#include "base/check.h"
#include "base/encoding.h"

namespace firmsign::json {
namespace {

namespace bj = boost::json;

// Objects with more members than this look their names up in a set, so that a million names take no trillion steps.
constexpr std::size_t kLinearNamesMax = 16;

enum class Refusal : std::uint8_t { kNone, kDuplicateName, kNotFinite };

// Receives the parser's events and builds the value bottom-up: a container under construction lies on `open_`.
class Builder {
 public:
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);

  // NOLINTBEGIN(readability-identifier-naming): Boost.JSON names these.
  bool on_document_begin(bj::error_code&) { return true; }
  bool on_document_end(bj::error_code&) { return true; }

  bool on_object_begin(bj::error_code&) {
    open_.emplace_back().is_object = true;
    return true;
  }
  bool on_object_end(std::size_t, bj::error_code&) {
    Object members = std::move(open_.back().members);
    open_.pop_back();
    return Add(Value(std::move(members)));
  }
  bool on_array_begin(bj::error_code&) {
    open_.emplace_back();
    return true;
  }
  bool on_array_end(std::size_t, bj::error_code&) {
    Array elements = std::move(open_.back().elements);
    open_.pop_back();
    return Add(Value(std::move(elements)));
  }

  bool on_key_part(bj::string_view part, std::size_t, bj::error_code&) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool on_key(bj::string_view part, std::size_t, bj::error_code& ec) {
    text_.append(part.data(), part.size());
    return open_.back().AddName(TakeText()) || Refuse(Refusal::kDuplicateName, ec);
  }
  bool on_string_part(bj::string_view part, std::size_t, bj::error_code&) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool on_string(bj::string_view part, std::size_t, bj::error_code&) {
    text_.append(part.data(), part.size());
    return Add(Value(TakeText()));
  }

  bool on_number_part(bj::string_view part, bj::error_code&) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool on_int64(std::int64_t number, bj::string_view, bj::error_code&) {
    text_.clear();
    return Add(Value(number));
  }
  bool on_uint64(std::uint64_t number, bj::string_view, bj::error_code&) {
    text_.clear();
    return Add(Value(static_cast<double>(number)));
  }
  // The parser's own conversion can be off by the last bit, so the text is converted again, exactly.
  bool on_double(double, bj::string_view part, bj::error_code& ec) {
    text_.append(part.data(), part.size());
    const std::string digits = TakeText();
    double number = 0;
    const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    // Too large or too small for a double: strtod tells the two apart, and rounds a tiny number to zero.
    if (status == std::errc::result_out_of_range) number = std::strtod(digits.c_str(), nullptr);
    if (!std::isfinite(number)) return Refuse(Refusal::kNotFinite, ec);
    return Add(Value(number));
  }

  bool on_bool(bool value, bj::error_code&) { return Add(Value(value)); }
  bool on_null(bj::error_code&) { return Add(Value()); }
  bool on_comment_part(bj::string_view, bj::error_code&) { return true; }
  bool on_comment(bj::string_view, bj::error_code&) { return true; }
  // NOLINTEND(readability-identifier-naming)

  Refusal refusal() const { return refusal_; }
  Value TakeRoot() { return std::move(root_); }

 private:
  struct Container {
    bool is_object = false;
    Object members;
    Array elements;
    std::unordered_set<std::string> names;  // used above kLinearNamesMax members

    // False when the name is there already.
    bool AddName(std::string name) {
      if (members.size() < kLinearNamesMax) {
        if (std::ranges::any_of(members, [&](const auto& member) { return member.first == name; })) return false;
      } else {
        if (names.empty()) {
          for (const auto& member : members) names.insert(member.first);
        }
        if (!names.insert(name).second) return false;
      }
      members.emplace_back(std::move(name), Value());
      return true;
    }
  };

  bool Add(Value value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (open_.back().is_object) {
      open_.back().members.back().second = std::move(value);
    } else {
      open_.back().elements.push_back(std::move(value));
    }
    return true;
  }

  bool Refuse(Refusal refusal, bj::error_code& ec) {
    refusal_ = refusal;
    ec = bj::error::syntax;  // any error stops the parser; refusal_ says which it is
    return false;
  }

  std::string TakeText() { return std::exchange(text_, {}); }

  std::vector<Container> open_;
  std::string text_;  // of a name, string or number that came in parts
  Value root_;
  Refusal refusal_ = Refusal::kNone;
};

std::string Describe(Refusal refusal, const bj::error_code& ec) {
  switch (refusal) {
    case Refusal::kDuplicateName: return "a name twice in one object";
    case Refusal::kNotFinite: return "a number too large";
    case Refusal::kNone: break;
  }
  if (ec == bj::error::too_deep) return "nested too deep";
  if (ec == bj::error::incomplete) return "ends too early";
  if (ec == bj::error::extra_data) return "text after the value";
  return ec.message();
}

constexpr std::string_view kHex = "0123456789abcdef";

// The escape of a character that cannot stand for itself in a string; empty when it can.
std::string_view ShortEscape(char c) {
  switch (c) {
    case '"': return "\\\"";
    case '\\': return "\\\\";
    case '\b': return "\\b";
    case '\f': return "\\f";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    default: return {};
  }
}

void AppendString(std::string& out, std::string_view text) {
  if (!IsUtf8(text)) return AppendString(out, ToUtf8(text));
  out.push_back('"');
  std::size_t plain_from = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text.substr(plain_from, i - plain_from));
    plain_from = i + 1;
    if (const std::string_view escape = ShortEscape(c); !escape.empty()) {
      out.append(escape);
    } else {
      out.append("\\u00");
      out.push_back(kHex[byte >> 4]);
      out.push_back(kHex[byte & 15]);
    }
  }
  out.append(text.substr(plain_from));
  out.push_back('"');
}

void WriteTo(Writer& writer, const Value& value) {
  if (const bool* flag = value.AsBool()) {
    writer.Bool(*flag);
  } else if (const std::int64_t* integer = value.AsInt()) {
    writer.Int(*integer);
  } else if (const double* number = value.AsDouble()) {
    writer.Double(*number);
  } else if (const std::string* text = value.AsString()) {
    writer.String(*text);
  } else if (const Array* elements = value.AsArray()) {
    writer.BeginArray();
    for (const Value& element : *elements) WriteTo(writer, element);
    writer.EndArray();
  } else if (const Object* members = value.AsObject()) {
    writer.BeginObject();
    for (const auto& [name, member] : *members) {
      writer.Name(name);
      WriteTo(writer, member);
    }
    writer.EndObject();
  } else {
    writer.Null();
  }
}

}  // namespace

const Value* Value::Find(std::string_view name) const {
  const Object* members = AsObject();
  if (members == nullptr) return nullptr;
  const auto found = std::ranges::find_if(*members, [&](const auto& member) { return member.first == name; });
  return found == members->end() ? nullptr : &found->second;
}

Expected<Value> Parse(std::string_view text, const Limits& limits) {
  if (text.size() > limits.bytes_max) {
    return Fail(Code::kInvalid, "JSON of more than " + std::to_string(limits.bytes_max) + " bytes");
  }
  bj::parse_options options;
  options.max_depth = limits.depth_max;
  std::size_t parsed = 0;
  try {
    bj::basic_parser<Builder> parser(options);
    bj::error_code ec;
    parsed = parser.write_some(false, text.data(), text.size(), ec);
    if (!ec && parsed < text.size()) ec = bj::error::extra_data;
    if (!ec) return parser.handler().TakeRoot();
    return Fail(Code::kInvalid,
                "not JSON at byte " + std::to_string(parsed) + ": " + Describe(parser.handler().refusal(), ec));
  } catch (const std::exception& problem) {
    return Fail(Code::kInternal, std::string("JSON parser: ") + problem.what());
  }
}

void Writer::Separate() {
  if (needs_comma_) out_.push_back(',');
  needs_comma_ = true;
}

void Writer::BeginObject() {
  Separate();
  out_.push_back('{');
  needs_comma_ = false;
}

void Writer::EndObject() {
  out_.push_back('}');
  needs_comma_ = true;
}

void Writer::BeginArray() {
  Separate();
  out_.push_back('[');
  needs_comma_ = false;
}

void Writer::EndArray() {
  out_.push_back(']');
  needs_comma_ = true;
}

void Writer::Name(std::string_view name) {
  Separate();
  AppendString(out_, name);
  out_.push_back(':');
  needs_comma_ = false;
}

void Writer::String(std::string_view text) {
  Separate();
  AppendString(out_, text);
}

void Writer::Int(std::int64_t number) {
  Separate();
  out_.append(std::to_string(number));
}

void Writer::Double(double number) {
  CHECK(std::isfinite(number));
  Separate();
  // The shortest digits that read back as the same number. The longest are those of the smallest double.
  std::array<char, 1100> digits;
  const auto [end, status] =
      std::to_chars(digits.data(), digits.data() + digits.size(), number, std::chars_format::fixed);
  CHECK(status == std::errc());
  const std::string_view text(digits.data(), static_cast<std::size_t>(end - digits.data()));
  out_.append(text);
  // A whole number keeps a fraction, so that who reads it again gets a double again.
  if (text.find('.') == std::string_view::npos) out_.append(".0");
}

void Writer::Bool(bool value) {
  Separate();
  out_.append(value ? "true" : "false");
}

void Writer::Null() {
  Separate();
  out_.append("null");
}

void Writer::Raw(std::string_view json) {
  Separate();
  out_.append(json);
}

void Writer::EpochSeconds(std::int64_t micros) {
  Separate();
  // Microseconds are cut off towards the past, so that a time never reads as later than it is.
  std::int64_t millis = micros / 1000;
  if (micros % 1000 < 0) --millis;
  const bool is_negative = millis < 0;
  const std::uint64_t magnitude =
      is_negative ? 0 - static_cast<std::uint64_t>(millis) : static_cast<std::uint64_t>(millis);
  if (is_negative) out_.push_back('-');
  out_.append(std::to_string(magnitude / 1000));
  std::uint64_t fraction = magnitude % 1000;
  if (fraction == 0) return;
  std::string decimals = std::to_string(fraction + 1000).substr(1);
  while (decimals.back() == '0') decimals.pop_back();
  out_.push_back('.');
  out_.append(decimals);
}

std::string Write(const Value& value) {
  std::string out;
  Writer writer(out);
  WriteTo(writer, value);
  return out;
}

}  // namespace firmsign::json
