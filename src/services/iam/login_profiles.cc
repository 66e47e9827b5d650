// SPDX-License-Identifier: Apache-2.0
//
// Passwords of users, and what they must be like. They are kept as hashes; hashing takes a while and happens before the
// change begins.

#include "platform/crypto/password_hash.h"
#include "services/iam/handlers.h"
#include "services/iam/operations.h"
#include "services/iam/password_policy.h"
#include "services/iam/password_store.h"

namespace firmsign::iam {
namespace {

using passwords::Password;

// Whose password it is: without a name the caller's own.
template <class Op>
Found<Op, Entity> NeedHolder(db::Reader& reader, const Call<Op>& call, const std::optional<std::string>& name) {
  if (!name && call.caller().type != policy::PrincipalType::kUser) {
    return aws::Refuse<errors::ValidationError>("Must specify userName when calling with non-User credentials");
  }
  return Need<Op>(reader, call.facts().account(), Kind::kUser, name.value_or(call.caller().name));
}

template <class Op>
Found<Op, Password> NeedPassword(db::Reader& reader, const Entity& user) {
  ASSIGN_OR_RETURN(auto found, passwords::Find(reader, user.id));
  if (!found) {
    return aws::Refuse<errors::NoSuchEntityException>(
        fmt::format("Login Profile for User {} cannot be found.", user.name));
  }
  return *std::move(found);
}

// PasswordPolicyViolationException.
template <class Op>
Found<Op, void> CheckPassword(db::Reader& reader, const Entity& user, const std::string& password) {
  ASSIGN_OR_RETURN(const auto policy, FindPasswordPolicy(reader, user.account));
  if (auto problem = ProblemOf(password, user.name, policy)) {
    return aws::Refuse<errors::PasswordPolicyViolationException>(*std::move(problem));
  }
  return {};
}

// Whether a user's password may not become `password` because it is, or was lately, the same. Hashes are slow, so that
// this is asked before the change begins, about a snapshot.
template <class Op>
Found<Op, void> CheckReuse(Service& iam, const Call<Op>& call, const std::optional<std::string>& name,
                           const SecretBytes& password) {
  std::vector<std::string> hashes;
  std::int64_t wanted = 0;
  RETURN_IF_ERROR(iam.store.database().Read([&](db::Reader& reader) -> Expected<void> {
    const AccountId& account = call.facts().account();
    ASSIGN_OR_RETURN(const auto policy, FindPasswordPolicy(reader, account));
    wanted = policy ? policy->password_reuse_prevention.value_or(0) : 0;
    if (wanted == 0) return {};
    ASSIGN_OR_RETURN(const auto user, entities::Find(reader, account, Kind::kUser, name.value_or(call.caller().name)));
    if (!user) return {};
    ASSIGN_OR_RETURN(hashes, passwords::HistoryOf(reader, user->id));
    ASSIGN_OR_RETURN(const auto current, passwords::Find(reader, user->id));
    if (current) hashes.insert(hashes.begin(), current->hash);
    return {};
  }));
  hashes.resize(std::min(hashes.size(), static_cast<std::size_t>(wanted)));
  if (std::ranges::none_of(hashes, [&](const std::string& hash) { return crypto::IsPassword(password, hash); })) {
    return {};
  }
  return aws::Refuse<errors::PasswordPolicyViolationException>(
      fmt::format("Password was used before: it must differ from the last {}", wanted));
}

// Keeps the new hash instead of the old one.
Expected<void> Replace(db::Transaction& transaction, const Entity& user, Password& password, const std::string& hash,
                       Instant now) {
  RETURN_IF_ERROR(passwords::PutHistory(transaction, user.id, password.hash, now));
  password.hash = hash;
  password.changed_at = now;
  return {};
}

}  // namespace

aws::Result<ops::CreateLoginProfile> CreateLoginProfile(Service& iam, const Call<ops::CreateLoginProfile>& call) {
  using Op = ops::CreateLoginProfile;
  const CreateLoginProfileRequest& input = call.input();
  if (!input.password) return aws::Refuse<errors::ValidationError>("Password cannot be null.");
  ASSIGN_OR_RETURN(const std::string hash, crypto::HashPassword(SecretBytes(*input.password), iam.random));
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(const Entity user, NeedHolder(transaction, call, input.user_name));
    ASSIGN_OR_RETURN(const auto present, passwords::Find(transaction, user.id));
    if (present) {
      return aws::Refuse<errors::EntityAlreadyExistsException>(
          fmt::format("Login Profile for user {} already exists.", user.name));
    }
    RETURN_IF_ERROR(CheckPassword<Op>(transaction, user, *input.password));
    const Password password{.hash = hash,
                            .needs_reset = input.password_reset_required.value_or(false),
                            .created_at = call.facts().now,
                            .changed_at = call.facts().now};
    RETURN_IF_ERROR(passwords::Put(transaction, user.id, password));
    return CreateLoginProfileResponse{.login_profile = {.user_name = user.name,
                                                        .create_date = password.created_at,
                                                        .password_reset_required = password.needs_reset}};
  });
}

