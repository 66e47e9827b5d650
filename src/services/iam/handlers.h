// SPDX-License-Identifier: Apache-2.0
//
// What the handlers of IAM share: finding entities, changing them one after another, pages of lists.

#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/api_error.h"
#include "base/check.h"
#include "base/encoding.h"
#include "gateway/call.h"
#include "model/iam.h"
#include "services/iam/answers.h"
#include "services/iam/entity_store.h"
#include "services/iam/service.h"

namespace firmsign::iam {

template <class Op>
using Call = gateway::Authorized<Op>;
// A value, or a refusal that Op's model lists.
template <class Op, class T>
using Found = std::expected<T, aws::OperationError<Op>>;

// The kind of entity that an operation's input names first.
template <class Op>
consteval Kind KindOf() {
  using Input = typename Op::Input;
  if constexpr (requires(Input input) { input.instance_profile_name; }) return Kind::kInstanceProfile;
  if constexpr (requires(Input input) { input.group_name; }) return Kind::kGroup;
  if constexpr (requires(Input input) { input.role_name; }) return Kind::kRole;
  if constexpr (requires(Input input) { input.user_name; }) return Kind::kUser;
  return Kind::kPolicy;
}

template <Kind kKind, class Input>
const auto& NameIn(const Input& input) {
  if constexpr (kKind == Kind::kInstanceProfile) {
    return input.instance_profile_name;
  } else if constexpr (kKind == Kind::kGroup) {
    return input.group_name;
  } else if constexpr (kKind == Kind::kRole) {
    return input.role_name;
  } else {
    return input.user_name;
  }
}

// "The user with name x cannot be found."
template <class Op>
std::unexpected<aws::Refusal<errors::NoSuchEntityException>> NoSuchEntity(Kind kind, std::string_view name) {
  const std::string what = kind == Kind::kInstanceProfile ? "Instance Profile" : std::string(NameOf(kind));
  return aws::Refuse<errors::NoSuchEntityException>(
      kind == Kind::kInstanceProfile ? fmt::format("{} {} cannot be found.", what, name)
                                     : fmt::format("The {} with name {} cannot be found.", what, name));
}

// For authorisation: an entity's ARN, tags and boundary; of one that is not there the ARN that it would have without a
// path.
Expected<gateway::Resolution> ResolveNamed(Service& iam, const AccountId& account, Kind kind, std::string_view name);

// For authorisation: the entity that the input names. Without a name in the input it is the caller's own user.
template <class Op>
Found<Op, gateway::Resolution> ResolveEntity(Service& iam, const gateway::CallFacts& facts,
                                             const typename Op::Input& input) {
  constexpr Kind kKind = KindOf<Op>();
  const AccountId& account = facts.account();
  if constexpr (kKind == Kind::kPolicy) {
    const auto named = ParseEntityArn(input.policy_arn, kKind);
    // What is another's, or no ARN, is asked about as it is written.
    if (!named || named->account != account) return gateway::Resolution{{.owner = account, .arn = input.policy_arn}};
    ASSIGN_OR_RETURN(gateway::Resolution resolution, ResolveNamed(iam, account, kKind, named->name));
    resolution.arn = input.policy_arn;
    return resolution;
  } else {
    const std::optional<std::string> name = NameIn<kKind>(input);
    if (!name) {
      const policy::Principal& caller = facts.caller;
      return gateway::Resolution{{.owner = account, .arn = caller.entity_arn.empty() ? caller.arn : caller.entity_arn}};
    }
    ASSIGN_OR_RETURN(gateway::Resolution resolution, ResolveNamed(iam, account, kKind, *name));
    // The boundary that it is given, instead of the one that it has.
    if constexpr (requires { input.permissions_boundary; }) {
      resolution.context.Set("iam:PermissionsBoundary", input.permissions_boundary);
    }
    return resolution;
  }
}

// For authorisation: the ARN that an entity to be made will have.
template <class Op>
Found<Op, gateway::Resolution> ResolveNew(Service&, const gateway::CallFacts& facts, const typename Op::Input& input) {
  constexpr Kind kKind = KindOf<Op>();
  const std::string path = input.path.value_or("/");
  const auto resolution = [&](Kind kind, const std::string& name) {
    return gateway::Resolution{{.owner = facts.account(), .arn = MakeArn(facts.account(), kind, path, name)}};
  };
  if constexpr (requires { input.virtual_mfa_device_name; }) {
    return resolution(Kind::kMfaDevice, input.virtual_mfa_device_name);
  } else if constexpr (kKind == Kind::kPolicy) {
    return resolution(kKind, input.policy_name);
  } else {
    return resolution(kKind, NameIn<kKind>(input));
  }
}

// Within a snapshot or transaction. NoSuchEntityException: there is none.
template <class Op>
Found<Op, Entity> Need(db::Reader& reader, const AccountId& account, Kind kind, std::string_view name) {
  ASSIGN_OR_RETURN(std::optional<Entity> found, entities::Find(reader, account, kind, name));
  if (!found) return NoSuchEntity<Op>(kind, name);
  return *std::move(found);
}

// The entity that the input names first. A name that may be absent is there.
template <class Op>
Found<Op, Entity> NeedNamed(db::Reader& reader, const Call<Op>& call) {
  constexpr Kind kKind = KindOf<Op>();
  const std::optional<std::string> name = NameIn<kKind>(call.input());
  CHECK(name.has_value());
  return Need<Op>(reader, call.facts().account(), kKind, *name);
}

// What `body` (db::Reader& -> aws::Result<Op>) answers from one snapshot.
template <class Op, class Body>
aws::Result<Op> Look(Service& iam, const Call<Op>&, Body body) {
  std::optional<aws::Result<Op>> result;
  const auto looked = iam.store.database().Read([&](db::Reader& reader) -> Expected<void> {
    result.emplace(body(reader));
    return {};
  });
  if (!looked) return std::unexpected(looked.error());
  return *std::move(result);
}

// Runs `body` (db::Transaction& -> aws::Result<Op>) alone among all changes of identities, records the call with its
// answer, and returns when the change counts everywhere. A refusal undoes what `body` did.
template <class Op, class Body>
aws::Result<Op> Change(Service& iam, const Call<Op>& call, Body body) {
  std::optional<aws::Result<Op>> result;
  const auto changed = iam.store.database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    result.reset();
    RETURN_IF_ERROR(Generation::BeginChange(transaction));
    result.emplace(body(transaction));
    if (!*result) return Fail(Code::kInvalid, "refused");
    return call.Record(transaction, **result);
  });
  if (result && !*result) return *std::move(result);
  if (!changed) return std::unexpected(changed.error());
  iam.generation.Announce();
  return *std::move(result);
}

