// SPDX-License-Identifier: Apache-2.0
//
// Managed policies and their versions:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html

#include "services/iam/handlers.h"
#include "services/iam/managed.h"
#include "services/iam/operations.h"

namespace firmsign::iam {
namespace {

constexpr std::int64_t kPoliciesMax = 1500;
constexpr std::int64_t kVersionsMax = 5;
constexpr std::size_t kPolicyCharactersMax = 6144;

template <class Op>
Found<Op, void> CheckManagedDocument(std::string_view document) {
  RETURN_IF_ERROR(CheckDocument<Op>(document, policy::DocumentKind::kIdentity));
  return CheckSize<Op>("PolicySize", policy::CountedCharacters(document), kPolicyCharactersMax);
}

template <class Op>
Found<Op, entities::PolicyVersion> NeedVersion(db::Reader& reader, const FoundPolicy& policy,
                                               std::string_view version_id) {
  const std::int64_t number = ParseVersionName(version_id);
  if (policy.aws != nullptr && number == 1) {
    return entities::PolicyVersion{
        .number = 1, .document = std::string(policy.aws->document), .created_at = ManagedPoliciesMadeAt()};
  }
  if (policy.own) {
    ASSIGN_OR_RETURN(auto versions, entities::VersionsOf(reader, policy.own->id));
    const auto found = std::ranges::find(versions, number, &entities::PolicyVersion::number);
    if (found != versions.end()) return std::move(*found);
  }
  return aws::Refuse<errors::NoSuchEntityException>(
      fmt::format("Policy {} version {} does not exist or is not attachable.", policy.arn(), version_id));
}

PolicyVersion VersionAnswer(const entities::PolicyVersion& version, std::int64_t default_number) {
  return {.version_id = VersionName(version.number),
          .is_default_version = version.number == default_number,
          .create_date = version.created_at};
}

std::int64_t DefaultOf(const FoundPolicy& policy) { return policy.own ? policy.own->number : 1; }

bool IsUnder(std::string_view path, const std::optional<std::string>& prefix) {
  return !prefix || path.starts_with(*prefix);
}

}  // namespace

aws::Result<ops::CreatePolicy> CreatePolicy(Service& iam, const Call<ops::CreatePolicy>& call) {
  const CreatePolicyRequest& input = call.input();
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<ops::CreatePolicy> {
    const AccountId& account = call.facts().account();
    RETURN_IF_ERROR(CheckManagedDocument<ops::CreatePolicy>(input.policy_document));
    ASSIGN_OR_RETURN(const policy::Tags tags, TagsIn<ops::CreatePolicy>(input.tags));
    ASSIGN_OR_RETURN(const auto taken, entities::Find(transaction, account, Kind::kPolicy, input.policy_name));
    if (taken) {
      return aws::Refuse<errors::EntityAlreadyExistsException>(
          fmt::format("A policy called {} already exists. Duplicate names are not allowed.", input.policy_name));
    }
    ASSIGN_OR_RETURN(const std::int64_t count, entities::Count(transaction, account, Kind::kPolicy));
    RETURN_IF_ERROR(CheckQuota<ops::CreatePolicy>("PoliciesPerAccount", count, kPoliciesMax));
    Entity policy{.kind = Kind::kPolicy,
                  .id = MakeEntityId(Kind::kPolicy, iam.random),
                  .account = account,
                  .name = input.policy_name,
                  .path = input.path.value_or("/"),
                  .created_at = call.facts().now,
                  .updated_at = call.facts().now,
                  .description = input.description.value_or(""),
                  .number = 1,
                  .last_number = 1};
    RETURN_IF_ERROR(entities::Insert(transaction, policy));
    RETURN_IF_ERROR(entities::InsertVersion(
        transaction, policy.id, {.number = 1, .document = input.policy_document, .created_at = policy.created_at}));
    RETURN_IF_ERROR(PutTags(transaction, policy.id, tags));
    ASSIGN_OR_RETURN(Policy answer, PolicyAnswer(transaction, account, {.own = std::move(policy)}));
    answer.description.reset();  // GetPolicy alone shows it
    answer.tags = TagsAnswer(tags);
    return CreatePolicyResponse{.policy = std::move(answer)};
  });
}

aws::Result<ops::GetPolicy> GetPolicy(Service& iam, const Call<ops::GetPolicy>& call) {
  return Look(iam, call, [&](db::Reader& reader) -> aws::Result<ops::GetPolicy> {
    const AccountId& account = call.facts().account();
    ASSIGN_OR_RETURN(const FoundPolicy policy, NeedPolicy<ops::GetPolicy>(reader, account, call.input().policy_arn));
    ASSIGN_OR_RETURN(Policy answer, PolicyAnswer(reader, account, policy));
    if (policy.own) {
      ASSIGN_OR_RETURN(const policy::Tags tags, entities::TagsOf(reader, policy.own->id));
      answer.tags = TagsAnswer(tags);
    }
    return GetPolicyResponse{.policy = std::move(answer)};
  });
}