aws::Result<ops::GetLoginProfile> GetLoginProfile(Service& iam, const Call<ops::GetLoginProfile>& call) {
  using Op = ops::GetLoginProfile;
  return Look(iam, call, [&](db::Reader& reader) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(const Entity user, NeedHolder(reader, call, call.input().user_name));
    ASSIGN_OR_RETURN(const Password password, NeedPassword<Op>(reader, user));
    return GetLoginProfileResponse{.login_profile = {.user_name = user.name,
                                                     .create_date = password.created_at,
                                                     .password_reset_required = password.needs_reset}};
  });
}

aws::Result<ops::UpdateLoginProfile> UpdateLoginProfile(Service& iam, const Call<ops::UpdateLoginProfile>& call) {
  using Op = ops::UpdateLoginProfile;
  const UpdateLoginProfileRequest& input = call.input();
  std::string hash;
  if (input.password) {
    RETURN_IF_ERROR(CheckReuse(iam, call, input.user_name, SecretBytes(*input.password)));
    ASSIGN_OR_RETURN(hash, crypto::HashPassword(SecretBytes(*input.password), iam.random));
  }
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(const Entity user, NeedHolder(transaction, call, input.user_name));
    ASSIGN_OR_RETURN(Password password, NeedPassword<Op>(transaction, user));
    if (input.password) {
      RETURN_IF_ERROR(CheckPassword<Op>(transaction, user, *input.password));
      RETURN_IF_ERROR(Replace(transaction, user, password, hash, call.facts().now));
    }
    password.needs_reset = input.password_reset_required.value_or(password.needs_reset);
    RETURN_IF_ERROR(passwords::Put(transaction, user.id, password));
    return Op::Output{};
  });
}

aws::Result<ops::DeleteLoginProfile> DeleteLoginProfile(Service& iam, const Call<ops::DeleteLoginProfile>& call) {
  using Op = ops::DeleteLoginProfile;
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(const Entity user, NeedHolder(transaction, call, call.input().user_name));
    RETURN_IF_ERROR(NeedPassword<Op>(transaction, user));
    RETURN_IF_ERROR(passwords::Remove(transaction, user.id));
    return Op::Output{};
  });
}

