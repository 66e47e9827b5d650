// SPDX-License-Identifier: Apache-2.0

#include "platform/config/toml.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include "base/encoding.h"

namespace firmsign::config {
namespace {

constexpr std::size_t kBytesMax = 1 << 20;
constexpr std::size_t kKeyPartsMax = 16;

bool IsBareKeyCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

void AppendUtf8(std::string& out, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6);
    put(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  } else {
    put(0xf0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3f));
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  }
}

// Digits with single underscores between them, as TOML writes large numbers.
std::optional<std::int64_t> ParseInteger(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x")) base = 16;
  if (text.starts_with("0o")) base = 8;
  if (text.starts_with("0b")) base = 2;
  std::string digits;
  if (base != 10) {
    text.remove_prefix(2);
  } else if (text.starts_with('+') || text.starts_with('-')) {
    if (text[0] == '-') digits = "-";
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  if (base == 10 && text.size() > 1 && text[0] == '0') return std::nullopt;
  if (text.empty() || text.front() == '_' || text.back() == '_' || text.front() == '-' ||
      text.find("__") != std::string_view::npos) {
    return std::nullopt;
  }
  std::ranges::copy_if(text, std::back_inserter(digits), [](char c) { return c != '_'; });
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

class Parser {
 public:
  Parser(std::string_view text, std::string_view name) : rest_(text), name_(name) {}

  Expected<std::vector<Setting>> Parse() {
    while (!rest_.empty()) {
      SkipBlanks();
      if (Next() == '[') {
        RETURN_IF_ERROR(ParseHeader());
      } else if (Next() != '#' && Next() != '\n') {
        RETURN_IF_ERROR(ParseSetting());
      }
      RETURN_IF_ERROR(ParseEndOfLine());
    }
    return std::move(settings_);
  }

 private:
  std::unexpected<Error> Problem(std::string_view what) const {
    return Fail(Code::kInvalid, std::string(name_) + ":" + std::to_string(line_) + ": " + std::string(what));
  }

  // The next character; a line break at the end of the file and for "\r\n", too.
  char Next() const { return rest_.empty() || rest_.starts_with("\r\n") ? '\n' : rest_[0]; }
  char Take() {
    const char c = rest_[0];
    rest_.remove_prefix(1);
    return c;
  }
  void SkipBlanks() {
    while (rest_.starts_with(' ') || rest_.starts_with('\t')) Take();
  }

  // Blanks and a comment up to the end of the line, and the line break.
  Expected<void> ParseEndOfLine() {
    SkipBlanks();
    if (Next() == '#') {
      while (Next() != '\n') {
        const auto byte = static_cast<unsigned char>(Take());
        if ((byte < 0x20 && byte != '\t') || byte == 0x7f) return Problem("a control character in a comment");
      }
    }
    if (Next() != '\n') return Problem("the line goes on after its end; does a text lack its quotes?");
    rest_.remove_prefix(rest_.empty() ? 0 : rest_.find('\n') + 1);
    ++line_;
    return {};
  }

  Expected<void> ParseHeader() {
    Take();
    if (Next() == '[') return Problem("[[…]], an array of tables, has no use here");
    ASSIGN_OR_RETURN(table_, ParseKey());
    if (Next() != ']') return Problem("a table's name ends with ]");
    Take();
    if (!headers_.insert(table_).second) return Problem("the table " + table_ + " stands here again");
    return ClaimTables(table_ + ".");
  }

  Expected<void> ParseSetting() {
    ASSIGN_OR_RETURN(const std::string own, ParseKey());
    Setting setting{.key = table_.empty() ? own : table_ + "." + own, .value = {}, .line = line_};
    if (std::ranges::count(setting.key, '.') >= static_cast<std::ptrdiff_t>(kKeyPartsMax)) {
      return Problem("the key has too many parts");
    }
    if (Next() != '=') return Problem("give key = value");
    Take();
    SkipBlanks();
    RETURN_IF_ERROR(ParseValue(setting));
    if (tables_.contains(setting.key)) return Problem(setting.key + " is a table already");
    if (!keys_.insert(setting.key).second) return Problem(setting.key + " stands here again");
    RETURN_IF_ERROR(ClaimTables(setting.key));
    settings_.push_back(std::move(setting));
    return {};
  }

  // Every name before a dot of `path` is a table from now on, and so cannot be a value.
  Expected<void> ClaimTables(std::string_view path) {
    for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1)) {
      const std::string table(path.substr(0, dot));
      if (keys_.contains(table)) return Problem(table + " is a value already");
      tables_.insert(table);
    }
    return {};
  }

  // A dotted key with the blanks around it.
  Expected<std::string> ParseKey() {
    std::string key;
    for (std::size_t parts = 1;; ++parts) {
      if (parts > kKeyPartsMax) return Problem("the key has too many parts");
      SkipBlanks();
      ASSIGN_OR_RETURN(const std::string part, ParseKeyPart());
      key += part;
      SkipBlanks();
      if (Next() != '.') return key;
      key += Take();
    }
  }

  Expected<std::string> ParseKeyPart() {
    if (Next() == '"' || Next() == '\'') {
      ASSIGN_OR_RETURN(std::string part, ParseText());
      // Else "a.b" = 1 and a.b = 1 would be two settings of one name.
      if (part.find('.') != std::string::npos) return Problem("a key with a dot in quotes has no use here");
      return part;
    }
    std::string part;
    while (IsBareKeyCharacter(Next())) part += Take();
    if (part.empty()) return Problem("a key consists of letters, digits, - and _, or stands in quotes");
    return part;
  }

  Expected<void> ParseValue(Setting& setting) {
    if (Next() == '[') {
      ASSIGN_OR_RETURN(setting.value, ParseList());
      return {};
    }
    if (Next() == '"' || Next() == '\'') {
      ASSIGN_OR_RETURN(setting.value, ParseText());
      return {};
    }
    std::string word;
    while (IsBareKeyCharacter(Next()) || Next() == '+' || Next() == '.' || Next() == ':') word += Take();
    if (word == "true" || word == "false") {
      setting.value = word == "true";
    } else if (const auto number = ParseInteger(word)) {
      setting.value = *number;
    } else {
      return Problem(setting.key + ": a value is a text in quotes, an integer, true, false, or a list of texts");
    }
    return {};
  }

  // Runs over several lines if the file does.
  Expected<std::vector<std::string>> ParseList() {
    std::vector<std::string> list;
    Take();
    for (;;) {
      RETURN_IF_ERROR(SkipBlankLines());
      if (Next() == ']') break;
      if (Next() != '"' && Next() != '\'') return Problem("a list holds texts in quotes only");
      ASSIGN_OR_RETURN(std::string text, ParseText());
      list.push_back(std::move(text));
      RETURN_IF_ERROR(SkipBlankLines());
      if (Next() == ']') break;
      if (Next() != ',') return Problem("between the texts of a list stands a comma");
      Take();
    }
    Take();
    return list;
  }

  Expected<void> SkipBlankLines() {
    SkipBlanks();
    while (Next() == '#' || Next() == '\n') {
      if (rest_.empty()) return Problem("the list does not end");
      RETURN_IF_ERROR(ParseEndOfLine());
      SkipBlanks();
    }
    return {};
  }

  Expected<std::string> ParseText() {
    const char quote = Take();
    if (rest_.starts_with(std::string(2, quote))) return Problem("a text of several lines has no use here");
    std::string text;
    while (Next() != quote) {
      if (Next() == '\n') return Problem("the text does not end");
      const char c = Take();
      if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f) return Problem("a control character");
      if (c == '\\' && quote == '"') {
        RETURN_IF_ERROR(ParseEscape(text));
      } else {
        text += c;
      }
    }
    Take();
    return text;
  }

  // After the backslash.
  Expected<void> ParseEscape(std::string& text) {
    constexpr std::string_view kLetters = "btnfr\"\\";
    constexpr std::string_view kMeanings = "\b\t\n\f\r\"\\";
    const char letter = Next();
    if (const std::size_t at = kLetters.find(letter); at != std::string_view::npos) {
      Take();
      text += kMeanings[at];
      return {};
    }
    const std::size_t digits = letter == 'u' ? 4 : letter == 'U' ? 8 : 0;
    std::uint32_t code = 0;
    const std::string_view hex = rest_.substr(0, digits + 1).substr(std::min<std::size_t>(1, rest_.size()));
    const auto [end, error] = std::from_chars(hex.data(), hex.data() + hex.size(), code, 16);
    const bool is_character = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    if (digits == 0 || hex.size() != digits || error != std::errc() || end != hex.data() + hex.size() ||
        !is_character) {
      return Problem("a backslash begins one of \\b \\t \\n \\f \\r \\\" \\\\ \\uXXXX \\UXXXXXXXX");
    }
    rest_.remove_prefix(digits + 1);
    AppendUtf8(text, code);
    return {};
  }

  std::string_view rest_;
  std::string_view name_;
  std::int64_t line_ = 1;
  std::string table_;
  std::set<std::string> headers_;
  std::set<std::string> tables_;
  std::set<std::string> keys_;
  std::vector<Setting> settings_;
};

// The line of the first bytes that are no UTF-8; 0 when all are.
std::int64_t FirstLineOutsideUtf8(std::string_view text) {
  for (std::int64_t line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    if (!IsUtf8(text.substr(0, end))) return line;
    text.remove_prefix(end);
  }
  return 0;
}

}  // namespace

Expected<std::vector<Setting>> ParseToml(std::string_view text, std::string_view name) {
  if (text.size() > kBytesMax) return Fail(Code::kInvalid, std::string(name) + ":1: larger than 1 MiB");
  if (const std::int64_t line = FirstLineOutsideUtf8(text); line != 0) {
    return Fail(Code::kInvalid, std::string(name) + ":" + std::to_string(line) + ": not UTF-8");
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // a byte order mark
  return Parser(text, name).Parse();
}

}  // namespace firmsign::config
