// SPDX-License-Identifier: Apache-2.0
//
// Entities: whatever has a name and an ARN in an account (users, groups, roles, managed policies, instance profiles,
// identity providers, MFA devices), and what hangs on them: tags, policies, memberships.
//
// All functions are statements within the caller's snapshot or transaction, and return its codes beside those they
// name. A change runs behind BeginChange (change.h), so that it may look first and write then. Identifiers:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "base/strong.h"
#include "base/time.h"
#include "engine/policy/principal.h"
#include "platform/db/database.h"

namespace firmsign::iam {

enum class Kind : std::uint8_t {
  kUser,
  kGroup,
  kRole,
  kPolicy,
  kInstanceProfile,
  kSamlProvider,
  kOidcProvider,
  kMfaDevice,
};

struct Entity {
  Kind kind = Kind::kUser;
  std::string id;  // AIDA…, AGPA…, AROA…, ANPA…, AIPA…; of providers and devices, which have none, the ARN
  AccountId account;
  std::string name;
  std::string path = "/";
  Instant created_at;
  Instant updated_at;
  std::string boundary;     // the ARN of a managed policy; empty: none
  std::string description;  // roles, policies
  std::string document;     // a role's trust policy, a SAML provider's metadata, an OpenID provider's lists
  // A role's longest session in seconds; a policy's default version; until when a SAML provider is valid, in seconds.
  std::int64_t number = 0;
  std::int64_t last_number = 0;  // a policy's newest version, also when it was deleted

  std::string arn() const;
};

// "user", "group", …: the first part of an ARN's resource.
std::string_view NameOf(Kind kind);
// Prefix and 17 characters of upper-case base32.
std::string MakeEntityId(Kind kind, Random& random);
std::string MakeArn(const AccountId& account, Kind kind, std::string_view path, std::string_view name);
// What an ARN names: its account and the last part of its path. nullopt: it is no ARN of this kind.
struct NamedEntity {
  AccountId account;
  std::string name;
};
std::optional<NamedEntity> ParseEntityArn(std::string_view arn, Kind kind);

namespace entities {

// Names are the same whatever the case of their letters.
Expected<std::optional<Entity>> Find(db::Reader& reader, const AccountId& account, Kind kind, std::string_view name);
// Only by the very ARN, with its path and the case of its letters: it is what policies were asked about.
Expected<std::optional<Entity>> FindByArn(db::Reader& reader, Kind kind, std::string_view arn);
Expected<std::optional<Entity>> FindById(db::Reader& reader, std::string_view id);
Expected<void> Insert(db::Transaction& transaction, const Entity& entity);
// All but id, account and kind.
Expected<void> Update(db::Transaction& transaction, const Entity& entity);
// With its tags, inline policies and versions.
Expected<void> Remove(db::Transaction& transaction, const Entity& entity);

// One page of a list by name. `after`: the name_key of the last one of the page before; empty: from the beginning.
struct Page {
  std::string path_prefix = "/";
  std::string after;
  std::int64_t count = 100;
};
Expected<std::vector<Entity>> List(db::Reader& reader, const AccountId& account, Kind kind, const Page& page);
Expected<std::int64_t> Count(db::Reader& reader, const AccountId& account, Kind kind);
Expected<std::vector<Entity>> All(db::Reader& reader, const AccountId& account, Kind kind);

Expected<policy::Tags> TagsOf(db::Reader& reader, std::string_view id);
Expected<void> PutTag(db::Transaction& transaction, std::string_view id, std::string_view key, std::string_view value);
Expected<void> RemoveTag(db::Transaction& transaction, std::string_view id, std::string_view key);

struct InlinePolicy {
  std::string name;
  std::string document;
};
Expected<std::vector<InlinePolicy>> InlinePoliciesOf(db::Reader& reader, std::string_view id);
Expected<void> PutInlinePolicy(db::Transaction& transaction, std::string_view id, const InlinePolicy& policy);
// False: there was none.
Expected<bool> RemoveInlinePolicy(db::Transaction& transaction, std::string_view id, std::string_view name);

struct PolicyVersion {
  std::int64_t number = 1;
  std::string document;
  Instant created_at;
};
// The newest first.
Expected<std::vector<PolicyVersion>> VersionsOf(db::Reader& reader, std::string_view policy_id);
Expected<void> InsertVersion(db::Transaction& transaction, std::string_view policy_id, const PolicyVersion& version);
Expected<void> RemoveVersion(db::Transaction& transaction, std::string_view policy_id, std::int64_t number);

// ARNs of the managed policies that are attached, in their order.
Expected<std::vector<std::string>> AttachedTo(db::Reader& reader, std::string_view id);
Expected<void> Attach(db::Transaction& transaction, std::string_view id, std::string_view policy_arn);
// False: it was not attached.
Expected<bool> Detach(db::Transaction& transaction, std::string_view id, std::string_view policy_arn);
// Whom a policy is attached to, and whose boundary it is; of the account alone.
Expected<std::vector<Entity>> HoldersOf(db::Reader& reader, const AccountId& account, std::string_view policy_arn);
Expected<std::vector<Entity>> BoundedBy(db::Reader& reader, const AccountId& account, std::string_view policy_arn);

// Users of a group, the role of an instance profile.
Expected<std::vector<Entity>> MembersOf(db::Reader& reader, std::string_view holder_id);
// Groups of a user, instance profiles of a role.
Expected<std::vector<Entity>> HoldersOfMember(db::Reader& reader, std::string_view member_id);
Expected<void> AddMember(db::Transaction& transaction, std::string_view holder_id, std::string_view member_id);
// False: it was none.
Expected<bool> RemoveMember(db::Transaction& transaction, std::string_view holder_id, std::string_view member_id);

Expected<std::optional<std::string>> FindSetting(db::Reader& reader, const AccountId& account, std::string_view name);
Expected<void> PutSetting(db::Transaction& transaction, const AccountId& account, std::string_view name,
                          std::string_view value, Instant now);
Expected<bool> RemoveSetting(db::Transaction& transaction, const AccountId& account, std::string_view name);

}  // namespace entities
}  // namespace firmsign::iam
