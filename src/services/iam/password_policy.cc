// SPDX-License-Identifier: Apache-2.0

#include "services/iam/password_policy.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/protocol/codec.h"
#include "base/encoding.h"
#include "platform/json/json.h"

namespace firmsign::iam {
namespace {

constexpr std::string_view kSetting = "passwordPolicy";
constexpr std::int64_t kLengthMin = 8;  // without a policy of the account
constexpr int kClassesMin = 3;          // likewise: of capital letters, small ones, digits and symbols
constexpr std::string_view kSymbols = "!@#$%^&*()_+-=[]{}|'";

struct Classes {
  bool has_upper = false;
  bool has_lower = false;
  bool has_digit = false;
  bool has_symbol = false;
};

Classes ClassesOf(std::string_view password) {
  Classes classes;
  for (const char c : password) {
    classes.has_upper = classes.has_upper || (c >= 'A' && c <= 'Z');
    classes.has_lower = classes.has_lower || (c >= 'a' && c <= 'z');
    classes.has_digit = classes.has_digit || (c >= '0' && c <= '9');
    classes.has_symbol = classes.has_symbol || kSymbols.contains(c);
  }
  return classes;
}

std::optional<bool> SettingTruth(const json::Value& json, std::string_view name) {
  const json::Value* value = json.Find(name);
  return value != nullptr && value->AsBool() != nullptr ? std::optional(*value->AsBool()) : std::nullopt;
}

std::optional<std::int64_t> SettingNumber(const json::Value& json, std::string_view name) {
  const json::Value* value = json.Find(name);
  return value != nullptr && value->AsInt() != nullptr ? std::optional(*value->AsInt()) : std::nullopt;
}

}  // namespace

Expected<std::optional<PasswordPolicy>> FindPasswordPolicy(db::Reader& reader, const AccountId& account) {
  ASSIGN_OR_RETURN(const auto text, entities::FindSetting(reader, account, kSetting));
  if (!text) return std::nullopt;
  const auto json = json::Parse(*text);
  if (!json) return Fail(Code::kCorrupt, "a password policy cannot be read: " + json.error().message);
  return PasswordPolicy{.minimum_password_length = SettingNumber(*json, "MinimumPasswordLength"),
                        .require_symbols = SettingTruth(*json, "RequireSymbols"),
                        .require_numbers = SettingTruth(*json, "RequireNumbers"),
                        .require_uppercase_characters = SettingTruth(*json, "RequireUppercaseCharacters"),
                        .require_lowercase_characters = SettingTruth(*json, "RequireLowercaseCharacters"),
                        .allow_users_to_change_password = SettingTruth(*json, "AllowUsersToChangePassword"),
                        .expire_passwords = SettingTruth(*json, "ExpirePasswords"),
                        .max_password_age = SettingNumber(*json, "MaxPasswordAge"),
                        .password_reuse_prevention = SettingNumber(*json, "PasswordReusePrevention"),
                        .hard_expiry = SettingTruth(*json, "HardExpiry")};
}

Expected<void> PutPasswordPolicy(db::Transaction& transaction, const AccountId& account, const PasswordPolicy& policy,
                                 Instant now) {
  std::string text;
  aws::WriteStructAsJson(shapes::kPasswordPolicy, &policy, /*redact=*/false, text);
  return entities::PutSetting(transaction, account, kSetting, text, now);
}

Expected<bool> RemovePasswordPolicy(db::Transaction& transaction, const AccountId& account) {
  return entities::RemoveSetting(transaction, account, kSetting);
}

std::optional<std::string> ProblemOf(std::string_view password, std::string_view name,
                                     const std::optional<PasswordPolicy>& policy) {
  const Classes has = ClassesOf(password);
  const auto wants = [&](const std::optional<bool>& rule) { return rule.value_or(false); };
  const std::int64_t length = policy ? policy->minimum_password_length.value_or(kLengthMin) : kLengthMin;
  if (std::ssize(password) < length) return fmt::format("Password should have a minimum length of {}", length);
  if (EqualsIgnoreCase(password, name)) return "Password should not be the name of the user";
  if (!policy) {
    const int classes = has.has_upper + has.has_lower + has.has_digit + has.has_symbol;
    if (classes >= kClassesMin) return std::nullopt;
    return "Password should have three of these: uppercase letters, lowercase letters, numbers, symbols";
  }
  if (wants(policy->require_uppercase_characters) && !has.has_upper) {
    return "Password should have at least one uppercase letter";
  }
  if (wants(policy->require_lowercase_characters) && !has.has_lower) {
    return "Password should have at least one lowercase letter";
  }
  if (wants(policy->require_numbers) && !has.has_digit) return "Password should have at least one number";
  if (wants(policy->require_symbols) && !has.has_symbol) {
    return fmt::format("Password should have at least one symbol of {}", kSymbols);
  }
  return std::nullopt;
}

}  // namespace firmsign::iam
