// SPDX-License-Identifier: Apache-2.0

#include "platform/db/statements.h"

#include <algorithm>
#include <utility>

namespace firmsign::db {
namespace {

constexpr auto kNone = std::string_view::npos;

class Splitter {
 public:
  Splitter(std::string_view sql, const Dialect& types) : rest_(sql), types_(types) {}

  Expected<std::vector<std::string>> Split() {
    while (!rest_.empty()) {
      if (rest_[0] == '\'' || rest_[0] == '"') {
        RETURN_IF_ERROR(Quoted(rest_[0]));
      } else if (rest_.starts_with("--")) {
        Skip(rest_.find('\n'));
      } else if (rest_.starts_with("/*")) {
        const std::size_t end = rest_.find("*/", 2);
        if (end == kNone) return Fail(Code::kInvalid, "a comment does not end");
        Skip(end + 2);
      } else if (rest_[0] == '{') {
        RETURN_IF_ERROR(Type());
      } else if (rest_[0] == ';') {
        Finish();
        rest_.remove_prefix(1);
      } else {
        Copy(1);
      }
    }
    Finish();
    return std::move(statements_);
  }

 private:
  void Copy(std::size_t count) {
    current_ += rest_.substr(0, count);
    rest_.remove_prefix(count);
  }

  // A comment separates words, as a blank does.
  void Skip(std::size_t count) {
    current_ += ' ';
    rest_.remove_prefix(std::min(count, rest_.size()));
  }

  // A doubled quote inside is two quoted texts side by side, which comes to the same here.
  Expected<void> Quoted(char quote) {
    const std::size_t end = rest_.find(quote, 1);
    if (end == kNone) return Fail(Code::kInvalid, "a quoted text does not end");
    Copy(end + 1);
    return {};
  }

  Expected<void> Type() {
    const std::string_view name = rest_.substr(0, std::min(rest_.find('}'), rest_.size() - 1) + 1);
    if (name == "{INT}") {
      current_ += types_.integer;
    } else if (name == "{TEXT}") {
      current_ += types_.text;
    } else if (name == "{BYTES}") {
      current_ += types_.bytes;
    } else {
      return Fail(Code::kInvalid, "unknown type " + std::string(name.substr(0, 20)));
    }
    rest_.remove_prefix(name.size());
    return {};
  }

  void Finish() {
    const std::size_t first = current_.find_first_not_of(" \t\r\n");
    if (first != std::string::npos) {
      statements_.push_back(current_.substr(first, current_.find_last_not_of(" \t\r\n") + 1 - first));
    }
    current_.clear();
  }

  std::string_view rest_;
  const Dialect& types_;
  std::string current_;
  std::vector<std::string> statements_;
};

}  // namespace

Expected<std::vector<std::string>> SplitStatements(std::string_view sql, const Dialect& types) {
  return Splitter(sql, types).Split();
}

std::string SpellSkipLocked(std::string_view sql, std::string_view words) {
  constexpr std::string_view kMark = "{SKIP LOCKED}";
  std::string spelled(sql);
  for (std::size_t at = spelled.find(kMark); at != std::string::npos; at = spelled.find(kMark, at)) {
    spelled.replace(at, kMark.size(), words);
  }
  return spelled;
}

}  // namespace firmsign::db
