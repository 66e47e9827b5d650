// SPDX-License-Identifier: Apache-2.0

#include "engine/policy/condition.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/encoding.h"
#include "base/time.h"

namespace firmsign::policy {
namespace {

constexpr std::string_view kIfExists = "IfExists";
constexpr std::string_view kForAll = "ForAllValues:";
constexpr std::string_view kForAny = "ForAnyValue:";

std::optional<double> ParseNumber(std::string_view text) {
  double number = 0;
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

bool IsDigits(std::string_view text, std::size_t count) {
  return text.size() == count && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// The forms of https://www.w3.org/TR/NOTE-datetime that name a day, or seconds since 1970.
std::optional<double> ParseDate(std::string_view text) {
  if (const auto seconds = ParseNumber(text)) return seconds;
  const bool is_day = text.size() == 10 && text[4] == '-' && text[7] == '-' && IsDigits(text.substr(0, 4), 4);
  std::string whole(text);
  double shift = 0;
  if (is_day) {
    whole += "T00:00:00Z";
  } else if (text.size() > 6 && (text[text.size() - 6] == '+' || text[text.size() - 6] == '-') &&
             text[text.size() - 3] == ':') {
    const std::string_view zone = text.substr(text.size() - 6);
    if (!IsDigits(zone.substr(1, 2), 2) || !IsDigits(zone.substr(4, 2), 2)) return std::nullopt;
    shift = 3600 * *ParseNumber(zone.substr(1, 2)) + 60 * *ParseNumber(zone.substr(4, 2));
    if (zone[0] == '+') shift = -shift;
    whole = std::string(text.substr(0, text.size() - 6)) + "Z";
  }
  if (whole.size() == 17 && whole.back() == 'Z') whole.insert(16, ":00");  // without seconds
  const std::optional<Instant> at = ParseIso8601(whole);
  if (!at) return std::nullopt;
  return static_cast<double>(at->micros) / 1e6 + shift;
}

std::optional<bool> ParseBool(std::string_view text) {
  if (EqualsIgnoreCase(text, "true")) return true;
  if (EqualsIgnoreCase(text, "false")) return false;
  return std::nullopt;
}

bool IsInOrder(double said, double value, auto order) {
  using Order = decltype(order);
  switch (order) {
    case Order::kEqual: return said == value;
    case Order::kLess: return said < value;
    case Order::kLessOrEqual: return said <= value;
    case Order::kGreater: return said > value;
    case Order::kGreaterOrEqual: return said >= value;
  }
  return false;
}

std::unexpected<Error> Wrong(std::string message) { return Fail(Code::kInvalid, std::move(message)); }

}  // namespace

std::optional<std::string> TextOf(const json::Value& value) {
  if (const std::string* text = value.AsString()) return *text;
  if (const bool* truth = value.AsBool()) return *truth ? "true" : "false";
  if (const std::int64_t* number = value.AsInt()) return std::to_string(*number);
  if (const double* number = value.AsDouble()) return fmt::format("{}", *number);
  return std::nullopt;
}

std::optional<std::vector<std::string>> TextsOf(const json::Value& value) {
  if (auto text = TextOf(value)) return std::vector{*std::move(text)};
  const json::Array* list = value.AsArray();
  if (list == nullptr) return std::nullopt;
  std::vector<std::string> texts;
  for (const json::Value& one : *list) {
    auto text = TextOf(one);
    if (!text) return std::nullopt;
    texts.push_back(*std::move(text));
  }
  return texts;
}

Expected<Condition::Operator> Condition::ParseOperator(std::string_view name) {
  struct Named {
    std::string_view name;
    Operator op;
  };
  static constexpr Named kOperators[] = {
      {"StringEquals", {Kind::kText}},
      {"StringNotEquals", {.kind = Kind::kText, .is_negated = true}},
      {"StringEqualsIgnoreCase", {Kind::kTextIgnoringCase}},
      {"StringNotEqualsIgnoreCase", {.kind = Kind::kTextIgnoringCase, .is_negated = true}},
      {"StringLike", {.kind = Kind::kText, .has_wildcards = true}},
      {"StringNotLike", {.kind = Kind::kText, .is_negated = true, .has_wildcards = true}},
      {"NumericEquals", {Kind::kNumber}},
      {"NumericNotEquals", {.kind = Kind::kNumber, .is_negated = true}},
      {"NumericLessThan", {Kind::kNumber, Order::kLess}},
      {"NumericLessThanEquals", {Kind::kNumber, Order::kLessOrEqual}},
      {"NumericGreaterThan", {Kind::kNumber, Order::kGreater}},
      {"NumericGreaterThanEquals", {Kind::kNumber, Order::kGreaterOrEqual}},
      {"DateEquals", {Kind::kDate}},
      {"DateNotEquals", {.kind = Kind::kDate, .is_negated = true}},
      {"DateLessThan", {Kind::kDate, Order::kLess}},
      {"DateLessThanEquals", {Kind::kDate, Order::kLessOrEqual}},
      {"DateGreaterThan", {Kind::kDate, Order::kGreater}},
      {"DateGreaterThanEquals", {Kind::kDate, Order::kGreaterOrEqual}},
      {"Bool", {Kind::kBool}},
      {"BinaryEquals", {Kind::kBinary}},
      {"IpAddress", {Kind::kIp}},
      {"NotIpAddress", {.kind = Kind::kIp, .is_negated = true}},
      {"ArnEquals", {.kind = Kind::kArn, .has_wildcards = true}},
      {"ArnLike", {.kind = Kind::kArn, .has_wildcards = true}},
      {"ArnNotEquals", {.kind = Kind::kArn, .is_negated = true, .has_wildcards = true}},
      {"ArnNotLike", {.kind = Kind::kArn, .is_negated = true, .has_wildcards = true}},
      {"Null", {Kind::kNull}},
  };
  std::string_view bare = name;
  Quantifier quantifier = Quantifier::kNone;
  if (bare.starts_with(kForAll)) {
    quantifier = Quantifier::kForAll;
    bare.remove_prefix(kForAll.size());
  } else if (bare.starts_with(kForAny)) {
    quantifier = Quantifier::kForAny;
    bare.remove_prefix(kForAny.size());
  }
  const bool if_exists = bare.ends_with(kIfExists);
  if (if_exists) bare.remove_suffix(kIfExists.size());
  const auto found = std::ranges::find(kOperators, bare, &Named::name);
  if (found == std::end(kOperators)) return Wrong(fmt::format("Invalid Condition type : {}", name.substr(0, 128)));
  Operator op = found->op;
  if (op.kind == Kind::kNull && (if_exists || quantifier != Quantifier::kNone)) {
    return Wrong("Null asks whether a key is there, so it has neither IfExists nor ForAllValues nor ForAnyValue");
  }
  op.if_exists = if_exists;
  op.quantifier = quantifier;
  return op;
}

Expected<Condition::Value> Condition::ParseValue(const Operator& op, const std::string& text, bool has_variables) {
  switch (op.kind) {
    case Kind::kText:
    case Kind::kTextIgnoringCase:
    case Kind::kArn: {
      ASSIGN_OR_RETURN(Template written,
                       Template::Parse(text, {.has_variables = has_variables, .has_wildcards = op.has_wildcards}));
      Text value{.written = std::move(written), .ready = {}};
      if (!value.written.is_constant()) return value;
      if (op.kind == Kind::kArn) {
        value.ready = ArnPattern(value.written.constant());
      } else {
        Pattern pattern = value.written.constant();
        if (op.kind == Kind::kTextIgnoringCase) pattern.LowerCase();
        value.ready = std::move(pattern);
      }
      return value;
    }
    case Kind::kNumber:
      if (const auto number = ParseNumber(text)) return *number;
      return Wrong(fmt::format("{} is not a number", text.substr(0, 128)));
    case Kind::kDate:
      if (const auto date = ParseDate(text)) return *date;
      return Wrong(fmt::format("{} is not a date like 2026-01-31T12:00:00Z", text.substr(0, 128)));
    case Kind::kBool:
    case Kind::kNull:
      if (const auto truth = ParseBool(text)) return *truth;
      return Wrong(fmt::format("{} is neither true nor false", text.substr(0, 128)));
    case Kind::kBinary:
      if (auto bytes = DecodeBase64(text)) return *std::move(bytes);
      return Wrong(fmt::format("{} is not base64", text.substr(0, 128)));
    case Kind::kIp: {
      ASSIGN_OR_RETURN(const net::Network network, net::Network::Parse(text));
      return network;
    }
  }
  return Wrong("");
}

Expected<Condition> Condition::Parse(const json::Value& block, bool has_variables) {
  const json::Object* operators = block.AsObject();
  if (operators == nullptr) return Wrong("a Condition is an object of operators");
  Condition condition;
  for (const auto& [name, keys] : *operators) {
    const std::string shown = name.substr(0, 128);
    ASSIGN_OR_RETURN(const Operator op, ParseOperator(name));
    if (keys.AsObject() == nullptr) return Wrong(shown + ": an operator holds an object of keys");
    for (const auto& [key, values] : *keys.AsObject()) {
      const std::string place = shown + "." + key.substr(0, 128) + ": ";
      if (key.find(':') == std::string::npos || key.ends_with(':') || key.starts_with(':')) {
        return Wrong(place + "a condition key has the form vendor:key, as in aws:username");
      }
      const auto texts = TextsOf(values);
      if (!texts) return Wrong(place + "the value is neither a text nor a list of texts");
      Clause clause{.op = op, .key = ToLower(key), .values = {}};
      for (const std::string& text : *texts) {
        auto value = ParseValue(op, text, has_variables);
        if (!value) return Wrong(place + value.error().message);
        clause.values.push_back(*std::move(value));
      }
      condition.clauses_.push_back(std::move(clause));
    }
  }
  return condition;
}

bool Condition::LimitsCallers(const Clause& clause) {
  constexpr std::string_view kOfCallers[] = {
      "aws:principalaccount", "aws:principalarn", "aws:principalorgid",       "aws:sourceaccount",
      "aws:sourcearn",        "aws:sourceip",     "aws:sourceowner",          "aws:sourcevpc",
      "aws:sourcevpce",       "aws:userid",       "s3:dataaccesspointaccount"};
  // Networks that are broader are everybody.
  constexpr int kIpv4Bits = 96 + 8;
  constexpr int kIpv6Bits = 32;
  const Operator& op = clause.op;
  if (op.is_negated || op.if_exists || op.quantifier == Quantifier::kForAll) return false;  // a missing key fulfils it
  if (std::ranges::find(kOfCallers, clause.key) == std::end(kOfCallers)) return false;
  return std::ranges::all_of(clause.values, [](const Value& value) {
    if (const auto* text = std::get_if<Text>(&value)) {
      return text->written.is_constant() && text->written.constant().IsLiteral();
    }
    const auto* network = std::get_if<net::Network>(&value);
    if (network == nullptr) return false;
    return network->bits >= (network->IsIpv4() ? kIpv4Bits : kIpv6Bits);
  });
}

bool Condition::LimitsCallers() const {
  return std::ranges::any_of(clauses_, [](const Clause& clause) { return LimitsCallers(clause); });
}

Condition::Match Condition::MatchesText(const Operator& op, const Text& value, const std::string& said,
                                        const Context& context) {
  const auto verdict = [](bool matches) { return matches ? Match::kYes : Match::kNo; };
  std::optional<Pattern> resolved;
  if (!value.written.is_constant()) {
    resolved = value.written.Resolve(context);
    if (!resolved) return Match::kUnresolved;
  }
  switch (op.kind) {
    case Kind::kArn:
      return verdict(resolved ? ArnPattern(*resolved).Matches(said) : std::get<ArnPattern>(value.ready).Matches(said));
    case Kind::kTextIgnoringCase:
      if (resolved) resolved->LowerCase();
      return verdict((resolved ? *resolved : std::get<Pattern>(value.ready)).Matches(ToLower(said)));
    default: return verdict((resolved ? *resolved : std::get<Pattern>(value.ready)).Matches(said));
  }
}

// What a request says that is no number, date or address equals nothing.
Condition::Match Condition::Matches(const Operator& op, const Value& value, const std::string& said,
                                    const Context& context) {
  const auto verdict = [](bool matches) { return matches ? Match::kYes : Match::kNo; };
  switch (op.kind) {
    case Kind::kText:
    case Kind::kTextIgnoringCase:
    case Kind::kArn: return MatchesText(op, std::get<Text>(value), said, context);
    case Kind::kNumber: {
      const auto number = ParseNumber(said);
      return verdict(number && IsInOrder(*number, std::get<double>(value), op.order));
    }
    case Kind::kDate: {
      const auto date = ParseDate(said);
      return verdict(date && IsInOrder(*date, std::get<double>(value), op.order));
    }
    case Kind::kBool: return verdict(ParseBool(said) == std::get<bool>(value));
    case Kind::kBinary: return verdict(DecodeBase64(said) == std::get<std::string>(value));
    case Kind::kIp: {
      const auto address = net::Network::Parse(said);
      return verdict(address && std::get<net::Network>(value).Contains(*address));
    }
    case Kind::kNull: break;
  }
  return Match::kNo;
}

bool Condition::HoldsFor(const Clause& clause, const std::string& said, const Context& context, bool& unresolved) {
  bool matches = false;
  for (const Value& value : clause.values) {
    const Match match = Matches(clause.op, value, said, context);
    unresolved = unresolved || match == Match::kUnresolved;
    matches = matches || match == Match::kYes;
  }
  return matches != clause.op.is_negated;
}

bool Condition::Holds(const Clause& clause, const Context& context, bool variables_fail) {
  const Context::Values* said = context.Find(clause.key);
  const Operator& op = clause.op;
  if (op.kind == Kind::kNull) {
    const bool is_absent = said == nullptr || said->empty();
    return std::ranges::any_of(clause.values, [&](const Value& value) { return std::get<bool>(value) == is_absent; });
  }
  if (said == nullptr) {
    if (op.if_exists || op.quantifier == Quantifier::kForAll) return true;
    return op.is_negated && op.quantifier == Quantifier::kNone;
  }
  bool unresolved = false;
  const auto holds_for = [&](const std::string& one) { return HoldsFor(clause, one, context, unresolved); };
  // Without a quantifier a key is taken to have one value. Where it has several, each operator errs on the side of its
  // meaning: "equals" is content with one, "is not" wants all of them.
  const bool wants_all = op.quantifier == Quantifier::kForAll || (op.quantifier == Quantifier::kNone && op.is_negated);
  const bool holds = wants_all ? std::ranges::all_of(*said, holds_for) : std::ranges::any_of(*said, holds_for);
  return holds && !(unresolved && op.is_negated && variables_fail);
}

bool Condition::Holds(const Context& context, bool variables_fail) const {
  return std::ranges::all_of(clauses_, [&](const Clause& clause) { return Holds(clause, context, variables_fail); });
}

std::vector<std::string> Condition::Keys() const {
  std::vector<std::string> keys;
  for (const Clause& clause : clauses_) {
    if (std::ranges::find(keys, clause.key) == keys.end()) keys.push_back(clause.key);
  }
  return keys;
}

void Condition::AddVariables(std::vector<std::string>& keys) const {
  for (const Clause& clause : clauses_) {
    for (const Value& value : clause.values) {
      if (const Text* text = std::get_if<Text>(&value)) text->written.AddVariables(keys);
    }
  }
}

}  // namespace firmsign::policy
