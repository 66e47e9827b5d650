// SPDX-License-Identifier: Apache-2.0

#include "services/iam/policy_book.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "services/iam/managed_policies.h"

namespace firmsign::iam {
namespace {

// Documents were checked when they were stored.
Expected<std::shared_ptr<const policy::Policy>> Parse(std::string source, std::string_view document) {
  auto parsed = policy::ParseDocument(document, policy::DocumentKind::kIdentity);
  if (!parsed) return Fail(Code::kCorrupt, fmt::format("{} cannot be read: {}", source, parsed.error().message));
  return std::make_shared<policy::Policy>(std::move(source), *std::move(parsed));
}

Expected<std::shared_ptr<const policy::Policy>> ParseManaged(db::Reader& reader, const std::string& arn) {
  ASSIGN_OR_RETURN(const std::string document, DocumentOf(reader, arn));
  return Parse(arn, document);
}

// The entity's own, without those of its groups.
Expected<void> AddPoliciesOf(db::Reader& reader, const Entity& entity, policy::PolicyList& policies) {
  ASSIGN_OR_RETURN(const auto inlines, entities::InlinePoliciesOf(reader, entity.id));
  for (const entities::InlinePolicy& one : inlines) {
    ASSIGN_OR_RETURN(auto parsed, Parse(fmt::format("inline policy {} of {}", one.name, entity.arn()), one.document));
    policies.push_back(std::move(parsed));
  }
  ASSIGN_OR_RETURN(const auto attached, entities::AttachedTo(reader, entity.id));
  for (const std::string& arn : attached) {
    ASSIGN_OR_RETURN(auto parsed, ParseManaged(reader, arn));
    policies.push_back(std::move(parsed));
  }
  return {};
}

}  // namespace

Expected<std::string> DocumentOf(db::Reader& reader, std::string_view policy_arn) {
  if (const ManagedPolicy* managed = FindManagedPolicy(policy_arn)) return std::string(managed->document);
  ASSIGN_OR_RETURN(const auto found, entities::FindByArn(reader, Kind::kPolicy, policy_arn));
  if (!found) return Fail(Code::kNotFound, fmt::format("there is no policy {}", policy_arn));
  ASSIGN_OR_RETURN(const auto versions, entities::VersionsOf(reader, found->id));
  for (const entities::PolicyVersion& version : versions) {
    if (version.number == found->number) return version.document;
  }
  return Fail(Code::kCorrupt, fmt::format("{} has no default version", policy_arn));
}

Expected<policy::Entitlements> EntitlementsOf(db::Reader& reader, const Entity& entity) {
  policy::Entitlements entitlements;
  RETURN_IF_ERROR(AddPoliciesOf(reader, entity, entitlements.policies));
  if (entity.kind == Kind::kUser) {
    ASSIGN_OR_RETURN(const auto groups, entities::HoldersOfMember(reader, entity.id));
    for (const Entity& group : groups) RETURN_IF_ERROR(AddPoliciesOf(reader, group, entitlements.policies));
  }
  if (!entity.boundary.empty()) {
    auto boundary = ParseManaged(reader, entity.boundary);
    // A limit that is gone lets nothing through.
    if (!boundary && boundary.error().code == Code::kNotFound) {
      boundary = std::make_shared<const policy::Policy>(entity.boundary, policy::Document());
    }
    ASSIGN_OR_RETURN(entitlements.boundary, std::move(boundary));
  }
  ASSIGN_OR_RETURN(entitlements.tags, entities::TagsOf(reader, entity.id));
  return entitlements;
}

Expected<std::shared_ptr<const policy::Entitlements>> PolicyBook::Of(const policy::Principal& principal) const {
  if (principal.entity_id.empty() || principal.type == policy::PrincipalType::kWebIdentity ||
      principal.type == policy::PrincipalType::kSaml) {
    return nullptr;
  }
  ASSIGN_OR_RETURN(const std::uint64_t generation, generation_.Current());
  if (auto kept = entitlements_.Find(principal.entity_id, generation)) return *std::move(kept);
  std::optional<policy::Entitlements> read;
  RETURN_IF_ERROR(database_.Read([&](db::Reader& reader) -> Expected<void> {
    read.reset();
    ASSIGN_OR_RETURN(const auto entity, entities::FindById(reader, principal.entity_id));
    if (!entity) return {};
    ASSIGN_OR_RETURN(read, EntitlementsOf(reader, *entity));
    return {};
  }));
  if (!read) {
    return Fail(Code::kDenied, fmt::format("The user or role behind {} does not exist any more.", principal.arn));
  }
  auto entitlements = std::make_shared<const policy::Entitlements>(*std::move(read));
  entitlements_.Keep(principal.entity_id, generation, entitlements);
  return entitlements;
}

Expected<std::shared_ptr<const policy::Policy>> PolicyBook::Managed(const std::string& arn) const {
  ASSIGN_OR_RETURN(const std::uint64_t generation, generation_.Current());
  if (auto kept = managed_.Find(arn, generation)) return *std::move(kept);
  std::shared_ptr<const policy::Policy> policy;
  RETURN_IF_ERROR(database_.Read([&](db::Reader& reader) -> Expected<void> {
    ASSIGN_OR_RETURN(policy, ParseManaged(reader, arn));
    return {};
  }));
  managed_.Keep(arn, generation, policy);
  return policy;
}

}  // namespace firmsign::iam
