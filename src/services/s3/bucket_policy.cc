// SPDX-License-Identifier: Apache-2.0
//
// The policy of a bucket: kept as it was given, if it has the right form, but with unique ids for the users and roles
// that it names.

#include <string>
#include <utility>

#include "services/s3/bucket_settings.h"
#include "services/s3/handlers.h"
#include "services/s3/policy_document.h"

namespace firmsign::s3 {

using store::Setting;

namespace {

// A policy that opens a bucket to other accounts does not hand it over to them.
template <class Op>
std::expected<void, aws::OperationError<Op>> CheckIsOwn(const Call<Op>& call) {
  if (call.facts().account() == call.template resolved<store::Bucket>().owner) return {};
  return aws::Refuse<errors::MethodNotAllowed>("The specified method is not allowed against this resource.");
}

}  // namespace

aws::Result<ops::PutBucketPolicy> PutBucketPolicy(Service& service, const Call<ops::PutBucketPolicy>& call) {
  RETURN_IF_ERROR(CheckIsOwn(call));
  const PutBucketPolicyRequest& input = call.input();
  const auto facts = JudgePolicy(input.policy, input.bucket);
  if (!facts) return aws::Refuse<errors::MalformedPolicy>(facts.error().message);
  if (facts->is_public) {
    auto found = ReadSetting(service, call, Setting::kPublicAccessBlock);
    if (!found) return std::unexpected(std::move(found).error());
    const auto block = ParseBlock(*found);
    if (block && block->block_public_policy.value_or(false)) {
      return aws::Refuse<errors::AccessDenied>(
          "Access Denied: the policy lets everybody in, which the bucket's BlockPublicPolicy forbids");
    }
  }
  const auto kept = service.principals.WithIds(input.policy);
  if (!kept && kept.error().code == Code::kInvalid) return aws::Refuse<errors::MalformedPolicy>(kept.error().message);
  if (!kept) return std::unexpected(kept.error());
  return ChangeSetting(service, call, Setting::kPolicy, *kept);
}

aws::Result<ops::GetBucketPolicy> GetBucketPolicy(Service& service, const Call<ops::GetBucketPolicy>& call) {
  RETURN_IF_ERROR(CheckIsOwn(call));
  auto found = ReadSetting(service, call, Setting::kPolicy);
  if (!found) return std::unexpected(std::move(found).error());
  if (!*found) return RefuseUnset<errors::NoSuchBucketPolicy>("The bucket policy does not exist", call);
  ASSIGN_OR_RETURN(std::string shown, service.principals.WithArns(**found));
  return GetBucketPolicyOutput{.policy = std::move(shown)};
}

aws::Result<ops::DeleteBucketPolicy> DeleteBucketPolicy(Service& service, const Call<ops::DeleteBucketPolicy>& call) {
  RETURN_IF_ERROR(CheckIsOwn(call));
  return ChangeSetting(service, call, Setting::kPolicy, std::nullopt);
}

aws::Result<ops::GetBucketPolicyStatus> GetBucketPolicyStatus(Service& service,
                                                              const Call<ops::GetBucketPolicyStatus>& call) {
  RETURN_IF_ERROR(CheckIsOwn(call));
  auto found = ReadSetting(service, call, Setting::kPolicy);
  if (!found) return std::unexpected(std::move(found).error());
  if (!*found) return RefuseUnset<errors::NoSuchBucketPolicy>("The bucket policy does not exist", call);
  const auto facts = JudgePolicy(**found, call.input().bucket);
  if (!facts) return std::unexpected(Error{.code = Code::kCorrupt, .message = facts.error().message});
  return GetBucketPolicyStatusOutput{.policy_status = PolicyStatus{.is_public = facts->is_public}};
}

}  // namespace firmsign::s3
