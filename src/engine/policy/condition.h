// SPDX-License-Identifier: Apache-2.0
//
// Conditions: the Condition element of a statement, every operator of it.
//
// All operators must hold, for each all of its keys, for each key one of its values; for a negated operator none of the
// values may match. A key that the request lacks fails an operator and satisfies a negated one or one with IfExists.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "engine/policy/context.h"
#include "engine/policy/pattern.h"
#include "platform/json/json.h"
#include "platform/net/network.h"

namespace firmsign::policy {

// Thread safety: immutable.
class Condition {
 public:
  Condition() = default;  // always holds

  // `block` is what the element holds. kInvalid: the message begins with the place inside the block, as in
  // "NumericLessThan.s3:max-keys: ...".
  static Expected<Condition> Parse(const json::Value& block, bool has_variables);

  // A value with a variable that the request does not say matches nothing. `variables_fail`: then a negated operator
  // does not hold either. It is what an Allow needs: it shall not come true by what is missing.
  bool Holds(const Context& context, bool variables_fail) const;

  // Only callers of certain accounts, networks or names can fulfil it: what S3 asks of a policy that is not public.
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
  bool LimitsCallers() const;
  // The keys that conditions look at, in small letters.
  std::vector<std::string> Keys() const;
  // Adds the keys that variables in their values name, in small letters.
  void AddVariables(std::vector<std::string>& keys) const;

 private:
  enum class Kind : std::uint8_t { kText, kTextIgnoringCase, kArn, kNumber, kDate, kBool, kBinary, kIp, kNull };
  enum class Order : std::uint8_t { kEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };
  enum class Quantifier : std::uint8_t { kNone, kForAll, kForAny };

  struct Operator {
    Kind kind = Kind::kText;
    Order order = Order::kEqual;
    bool is_negated = false;
    bool has_wildcards = false;
    bool if_exists = false;
    Quantifier quantifier = Quantifier::kNone;
  };
  struct Text {
    Template written;
    // What constant ones match, in the form that the operator compares with.
    std::variant<std::monostate, Pattern, ArnPattern> ready;
  };
  // double: numbers, and dates in seconds. bool: Bool and Null. string: the bytes of binary values.
  using Value = std::variant<Text, double, bool, std::string, net::Network>;
  struct Clause {
    Operator op;
    std::string key;  // in small letters
    std::vector<Value> values;
  };
  enum class Match : std::uint8_t { kYes, kNo, kUnresolved };

  static Expected<Operator> ParseOperator(std::string_view name);
  static Expected<Value> ParseValue(const Operator& op, const std::string& text, bool has_variables);
  static Match MatchesText(const Operator& op, const Text& value, const std::string& said, const Context& context);
  static Match Matches(const Operator& op, const Value& value, const std::string& said, const Context& context);
  static bool LimitsCallers(const Clause& clause);
  static bool Holds(const Clause& clause, const Context& context, bool variables_fail);
  static bool HoldsFor(const Clause& clause, const std::string& said, const Context& context, bool& unresolved);

  std::vector<Clause> clauses_;
};

// A JSON string, number or boolean as the text that policies take it for; nullopt for anything else.
std::optional<std::string> TextOf(const json::Value& value);
// One such value, or a list of them that may be empty; nullopt for anything else.
std::optional<std::vector<std::string>> TextsOf(const json::Value& value);

}  // namespace firmsign::policy