aws::Result<ops::DeletePolicy> DeletePolicy(Service& iam, const Call<ops::DeletePolicy>& call) {
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<ops::DeletePolicy> {
    ASSIGN_OR_RETURN(const Entity policy, NeedOwnPolicy(transaction, call));
    ASSIGN_OR_RETURN(const auto holders, entities::HoldersOf(transaction, policy.account, policy.arn()));
    ASSIGN_OR_RETURN(const auto bounded, entities::BoundedBy(transaction, policy.account, policy.arn()));
    if (!holders.empty() || !bounded.empty()) {
      return aws::Refuse<errors::DeleteConflictException>("Cannot delete a policy attached to entities.");
    }
    ASSIGN_OR_RETURN(const auto versions, entities::VersionsOf(transaction, policy.id));
    if (versions.size() > 1) {
      return aws::Refuse<errors::DeleteConflictException>(
          "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. "
          "The default version is deleted with the policy.");
    }
    RETURN_IF_ERROR(entities::Remove(transaction, policy));
    return ops::DeletePolicy::Output{};
  });
}

aws::Result<ops::ListPolicies> ListPolicies(Service& iam, const Call<ops::ListPolicies>& call) {
  const ListPoliciesRequest& input = call.input();
  return Look(iam, call, [&](db::Reader& reader) -> aws::Result<ops::ListPolicies> {
    const AccountId& account = call.facts().account();
    std::vector<FoundPolicy> found;
    if (input.scope != PolicyScopeType::kLocal) {
      for (const ManagedPolicy& policy : ManagedPolicies()) {
        if (IsUnder(policy.path, input.path_prefix)) found.push_back({.own = std::nullopt, .aws = &policy});
      }
    }
    if (input.scope != PolicyScopeType::kAws) {
      ASSIGN_OR_RETURN(auto own, entities::All(reader, account, Kind::kPolicy));
      for (Entity& policy : own) {
        if (IsUnder(policy.path, input.path_prefix)) found.push_back({.own = std::move(policy)});
      }
    }
    std::ranges::sort(found, {}, &FoundPolicy::arn);
    ListPoliciesResponse output;
    std::vector<Policy> answers;
    for (const FoundPolicy& policy : found) {
      ASSIGN_OR_RETURN(Policy answer, PolicyAnswer(reader, account, policy));
      const std::int64_t uses = input.policy_usage_filter == PolicyUsageType::kPermissionsBoundary
                                    ? *answer.permissions_boundary_usage_count
                                    : *answer.attachment_count;
      if ((input.only_attached.value_or(false) || input.policy_usage_filter) && uses == 0) continue;
      answer.description.reset();
      answers.push_back(std::move(answer));
    }
    RETURN_IF_ERROR(
        CutPage<ops::ListPolicies>(input, output, answers, [](const Policy& policy) { return *policy.arn; }));
    output.policies = std::move(answers);
    return output;
  });
}

aws::Result<ops::CreatePolicyVersion> CreatePolicyVersion(Service& iam, const Call<ops::CreatePolicyVersion>& call) {
  const CreatePolicyVersionRequest& input = call.input();
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<ops::CreatePolicyVersion> {
    ASSIGN_OR_RETURN(Entity policy, NeedOwnPolicy(transaction, call));
    RETURN_IF_ERROR(CheckManagedDocument<ops::CreatePolicyVersion>(input.policy_document));
    ASSIGN_OR_RETURN(const auto versions, entities::VersionsOf(transaction, policy.id));
    if (std::ssize(versions) >= kVersionsMax) {
      return aws::Refuse<errors::LimitExceededException>(
          "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing "
          "version.");
    }
    const entities::PolicyVersion version{
        .number = ++policy.last_number, .document = input.policy_document, .created_at = call.facts().now};
    if (input.set_as_default.value_or(false)) policy.number = version.number;
    policy.updated_at = call.facts().now;
    RETURN_IF_ERROR(entities::InsertVersion(transaction, policy.id, version));
    RETURN_IF_ERROR(entities::Update(transaction, policy));
    return CreatePolicyVersionResponse{.policy_version = VersionAnswer(version, policy.number)};
  });
}

aws::Result<ops::GetPolicyVersion> GetPolicyVersion(Service& iam, const Call<ops::GetPolicyVersion>& call) {
  using Op = ops::GetPolicyVersion;
  return Look(iam, call, [&](db::Reader& reader) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(const FoundPolicy policy, NeedPolicy<Op>(reader, call.facts().account(), call.input().policy_arn));
    ASSIGN_OR_RETURN(const auto version, NeedVersion<Op>(reader, policy, call.input().version_id));
    PolicyVersion answer = VersionAnswer(version, DefaultOf(policy));
    answer.document = EncodePercent(version.document);
    return GetPolicyVersionResponse{.policy_version = std::move(answer)};
  });
}

