// SPDX-License-Identifier: Apache-2.0
//
// Access control lists: there is one, by which the owner of the bucket may do everything. While ownership is enforced,
// as in every new bucket, nothing can be put, as on AWS; afterwards, only that one.

#include <string>
#include <utility>

#include "services/s3/bucket_settings.h"
#include "services/s3/handlers.h"
#include "services/s3/names.h"
#include "services/s3/read_object.h"

namespace firmsign::s3 {
namespace {

template <class Output>
Output OwnersAlone(const AccountId& owner) {
  const std::string id = CanonicalId(owner);
  Output output;
  output.owner = Owner{.id = id};
  output.grants.emplace().push_back({.grantee = Grantee{.id = id, .type = std::string(Type::kCanonicalUser)},
                                     .permission = std::string(Permission::kFullControl)});
  return output;
}

bool IsOwnersAlone(const AccessControlPolicy& policy, const AccountId& owner) {
  if (!policy.grants || policy.grants->size() != 1) return false;
  const Grant& grant = policy.grants->front();
  return grant.permission == Permission::kFullControl && grant.grantee && grant.grantee->type == Type::kCanonicalUser &&
         grant.grantee->id == CanonicalId(owner);
}

template <class Op>
std::expected<void, aws::OperationError<Op>> RefuseOtherLists(Service& service, const Call<Op>& call) {
  const auto& input = call.input();
  auto ownership = ReadSetting(service, call, store::Setting::kOwnershipControls);
  if (!ownership) return std::unexpected(std::move(ownership).error());
  if (ownership->value_or(std::string(ObjectOwnership::kBucketOwnerEnforced)) ==
      ObjectOwnership::kBucketOwnerEnforced) {
    return aws::Refuse<errors::AccessControlListNotSupported>("The bucket does not allow ACLs");
  }
  bool grants = input.grant_full_control || input.grant_read || input.grant_read_acp || input.grant_write_acp ||
                input.grant_write ||
                (input.acl && *input.acl != "private" && *input.acl != "bucket-owner-full-control");
  if (!grants && input.access_control_policy) {
    grants = !IsOwnersAlone(*input.access_control_policy, call.template resolved<store::Bucket>().owner);
  } else if (!grants && !input.acl) {
    return aws::Refuse<errors::MalformedACLError>(
        "The ACL that you provided was not well formed or did not validate against our published schema");
  }
  if (grants) {
    return aws::Refuse<errors::AccessControlListNotSupported>(
        "Only the owner of the bucket has rights by an access control list here. Give others theirs by a policy.");
  }
  return {};
}

}  // namespace

aws::Result<ops::PutBucketAcl> PutBucketAcl(Service& service, const Call<ops::PutBucketAcl>& call) {
  if (auto refused = RefuseOtherLists(service, call); !refused) return std::unexpected(std::move(refused).error());
  return ChangeNothing(service, call);
}

aws::Result<ops::GetBucketAcl> GetBucketAcl(Service&, const Call<ops::GetBucketAcl>& call) {
  return OwnersAlone<GetBucketAclOutput>(call.resolved<store::Bucket>().owner);
}

aws::Result<ops::PutObjectAcl> PutObjectAcl(Service& service, const Call<ops::PutObjectAcl>& call) {
  const PutObjectAclRequest& input = call.input();
  const auto& bucket = call.resolved<store::Bucket>();
  auto found = FindReadable<ops::PutObjectAcl>(service, call, bucket, input.key, input.version_id, store::Load::kSizes);
  if (!found) return std::unexpected(std::move(found).error());
  if (auto refused = RefuseOtherLists(service, call); !refused) return std::unexpected(std::move(refused).error());
  return PutObjectAclOutput{};
}

aws::Result<ops::GetObjectAcl> GetObjectAcl(Service& service, const Call<ops::GetObjectAcl>& call) {
  const GetObjectAclRequest& input = call.input();
  const auto& bucket = call.resolved<store::Bucket>();
  auto found = FindReadable<ops::GetObjectAcl>(service, call, bucket, input.key, input.version_id, store::Load::kSizes);
  if (!found) return std::unexpected(std::move(found).error());
  return OwnersAlone<GetObjectAclOutput>(bucket.owner);
}

}  // namespace firmsign::s3
