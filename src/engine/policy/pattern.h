// SPDX-License-Identifier: Apache-2.0
//
// Patterns: what policies compare text with. `*` stands for any characters, `?` for one, `${key}` for what the request
// says.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "engine/policy/context.h"

namespace firmsign::policy {

// Literal text and wildcards. Thread safety: immutable once built.
class Pattern {
 public:
  void AddLiteral(std::string_view text);
  void AddAny() { codes_.push_back(kAny); }  // any number of characters, also none
  void AddOne() { codes_.push_back(kOne); }  // exactly one character

  // The whole text. A character is a UTF-8 sequence where the text has some, else a byte. Takes at most
  // |pattern| x |text| steps and no memory.
  bool Matches(std::string_view text) const;
  void Append(const Pattern& other) { codes_ += other.codes_; }
  // ASCII letters become small ones.
  void LowerCase();
  // The parts between the first `count - 1` literal colons; fewer when it has fewer.
  std::vector<Pattern> SplitAtColons(std::size_t count) const;
  bool IsLiteral() const { return codes_.find_first_of(kWildcards) == std::u16string::npos; }
  bool IsEverything() const { return !codes_.empty() && codes_.find_first_not_of(kAny) == std::u16string::npos; }

 private:
  static constexpr char16_t kAny = 256;
  static constexpr char16_t kOne = 257;
  static constexpr char16_t kWildcards[] = {kAny, kOne, 0};
  std::u16string codes_;  // bytes, or one of the above
};

// A pattern for ARNs: each of the six parts is compared alone, so that a wildcard does not reach over a colon but in
// the last. `*` alone matches everything; else a text that is no ARN matches nothing, and so does a pattern.
class ArnPattern {
 public:
  explicit ArnPattern(const Pattern& pattern);
  bool Matches(std::string_view arn) const;

 private:
  bool matches_everything_ = false;
  std::vector<Pattern> parts_;  // six, or none
};

struct TemplateRules {
  bool has_variables = true;  // documents of version 2008-10-17 have none: there `${` stands for itself
  bool has_wildcards = true;  // StringEquals has none
};

// A pattern as a document writes it, with its variables. Thread safety: immutable.
class Template {
 public:
  // kInvalid: a variable that does not end, or has no name, or a default without quotes; the message says which.
  static Expected<Template> Parse(std::string_view text, TemplateRules rules);

  bool is_constant() const { return is_constant_; }
  // Without variables; CHECKs is_constant().
  const Pattern& constant() const;
  // With the request's values for the variables. nullopt: the request does not say one of them, or says several values.
  std::optional<Pattern> Resolve(const Context& context) const;
  // Adds their names, in small letters.
  void AddVariables(std::vector<std::string>& keys) const;

 private:
  struct Variable {
    std::string key;  // in small letters
    std::optional<std::string> otherwise;
  };
  static Expected<Variable> ParseVariable(std::string_view inside);

  // Literal pieces and wildcards lie in `pieces_`; before piece i + 1 the variable i is put in.
  std::vector<Pattern> pieces_{1};
  std::vector<Variable> variables_;
  bool is_constant_ = true;
};

}  // namespace firmsign::policy