aws::Result<ops::DeletePolicyVersion> DeletePolicyVersion(Service& iam, const Call<ops::DeletePolicyVersion>& call) {
  using Op = ops::DeletePolicyVersion;
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(const Entity policy, NeedOwnPolicy(transaction, call));
    ASSIGN_OR_RETURN(const auto version, NeedVersion<Op>(transaction, {.own = policy}, call.input().version_id));
    if (version.number == policy.number) {
      return aws::Refuse<errors::DeleteConflictException>("Cannot delete the default version of a policy.");
    }
    RETURN_IF_ERROR(entities::RemoveVersion(transaction, policy.id, version.number));
    return Op::Output{};
  });
}

aws::Result<ops::ListPolicyVersions> ListPolicyVersions(Service& iam, const Call<ops::ListPolicyVersions>& call) {
  using Op = ops::ListPolicyVersions;
  return Look(iam, call, [&](db::Reader& reader) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(const FoundPolicy policy, NeedPolicy<Op>(reader, call.facts().account(), call.input().policy_arn));
    std::vector<entities::PolicyVersion> versions{{.number = 1, .document = {}, .created_at = ManagedPoliciesMadeAt()}};
    if (policy.own) {
      ASSIGN_OR_RETURN(versions, entities::VersionsOf(reader, policy.own->id));
    }
    ListPolicyVersionsResponse output;
    // The newest first, so the key falls while the list goes on. There are never two pages of a default size.
    RETURN_IF_ERROR(CutPage<Op>(call.input(), output, versions, [](const entities::PolicyVersion& version) {
      return fmt::format("{:020}", std::numeric_limits<std::int64_t>::max() - version.number);
    }));
    output.versions.emplace();
    for (const auto& version : versions) output.versions->push_back(VersionAnswer(version, DefaultOf(policy)));
    return output;
  });
}

aws::Result<ops::SetDefaultPolicyVersion> SetDefaultPolicyVersion(Service& iam,
                                                                  const Call<ops::SetDefaultPolicyVersion>& call) {
  using Op = ops::SetDefaultPolicyVersion;
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(Entity policy, NeedOwnPolicy(transaction, call));
    ASSIGN_OR_RETURN(const auto version, NeedVersion<Op>(transaction, {.own = policy}, call.input().version_id));
    policy.number = version.number;
    policy.updated_at = call.facts().now;
    RETURN_IF_ERROR(entities::Update(transaction, policy));
    return Op::Output{};
  });
}

aws::Result<ops::ListEntitiesForPolicy> ListEntitiesForPolicy(Service& iam,
                                                              const Call<ops::ListEntitiesForPolicy>& call) {
  using Op = ops::ListEntitiesForPolicy;
  const ListEntitiesForPolicyRequest& input = call.input();
  return Look(iam, call, [&](db::Reader& reader) -> aws::Result<Op> {
    const AccountId& account = call.facts().account();
    ASSIGN_OR_RETURN(const FoundPolicy policy, NeedPolicy<Op>(reader, account, input.policy_arn));
    std::vector<Entity> found;
    if (input.policy_usage_filter != PolicyUsageType::kPermissionsBoundary) {
      ASSIGN_OR_RETURN(found, entities::HoldersOf(reader, account, policy.arn()));
    }
    if (input.policy_usage_filter != PolicyUsageType::kPermissionsPolicy) {
      ASSIGN_OR_RETURN(const auto bounded, entities::BoundedBy(reader, account, policy.arn()));
      for (const Entity& one : bounded) {
        if (std::ranges::find(found, one.id, &Entity::id) == found.end()) found.push_back(one);
      }
    }
    std::erase_if(found, [&](const Entity& one) {
      return !IsUnder(one.path, input.path_prefix) ||
             (input.entity_filter && !EqualsIgnoreCase(*input.entity_filter, NameOf(one.kind)));
    });
    std::ranges::sort(found, {}, &Entity::arn);
    ListEntitiesForPolicyResponse output;
    RETURN_IF_ERROR(CutPage<Op>(input, output, found, [](const Entity& one) { return one.arn(); }));
    output.policy_groups.emplace();
    output.policy_users.emplace();
    output.policy_roles.emplace();
    for (const Entity& one : found) {
      if (one.kind == Kind::kGroup) output.policy_groups->push_back({.group_name = one.name, .group_id = one.id});
      if (one.kind == Kind::kUser) output.policy_users->push_back({.user_name = one.name, .user_id = one.id});
      if (one.kind == Kind::kRole) output.policy_roles->push_back({.role_name = one.name, .role_id = one.id});
    }
    return output;
  });
}

}  // namespace firmsign::iam
