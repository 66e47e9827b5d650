// SPDX-License-Identifier: Apache-2.0

#include "engine/policy/pattern.h"

#include <algorithm>

#include "base/check.h"
#include "base/encoding.h"

namespace firmsign::policy {
namespace {

constexpr std::size_t kArnParts = 6;

// Where the character that begins at `position` ends.
std::size_t EndOfCharacter(std::string_view text, std::size_t position) {
  ++position;
  while (position < text.size() && (static_cast<unsigned char>(text[position]) & 0xC0U) == 0x80U) ++position;
  return position;
}

char16_t CodeOf(char c) { return static_cast<unsigned char>(c); }

}  // namespace

void Pattern::AddLiteral(std::string_view text) {
  for (const char c : text) codes_.push_back(CodeOf(c));
}

// Greedy: a mismatch goes back to the last `*` alone, which then takes one character more. What an earlier `*` took
// needs no second thought, because the later one can take anything.
bool Pattern::Matches(std::string_view text) const {
  constexpr std::size_t kNone = std::string_view::npos;
  std::size_t at = 0;
  std::size_t position = 0;
  std::size_t after_star = kNone;  // in the pattern
  std::size_t taken_until = 0;     // by that star, in the text
  while (position < text.size()) {
    if (at < codes_.size() && codes_[at] == kAny) {
      after_star = ++at;
      taken_until = position;
    } else if (at < codes_.size() && codes_[at] == kOne) {
      ++at;
      position = EndOfCharacter(text, position);
    } else if (at < codes_.size() && codes_[at] == CodeOf(text[position])) {
      ++at;
      ++position;
    } else if (after_star != kNone) {
      at = after_star;
      taken_until = EndOfCharacter(text, taken_until);
      position = taken_until;
    } else {
      return false;
    }
  }
  while (at < codes_.size() && codes_[at] == kAny) ++at;
  return at == codes_.size();
}

void Pattern::LowerCase() {
  for (char16_t& code : codes_) {
    if (code >= u'A' && code <= u'Z') code = static_cast<char16_t>(code - u'A' + u'a');
  }
}

std::vector<Pattern> Pattern::SplitAtColons(std::size_t count) const {
  std::vector<Pattern> parts(1);
  for (const char16_t code : codes_) {
    if (code == u':' && parts.size() < count) {
      parts.emplace_back();
    } else {
      parts.back().codes_.push_back(code);
    }
  }
  return parts;
}

ArnPattern::ArnPattern(const Pattern& pattern) : matches_everything_(pattern.IsEverything()) {
  if (matches_everything_) return;
  parts_ = pattern.SplitAtColons(kArnParts);
  if (parts_.size() != kArnParts) parts_.clear();
}

bool ArnPattern::Matches(std::string_view arn) const {
  if (matches_everything_) return true;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const bool is_last = i + 1 == kArnParts;
    const std::size_t colon = is_last ? arn.size() : arn.find(':');
    if (colon == std::string_view::npos || !parts_[i].Matches(arn.substr(0, colon))) return false;
    arn.remove_prefix(is_last ? colon : colon + 1);
  }
  return !parts_.empty();
}

Expected<Template::Variable> Template::ParseVariable(std::string_view inside) {
  Variable variable;
  const std::size_t comma = inside.find(',');
  const std::string_view name = TrimBlanks(inside.substr(0, comma));
  const bool is_name = name.find(':') != std::string_view::npos &&
                       std::ranges::none_of(name, [](char c) { return c == '*' || c == '?' || c == '$' || c == '{'; });
  if (!is_name) return Fail(Code::kInvalid, "${" + std::string(inside.substr(0, 128)) + "} is not a policy variable");
  variable.key = ToLower(name);
  if (comma == std::string_view::npos) return variable;
  const std::string_view quoted = TrimBlanks(inside.substr(comma + 1));
  if (quoted.size() < 2 || quoted.front() != '\'' || quoted.back() != '\'') {
    return Fail(Code::kInvalid, "the default of ${" + std::string(name) + "} does not stand in single quotes");
  }
  variable.otherwise = std::string(quoted.substr(1, quoted.size() - 2));
  return variable;
}

Expected<Template> Template::Parse(std::string_view text, TemplateRules rules) {
  Template parsed;
  while (!text.empty()) {
    Pattern& piece = parsed.pieces_.back();
    if (rules.has_variables && text.starts_with("${")) {
      const std::size_t end = text.find('}');
      if (end == std::string_view::npos) return Fail(Code::kInvalid, "a policy variable does not end with }");
      const std::string_view inside = text.substr(2, end - 2);
      text.remove_prefix(end + 1);
      if (inside == "*" || inside == "?" || inside == "$") {
        piece.AddLiteral(inside);
        continue;
      }
      ASSIGN_OR_RETURN(Variable variable, ParseVariable(inside));
      parsed.variables_.push_back(std::move(variable));
      parsed.pieces_.emplace_back();
      parsed.is_constant_ = false;
      continue;
    }
    if (rules.has_wildcards && text.front() == '*') {
      piece.AddAny();
    } else if (rules.has_wildcards && text.front() == '?') {
      piece.AddOne();
    } else {
      piece.AddLiteral(text.substr(0, 1));
    }
    text.remove_prefix(1);
  }
  return parsed;
}

const Pattern& Template::constant() const {
  CHECK(is_constant_);
  return pieces_.front();
}

void Template::AddVariables(std::vector<std::string>& keys) const {
  for (const Variable& variable : variables_) keys.push_back(variable.key);
}

std::optional<Pattern> Template::Resolve(const Context& context) const {
  Pattern resolved = pieces_.front();
  for (std::size_t i = 0; i < variables_.size(); ++i) {
    const Context::Values* values = context.Find(variables_[i].key);
    if (values != nullptr && values->size() == 1) {
      // Not a pattern itself: a user whose name holds a `*` is no key to everybody's folder.
      resolved.AddLiteral(values->front());
    } else if (values == nullptr && variables_[i].otherwise) {
      resolved.AddLiteral(*variables_[i].otherwise);
    } else {
      return std::nullopt;
    }
    resolved.Append(pieces_[i + 1]);
  }
  return resolved;
}

}  // namespace firmsign::policy