// A page of a list that is already there: `items` keeps what follows the marker, and the answer says how it goes on.
// `key_of` (const T& -> std::string) is what the list is sorted by.
template <class Op, class T, class KeyOf>
Found<Op, void> CutPage(const typename Op::Input& input, typename Op::Output& output, std::vector<T>& items,
                        KeyOf key_of) {
  const auto page = ReadMarker(input.marker, input.max_items);
  if (!page) return aws::Refuse<errors::ValidationError>(page.error().message);
  if (!page->after.empty()) {
    std::erase_if(items, [&](const T& item) { return key_of(item) <= page->after; });
  }
  output.is_truncated = std::ssize(items) > page->count;
  if (*output.is_truncated) {
    items.resize(static_cast<std::size_t>(page->count));
    output.marker = MakeMarker(key_of(items.back()));
  }
  return {};
}

// The same for entities by name, of which at most one more than a page is read.
template <class Op>
Found<Op, std::vector<Entity>> ListPage(db::Reader& reader, const Call<Op>& call, Kind kind,
                                        typename Op::Output& output) {
  const typename Op::Input& input = call.input();
  const auto page = ReadMarker(input.marker, input.max_items);
  if (!page) return aws::Refuse<errors::ValidationError>(page.error().message);
  const std::int64_t wanted = page->count;
  ASSIGN_OR_RETURN(
      std::vector<Entity> found,
      entities::List(reader, call.facts().account(), kind,
                     {.path_prefix = input.path_prefix.value_or("/"), .after = page->after, .count = wanted + 1}));
  output.is_truncated = std::ssize(found) > wanted;
  if (*output.is_truncated) {
    found.resize(static_cast<std::size_t>(wanted));
    output.marker = MakeMarker(ToLower(found.back().name));
  }
  return found;
}

