// SPDX-License-Identifier: Apache-2.0

#include "services/s3/policy_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "services/s3/names.h"
#include "services/s3/tags.h"
#include "services/s3/transact.h"

namespace firmsign::s3 {
namespace {

std::unexpected<Error> Malformed(std::string message) { return Fail(Code::kInvalid, std::move(message)); }

Expected<void> CheckStatement(const policy::Statement& statement, std::string_view own) {
  for (const std::string& action : statement.actions()) {
    if (action != "*" && !EqualsIgnoreCase(action.substr(0, 3), "s3:")) {
      return Malformed("Policy has invalid action: " + action.substr(0, 128));
    }
  }
  for (const std::string& resource : statement.resources()) {
    if (resource != own && !resource.starts_with(std::string(own) + "/")) {
      return Malformed(fmt::format("Policy has invalid resource: each is {} or begins with {}/", own, own));
    }
  }
  return {};
}

}  // namespace

Expected<PolicyFacts> JudgePolicy(std::string_view document, std::string_view bucket) {
  if (document.size() > kPolicyBytesMax) {
    return Malformed(fmt::format("Policies must be smaller than {} bytes", kPolicyBytesMax));
  }
  ASSIGN_OR_RETURN(const policy::Document parsed, policy::ParseDocument(document, policy::DocumentKind::kResource));
  PolicyFacts facts;
  for (const policy::Statement& statement : parsed.statements) {
    RETURN_IF_ERROR(CheckStatement(statement, BucketArn(bucket)));
    facts.is_public = facts.is_public || statement.IsPublic();
  }
  return facts;
}

Expected<std::shared_ptr<const policy::Policy>> PolicyOf(Service& service, const store::Bucket& bucket) {
  if (bucket.policy.empty()) return nullptr;
  auto parsed =
      service.policies.Get("the policy of bucket " + bucket.name, bucket.policy, policy::DocumentKind::kResource);
  if (!parsed) return Fail(Code::kCorrupt, parsed.error().message);
  const bool is_public = std::ranges::any_of((*parsed)->statements(), &policy::Statement::IsPublic);
  if (!is_public || !bucket.restricts_public_policy) return parsed;
  ASSIGN_OR_RETURN(policy::Document document, policy::ParseDocument(bucket.policy, policy::DocumentKind::kResource));
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html: not even the other
  // accounts that it names.
  return std::make_shared<const policy::Policy>((*parsed)->source(), std::move(document), bucket.owner);
}

Expected<gateway::Resource> ResourceOf(Service& service, const store::Bucket& bucket) {
  gateway::Resource resource{.owner = bucket.owner, .arn = BucketArn(bucket.name)};
  ASSIGN_OR_RETURN(resource.policy, PolicyOf(service, bucket));
  return resource;
}

Expected<gateway::Resource> ResourceOf(Service& service, const store::Bucket& bucket, std::string_view key) {
  ASSIGN_OR_RETURN(gateway::Resource resource, ResourceOf(service, bucket));
  resource.arn = ObjectArn(bucket.name, key);
  return resource;
}

gateway::ContextOnDemand TagsOnDemand(Service& service, std::string bucket, std::string key,
                                      std::optional<std::string> version_id) {
  const auto read = [&service, bucket = std::move(bucket), key = std::move(key),
                     version_id = std::move(version_id)]() -> Expected<policy::Context> {
    policy::Context context;
    // Of what is not there the handler tells.
    if (version_id && !IsVersionId(*version_id)) return context;
    const auto found = Read(service.database, [&](db::Reader& reader) {
      return version_id ? store::FindVersion(reader, bucket, key, *version_id)
                        : store::FindCurrent(reader, bucket, key);
    });
    if (!found && found.error().code == Code::kNotFound) return context;
    if (!found) return std::unexpected(found.error());
    for (const auto& [name, value] : TagsIn(*found)) context.Set("s3:ExistingObjectTag/" + name, value);
    return context;
  };
  return {.prefix = "s3:existingobjecttag/", .read = read};
}

}  // namespace firmsign::s3
