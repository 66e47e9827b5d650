// SPDX-License-Identifier: Apache-2.0

#include "aws/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "platform/regex/regex.h"

namespace firmsign::aws {
namespace {

constexpr std::size_t kViolationsMax = 10;
constexpr std::size_t kValueBytesMax = 256;
constexpr std::string_view kBeText = "Member must be UTF-8 text without the character U+0000";

// Characters, not bytes: every byte that does not continue a UTF-8 sequence begins one.
std::int64_t CountCharacters(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

std::string LengthAtMost(std::int64_t max) {
  return fmt::format("Member must have length less than or equal to {}", max);
}
std::string LengthAtLeast(std::int64_t min) {
  return fmt::format("Member must have length greater than or equal to {}", min);
}
std::string MatchesPattern(std::string_view pattern) {
  return fmt::format("Member must satisfy regular expression pattern: {}", pattern);
}
std::string IsOneOf(std::span<const std::string_view> values) {
  return fmt::format("Member must satisfy enum value set: [{}]", fmt::join(values, ", "));
}

void CheckLength(const Constraints& constraints, std::int64_t length, std::vector<std::string>& rules) {
  if (constraints.min && length < *constraints.min) rules.push_back(LengthAtLeast(*constraints.min));
  if (constraints.max && length > *constraints.max) rules.push_back(LengthAtMost(*constraints.max));
}

// The rules of `constraints` that `text` breaks.
std::vector<std::string> BrokenRules(const Constraints& constraints, std::string_view text) {
  std::vector<std::string> rules;
  CheckLength(constraints, CountCharacters(text), rules);
  // A text that is too long is not shown to the pattern: the length is the cheap check.
  const bool too_long = constraints.max && text.size() > 4 * static_cast<std::size_t>(*constraints.max);
  if (!constraints.pattern.empty() && !too_long && !regex::Cached(constraints.pattern).MatchesWhole(text)) {
    rules.push_back(MatchesPattern(constraints.pattern));
  }
  const auto& values = constraints.enum_values;
  if (!values.empty() && std::find(values.begin(), values.end(), text) == values.end()) {
    rules.push_back(IsOneOf(values));
  }
  return rules;
}

// All rules of the strings in a list or map, as AWS prints them for a member of which one element is wrong.
std::string AllRules(const Constraints& constraints) {
  std::vector<std::string> rules;
  if (constraints.max) rules.push_back(LengthAtMost(*constraints.max));
  if (constraints.min) rules.push_back(LengthAtLeast(*constraints.min));
  if (!constraints.pattern.empty()) rules.push_back(MatchesPattern(constraints.pattern));
  if (!constraints.enum_values.empty()) rules.push_back(IsOneOf(constraints.enum_values));
  return fmt::format("{}", fmt::join(rules, ", "));
}

// A rule that `elements` of a member break.
std::string Wrap(std::string_view elements, std::string_view rules) {
  return fmt::format("{} must satisfy constraint: [{}]", elements, rules);
}

// The codec found nothing that could be a value there.
bool IsAbsent(const Violation& violation) {
  return violation.rule == "Member must not be null" || violation.rule.starts_with("Member must be a");
}

// What Validate says about the empty value of a member, or of its parent, that the codec has reported as absent.
bool IsMoot(const Violation& violation, const std::vector<Violation>& all) {
  return !IsAbsent(violation) && std::any_of(all.begin(), all.end(), [&](const Violation& other) {
    return IsAbsent(other) && violation.path.starts_with(other.path) &&
           (violation.path.size() == other.path.size() || violation.path[other.path.size()] == '.');
  });
}

class Validator {
 public:
  explicit Validator(Strings strings) : strings_(strings) {}

  std::vector<Violation> Take() && { return std::move(violations_); }

  void CheckStructure(const Shape& shape, const void* object, const std::string& path) {
    for (const auto& member : shape.members) {
      if (member.streaming || IsFull()) continue;
      const void* value = member.get(object);
      if (value == nullptr || member.shape == nullptr) continue;
      Check(*member.shape, value, JoinPath(path, member.name), member.sensitive);
    }
  }

 private:
  bool IsFull() const { return violations_.size() >= kViolationsMax; }

  void Add(std::string value, const std::string& path, std::string rule, bool hidden) {
    if (IsFull()) return;
    hidden = hidden || value.size() > kValueBytesMax;
    if (hidden) value.clear();
    violations_.push_back({std::move(value), path, std::move(rule), hidden});
  }

  // Asked only of strings that satisfy their model, most of which have patterns that say more. Such a value is not
  // repeated.
  bool IsAcceptable(std::string_view text) const {
    return strings_ == Strings::kBytes || (text.find('\0') == std::string_view::npos && IsUtf8(text));
  }

  void CheckText(const Shape& shape, const std::string& text, const std::string& path, bool hidden) {
    std::vector<std::string> rules = BrokenRules(shape.constraints, text);
    for (auto& rule : rules) Add(text, path, std::move(rule), hidden);
    if (rules.empty() && !IsAcceptable(text)) Add({}, path, std::string(kBeText), true);
  }

  void CheckBytes(const Shape& shape, std::size_t size, const std::string& path) {
    std::vector<std::string> rules;
    CheckLength(shape.constraints, static_cast<std::int64_t>(size), rules);
    for (auto& rule : rules) Add({}, path, std::move(rule), true);
  }

  void CheckNumber(const Shape& shape, double value, const std::string& text, const std::string& path, bool hidden) {
    const auto& [min, max, pattern, values] = shape.constraints;
    if (min && value < static_cast<double>(*min)) {
      Add(text, path, fmt::format("Member must have value greater than or equal to {}", *min), hidden);
    }
    if (max && value > static_cast<double>(*max)) {
      Add(text, path, fmt::format("Member must have value less than or equal to {}", *max), hidden);
    }
  }

  void CheckList(const Shape& shape, const void* list, const std::string& path, bool hidden) {
    const std::size_t size = shape.list->size(list);
    std::vector<std::string> rules;
    CheckLength(shape.constraints, static_cast<std::int64_t>(size), rules);
    if (shape.element->kind != Kind::kString) {
      for (auto& rule : rules) Add({}, path, std::move(rule), true);
      for (std::size_t i = 0; i < size && !IsFull(); ++i) {
        Check(*shape.element, shape.list->at(list, i), ElementPath(path, i + 1), hidden);
      }
      return;
    }
    std::vector<std::string_view> texts;
    bool broken = false;
    bool acceptable = true;
    for (std::size_t i = 0; i < size; ++i) {
      const auto& text = *static_cast<const std::string*>(shape.list->at(list, i));
      texts.push_back(text);
      broken = broken || !BrokenRules(shape.element->constraints, text).empty();
      acceptable = acceptable && IsAcceptable(text);
    }
    if (broken) {
      rules.push_back(Wrap("Member", AllRules(shape.element->constraints)));
    }
    if (rules.empty() && !acceptable) return Add({}, path, Wrap("Member", kBeText), true);
    if (rules.empty()) return;
    const auto value = fmt::format("[{}]", fmt::join(texts, ", "));
    for (auto& rule : rules) Add(value, path, std::move(rule), hidden);
  }

  void CheckMap(const Shape& shape, const StringMap& map, const std::string& path, bool hidden) {
    std::vector<std::string> rules;
    CheckLength(shape.constraints, static_cast<std::int64_t>(map.size()), rules);
    bool keys_broken = false;
    bool values_broken = false;
    bool keys_acceptable = true;
    bool values_acceptable = true;
    std::vector<std::string> entries;
    for (const auto& [key, value] : map) {
      keys_broken = keys_broken || (shape.key != nullptr && !BrokenRules(shape.key->constraints, key).empty());
      values_broken =
          values_broken || (shape.element != nullptr && !BrokenRules(shape.element->constraints, value).empty());
      keys_acceptable = keys_acceptable && IsAcceptable(key);
      values_acceptable = values_acceptable && IsAcceptable(value);
      entries.push_back(key + "=" + value);
    }
    if (keys_broken) {
      rules.push_back(Wrap("Map keys", AllRules(shape.key->constraints)));
    }
    if (values_broken) {
      rules.push_back(Wrap("Map value", AllRules(shape.element->constraints)));
    }
    if (rules.empty() && !keys_acceptable) return Add({}, path, Wrap("Map keys", kBeText), true);
    if (rules.empty() && !values_acceptable) return Add({}, path, Wrap("Map value", kBeText), true);
    if (rules.empty()) return;
    const auto value = fmt::format("{{{}}}", fmt::join(entries, ", "));
    for (auto& rule : rules) Add(value, path, std::move(rule), hidden);
  }

  void Check(const Shape& shape, const void* value, const std::string& path, bool hidden) {
    switch (shape.kind) {
      case Kind::kBoolean:
      case Kind::kTimestamp: return;
      case Kind::kLong: {
        const auto number = *static_cast<const std::int64_t*>(value);
        return CheckNumber(shape, static_cast<double>(number), fmt::format("{}", number), path, hidden);
      }
      case Kind::kDouble: {
        const auto number = *static_cast<const double*>(value);
        return CheckNumber(shape, number, fmt::format("{}", number), path, hidden);
      }
      case Kind::kString: return CheckText(shape, *static_cast<const std::string*>(value), path, hidden);
      case Kind::kBlob: return CheckBytes(shape, static_cast<const std::string*>(value)->size(), path);
      case Kind::kSecretBlob: return CheckBytes(shape, static_cast<const SecretBytes*>(value)->size(), path);
      case Kind::kStructure: return CheckStructure(shape, value, path);
      case Kind::kList: return CheckList(shape, value, path, hidden);
      case Kind::kMap: return CheckMap(shape, *static_cast<const StringMap*>(value), path, hidden);
    }
  }

  const Strings strings_;
  std::vector<Violation> violations_;
};

}  // namespace

std::string JoinPath(std::string_view parent, std::string_view member) {
  std::string path(parent);
  if (!path.empty()) path += '.';
  const auto begin = path.size();
  path += member;
  if (begin < path.size() && path[begin] >= 'A' && path[begin] <= 'Z') path[begin] += 'a' - 'A';
  return path;
}

std::string ElementPath(std::string_view list, std::size_t number) { return fmt::format("{}.{}.member", list, number); }

std::vector<Violation> Validate(const Shape& shape, const void* object, Strings strings) {
  Validator validator(strings);
  validator.CheckStructure(shape, object, {});
  return std::move(validator).Take();
}

std::string FormatViolations(const std::vector<Violation>& violations) {
  std::vector<const Violation*> shown;
  for (const auto& violation : violations) {
    if (shown.size() < kViolationsMax && !IsMoot(violation, violations)) shown.push_back(&violation);
  }
  std::string out = fmt::format("{} validation error{} detected: ", shown.size(), shown.size() == 1 ? "" : "s");
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const auto& [value, path, rule, hidden] = *shown[i];
    if (i > 0) out += "; ";
    if (hidden || value.size() > kValueBytesMax) {
      out += "Value";
    } else if (value == "null") {
      out += "Value null";
    } else {
      out += fmt::format("Value '{}'", value);
    }
    out += fmt::format(" at '{}' failed to satisfy constraint: {}", path, rule);
  }
  return out;
}

}  // namespace firmsign::aws