// LimitExceededException when `count` things are there already.
template <class Op>
Found<Op, void> CheckQuota(std::string_view quota, std::int64_t count, std::int64_t max) {
  if (count < max) return {};
  return aws::Refuse<errors::LimitExceededException>(fmt::format("Cannot exceed quota for {}: {}", quota, max));
}

// LimitExceededException when a document is longer than its quota, which white space does not count for.
template <class Op>
Found<Op, void> CheckSize(std::string_view quota, std::size_t characters, std::size_t max) {
  if (characters <= max) return {};
  return aws::Refuse<errors::LimitExceededException>(fmt::format("Cannot exceed quota for {}: {}", quota, max));
}

// InvalidInputException: a key twice, regardless of case. The model knows the other limits.
template <class Op>
Found<Op, policy::Tags> TagsIn(const std::optional<std::vector<Tag>>& tags) {
  policy::Tags result;
  if (!tags) return result;
  for (const Tag& tag : *tags) {
    for (const auto& [key, value] : result) {
      if (EqualsIgnoreCase(key, tag.key)) {
        return aws::Refuse<errors::InvalidInputException>(
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
      }
    }
    if (tag.key.starts_with("aws:")) {
      return aws::Refuse<errors::InvalidInputException>("Tag keys that begin with aws: are AWS's own.");
    }
    result.emplace_back(tag.key, tag.value);
  }
  return result;
}

inline Expected<void> PutTags(db::Transaction& transaction, std::string_view id, const policy::Tags& tags) {
  for (const auto& [key, value] : tags) RETURN_IF_ERROR(entities::PutTag(transaction, id, key, value));
  return {};
}

// Gives the entity that the input names another name or path. The caller needs the right to change both: what it is and
// what it becomes. EntityAlreadyExistsException: the name is another's.
template <class Op>
aws::Result<Op> Rename(db::Transaction& transaction, const Call<Op>& call, const std::optional<std::string>& name,
                       const std::optional<std::string>& path) {
  ASSIGN_OR_RETURN(Entity entity, NeedNamed(transaction, call));
  if (name) {
    ASSIGN_OR_RETURN(const auto taken, entities::Find(transaction, entity.account, entity.kind, *name));
    if (taken && taken->id != entity.id) {
      return aws::Refuse<errors::EntityAlreadyExistsException>(
          fmt::format("{} with name {} already exists.", entity.kind == Kind::kUser ? "User" : "Group", *name));
    }
    entity.name = *name;
  }
  if (path) entity.path = *path;
  RETURN_IF_ERROR(call.Require(Op::kDescriptor.iam.front().action, {.owner = entity.account, .arn = entity.arn()}));
  entity.updated_at = call.facts().now;
  RETURN_IF_ERROR(entities::Update(transaction, entity));
  return typename Op::Output{};
}

// MalformedPolicyDocumentException with the reason and the place.
template <class Op>
Found<Op, void> CheckDocument(std::string_view document, policy::DocumentKind kind) {
  auto parsed = policy::ParseDocument(document, kind);
  if (!parsed) return aws::Refuse<errors::MalformedPolicyDocumentException>(parsed.error().message);
  return {};
}

}  // namespace firmsign::iam
