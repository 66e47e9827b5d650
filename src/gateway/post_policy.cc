// SPDX-License-Identifier: Apache-2.0

#include "gateway/post_policy.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/encoding.h"
#include "platform/json/json.h"

namespace firmsign::gateway {
namespace {

using PolicyRefusal = std::unexpected<PostPolicyProblem>;

PolicyRefusal MalformedPolicy(std::string message) {
  return std::unexpected(PostPolicyProblem{.is_malformed = true, .message = "Invalid Policy: " + std::move(message)});
}
PolicyRefusal DeniedByPolicy(std::string message) {
  return std::unexpected(
      PostPolicyProblem{.is_malformed = false, .message = "Invalid according to Policy: " + std::move(message)});
}

std::string Told(std::string_view operation, std::string_view field, std::string_view value) {
  return "Policy Condition failed: [\"" + std::string(operation) + "\", \"$" + std::string(field) + "\", \"" +
         std::string(value) + "\"]";
}

// The length that a policy states, as a number or as text.
std::optional<std::uint64_t> LengthOf(const json::Value& value) {
  if (const std::int64_t* number = value.AsInt()) {
    return *number >= 0 ? std::optional(static_cast<std::uint64_t>(*number)) : std::nullopt;
  }
  const std::string* text = value.AsString();
  if (text == nullptr) return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return number;
}

class Judge {
 public:
  Judge(const FormFields& form, std::string_view bucket) : form_(form), bucket_(bucket) {}

  std::expected<void, PostPolicyProblem> Condition(const json::Value& condition) {
    if (const json::Object* object = condition.AsObject()) {
      if (object->size() != 1 || object->front().second.AsString() == nullptr) {
        return MalformedPolicy("a condition that is an object has one field and its value");
      }
      return Match("eq", ToLower(object->front().first), *object->front().second.AsString());
    }
    const json::Array* list = condition.AsArray();
    if (list == nullptr || list->size() != 3 || list->front().AsString() == nullptr) {
      return MalformedPolicy("a condition is an object, or a list of three");
    }
    const std::string operation = ToLower(*list->front().AsString());
    if (operation == "content-length-range") {
      const auto min = LengthOf((*list)[1]);
      const auto max = LengthOf((*list)[2]);
      if (!min || !max) return MalformedPolicy("content-length-range has two numbers");
      // Of several ranges all hold.
      lengths_.min = std::max(lengths_.min.value_or(0), *min);
      lengths_.max = std::min(lengths_.max.value_or(*max), *max);
      return {};
    }
    const std::string* field = (*list)[1].AsString();
    const std::string* value = (*list)[2].AsString();
    if ((operation != "eq" && operation != "starts-with") || field == nullptr || !field->starts_with('$') ||
        value == nullptr) {
      return MalformedPolicy("a condition that is a list has eq or starts-with, $ and a field, and a value");
    }
    return Match(operation, ToLower(std::string_view(*field).substr(1)), *value);
  }

  std::expected<PostLengths, PostPolicyProblem> Finish() const {
    for (const auto& [name, value] : form_.fields) {
      const bool is_free = name == "policy" || name == "x-amz-signature" || name.starts_with("x-ignore-");
      if (!is_free && !allowed_.contains(name)) return DeniedByPolicy("Extra input fields: " + name);
    }
    if (!allowed_.contains("bucket")) return DeniedByPolicy("Extra input fields: bucket");
    return lengths_;
  }

 private:
  std::expected<void, PostPolicyProblem> Match(std::string_view operation, std::string field,
                                               const std::string& value) {
    const std::optional<std::string_view> given = field == "bucket" ? bucket_ : form_.Find(field);
    const bool holds = operation == "eq" ? given == value : given.value_or("").starts_with(value);
    if (!holds) return DeniedByPolicy(Told(operation, field, value));
    allowed_.insert(std::move(field));
    return {};
  }

  const FormFields& form_;
  const std::string_view bucket_;
  std::set<std::string, std::less<>> allowed_;
  PostLengths lengths_;
};

}  // namespace

std::expected<PostLengths, PostPolicyProblem> JudgePost(std::string_view policy, const FormFields& form,
                                                        std::string_view bucket, Instant now) {
  const auto document = json::Parse(policy);
  if (!document || document->AsObject() == nullptr) return MalformedPolicy("it is no JSON object");
  const json::Value* expiration = document->Find("expiration");
  const json::Value* conditions = document->Find("conditions");
  if (expiration == nullptr || expiration->AsString() == nullptr) return MalformedPolicy("it has no expiration");
  const auto end = ParseIso8601(*expiration->AsString());
  if (!end) return MalformedPolicy("its expiration is no ISO 8601 time");
  if (conditions == nullptr || conditions->AsArray() == nullptr) return MalformedPolicy("it has no list of conditions");
  if (now >= *end) return DeniedByPolicy("Policy expired.");
  Judge judge(form, bucket);
  for (const json::Value& condition : *conditions->AsArray()) {
    if (auto judged = judge.Condition(condition); !judged) return std::unexpected(std::move(judged).error());
  }
  return judge.Finish();
}

}  // namespace firmsign::gateway
