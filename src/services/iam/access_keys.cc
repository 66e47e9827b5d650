// SPDX-License-Identifier: Apache-2.0
//
// Access keys of users and of the account's root: without a user's name the caller's own.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html

#include "services/iam/handlers.h"
#include "services/iam/operations.h"

namespace firmsign::iam {
namespace {

constexpr SecretAccess kAnswer("CreateAccessKey's answer, which shows a new secret once");
constexpr std::string_view kActive = StatusType::kActive;

// Whose keys a call is about. An empty id is the root.
struct Owner {
  std::string id;
  std::string name;
};

template <class Op>
Found<Op, Owner> NeedOwner(db::Reader& reader, const Call<Op>& call) {
  const std::optional<std::string>& name = call.input().user_name;
  const policy::Principal& caller = call.caller();
  if (name) {
    ASSIGN_OR_RETURN(const Entity user, NeedNamed(reader, call));
    return Owner{user.id, user.name};
  }
  if (caller.type == policy::PrincipalType::kUser) {
    // Who was removed after the call was allowed gets no key.
    ASSIGN_OR_RETURN(const auto user, entities::FindById(reader, caller.entity_id));
    if (!user) return NoSuchEntity<Op>(Kind::kUser, caller.name);
    return Owner{user->id, user->name};
  }
  if (caller.type == policy::PrincipalType::kRoot) return Owner{"", "root"};
  return aws::Refuse<errors::ValidationError>("Must specify userName when calling with non-User credentials");
}

// The owner's key of this id.
template <class Op>
Found<Op, StoredAccessKey> NeedKey(db::Reader& reader, const Call<Op>& call) {
  ASSIGN_OR_RETURN(const Owner owner, NeedOwner(reader, call));
  ASSIGN_OR_RETURN(const auto keys, Store::AccessKeysOf(reader, call.facts().account(), owner.id));
  const auto found = std::ranges::find(keys, AccessKeyId(call.input().access_key_id), &StoredAccessKey::id);
  if (found == keys.end()) {
    return aws::Refuse<errors::NoSuchEntityException>(
        fmt::format("The Access Key with id {} cannot be found.", call.input().access_key_id));
  }
  return *found;
}

std::string StatusOf(const StoredAccessKey& key) {
  return std::string(key.is_active ? kActive : StatusType::kInactive);
}

}  // namespace

aws::Result<ops::CreateAccessKey> CreateAccessKey(Service& iam, const Call<ops::CreateAccessKey>& call) {
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<ops::CreateAccessKey> {
    ASSIGN_OR_RETURN(const Owner owner, NeedOwner(transaction, call));
    ASSIGN_OR_RETURN(const auto keys, Store::AccessKeysOf(transaction, call.facts().account(), owner.id));
    RETURN_IF_ERROR(CheckQuota<ops::CreateAccessKey>("AccessKeysPerUser", std::ssize(keys), kAccessKeysMax));
    const StoredAccessKey key = MakeAccessKey(iam.random, call.facts().account(), call.facts().now, owner.id);
    RETURN_IF_ERROR(iam.store.AddAccessKey(transaction, key));
    return CreateAccessKeyResponse{.access_key = {.user_name = owner.name,
                                                  .access_key_id = key.id.str(),
                                                  .status = std::string(kActive),
                                                  .secret_access_key = std::string(key.secret.Reveal(kAnswer)),
                                                  .create_date = key.created_at}};
  });
}

aws::Result<ops::UpdateAccessKey> UpdateAccessKey(Service& iam, const Call<ops::UpdateAccessKey>& call) {
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<ops::UpdateAccessKey> {
    const std::string& status = call.input().status;
    if (status != kActive && status != StatusType::kInactive) {
      return aws::Refuse<errors::InvalidInputException>("Status is Active or Inactive: keys do not expire here.");
    }
    ASSIGN_OR_RETURN(const StoredAccessKey key, NeedKey(transaction, call));
    RETURN_IF_ERROR(Store::SetAccessKeyActive(transaction, key.id, status == kActive));
    return ops::UpdateAccessKey::Output{};
  });
}

aws::Result<ops::DeleteAccessKey> DeleteAccessKey(Service& iam, const Call<ops::DeleteAccessKey>& call) {
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<ops::DeleteAccessKey> {
    ASSIGN_OR_RETURN(const StoredAccessKey key, NeedKey(transaction, call));
    RETURN_IF_ERROR(Store::DeleteAccessKey(transaction, key.id));
    return ops::DeleteAccessKey::Output{};
  });
}

aws::Result<ops::ListAccessKeys> ListAccessKeys(Service& iam, const Call<ops::ListAccessKeys>& call) {
  return Look(iam, call, [&](db::Reader& reader) -> aws::Result<ops::ListAccessKeys> {
    ASSIGN_OR_RETURN(const Owner owner, NeedOwner(reader, call));
    ASSIGN_OR_RETURN(auto keys, Store::AccessKeysOf(reader, call.facts().account(), owner.id));
    ListAccessKeysResponse output;
    RETURN_IF_ERROR(CutPage<ops::ListAccessKeys>(call.input(), output, keys,
                                                 [](const StoredAccessKey& key) { return key.id.str(); }));
    for (const StoredAccessKey& key : keys) {
      output.access_key_metadata.push_back({.user_name = owner.name,
                                            .access_key_id = key.id.str(),
                                            .status = StatusOf(key),
                                            .create_date = key.created_at});
    }
    return output;
  });
}

aws::Result<ops::GetAccessKeyLastUsed> GetAccessKeyLastUsed(Service& iam, const Call<ops::GetAccessKeyLastUsed>& call) {
  const auto key = iam.store.FindAccessKey(AccessKeyId(call.input().access_key_id));
  if (!key && key.error().code != Code::kNotFound) return std::unexpected(key.error());
  if (!key || key->account != call.facts().account()) {
    return aws::Refuse<errors::NoSuchEntityException>(
        fmt::format("The Access Key with id {} cannot be found.", call.input().access_key_id));
  }
  return Look(iam, call, [&](db::Reader& reader) -> aws::Result<ops::GetAccessKeyLastUsed> {
    GetAccessKeyLastUsedResponse output{.user_name = "root"};
    if (!key->user_id.empty()) {
      ASSIGN_OR_RETURN(const auto user, entities::FindById(reader, key->user_id));
      if (user) output.user_name = user->name;
    }
    output.access_key_last_used = AccessKeyLastUsed{.service_name = "N/A", .region = "N/A"};
    if (key->last_use) {
      output.access_key_last_used = AccessKeyLastUsed{
          .last_used_date = key->last_use->at, .service_name = key->last_use->service, .region = key->last_use->region};
    }
    return output;
  });
}

}  // namespace firmsign::iam