aws::Result<ops::ChangePassword> ChangePassword(Service& iam, const Call<ops::ChangePassword>& call) {
  using Op = ops::ChangePassword;
  const ChangePasswordRequest& input = call.input();
  if (call.caller().type != policy::PrincipalType::kUser) {
    return aws::Refuse<errors::InvalidUserTypeException>("Only a user has a password that it can change.");
  }
  std::optional<Password> before;
  RETURN_IF_ERROR(iam.store.database().ReadOne([&](db::Reader& reader) -> Expected<void> {
    ASSIGN_OR_RETURN(before, passwords::Find(reader, call.caller().entity_id));
    return {};
  }));
  if (!before) {
    return aws::Refuse<errors::NoSuchEntityException>(
        fmt::format("Login Profile for User {} cannot be found.", call.caller().name));
  }
  if (!crypto::IsPassword(SecretBytes(input.old_password), before->hash)) {
    return aws::Refuse<errors::AccessDenied>("The old password was incorrect.");
  }
  RETURN_IF_ERROR(CheckReuse(iam, call, std::nullopt, SecretBytes(input.new_password)));
  ASSIGN_OR_RETURN(const std::string hash, crypto::HashPassword(SecretBytes(input.new_password), iam.random));
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(const Entity user, NeedHolder(transaction, call, std::nullopt));
    ASSIGN_OR_RETURN(Password password, NeedPassword<Op>(transaction, user));
    if (password.hash != before->hash) return aws::Refuse<errors::AccessDenied>("The password was changed meanwhile.");
    RETURN_IF_ERROR(CheckPassword<Op>(transaction, user, input.new_password));
    RETURN_IF_ERROR(Replace(transaction, user, password, hash, call.facts().now));
    password.needs_reset = false;
    RETURN_IF_ERROR(passwords::Put(transaction, user.id, password));
    return Op::Output{};
  });
}

aws::Result<ops::GetAccountPasswordPolicy> GetAccountPasswordPolicy(Service& iam,
                                                                    const Call<ops::GetAccountPasswordPolicy>& call) {
  using Op = ops::GetAccountPasswordPolicy;
  return Look(iam, call, [&](db::Reader& reader) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(auto policy, FindPasswordPolicy(reader, call.facts().account()));
    if (!policy) {
      return aws::Refuse<errors::NoSuchEntityException>(
          fmt::format("The Password Policy with domain name {} cannot be found.", call.facts().account().str()));
    }
    return GetAccountPasswordPolicyResponse{.password_policy = *std::move(policy)};
  });
}

aws::Result<ops::UpdateAccountPasswordPolicy> UpdateAccountPasswordPolicy(
    Service& iam, const Call<ops::UpdateAccountPasswordPolicy>& call) {
  using Op = ops::UpdateAccountPasswordPolicy;
  const UpdateAccountPasswordPolicyRequest& input = call.input();
  constexpr std::int64_t kAwsLengthMin = 6;
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<Op> {
    const PasswordPolicy policy{.minimum_password_length = input.minimum_password_length.value_or(kAwsLengthMin),
                                .require_symbols = input.require_symbols.value_or(false),
                                .require_numbers = input.require_numbers.value_or(false),
                                .require_uppercase_characters = input.require_uppercase_characters.value_or(false),
                                .require_lowercase_characters = input.require_lowercase_characters.value_or(false),
                                .allow_users_to_change_password = input.allow_users_to_change_password.value_or(false),
                                .expire_passwords = input.max_password_age.has_value(),
                                .max_password_age = input.max_password_age,
                                .password_reuse_prevention = input.password_reuse_prevention,
                                .hard_expiry = input.hard_expiry.value_or(false)};
    RETURN_IF_ERROR(PutPasswordPolicy(transaction, call.facts().account(), policy, call.facts().now));
    return Op::Output{};
  });
}

aws::Result<ops::DeleteAccountPasswordPolicy> DeleteAccountPasswordPolicy(
    Service& iam, const Call<ops::DeleteAccountPasswordPolicy>& call) {
  using Op = ops::DeleteAccountPasswordPolicy;
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(const bool was_there, RemovePasswordPolicy(transaction, call.facts().account()));
    if (!was_there) {
      return aws::Refuse<errors::NoSuchEntityException>("The account password policy cannot be found.");
    }
    return Op::Output{};
  });
}

}  // namespace firmsign::iam
