// SPDX-License-Identifier: Apache-2.0

#include "services/iam/managed_policies.h"

#include <algorithm>

namespace firmsign::iam {
namespace {

constexpr ManagedPolicy kPolicies[] = {
    {"ANPAFIRMSIGNAWSADMINA", "/", "AdministratorAccess", "Everything, in every service.",
     R"({
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
})"},
    {"ANPAFIRMSIGNAWSRTOTAA", "/service-role/", "AmazonFreeRTOSOTAUpdate",
     "Lets the over-the-air update service sign firmware and send it to devices.",
     R"({
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["s3:GetObjectVersion", "s3:GetObject", "s3:PutObject"],
      "Resource": "arn:aws:s3:::afr-ota*"
    },
    {
      "Effect": "Allow",
      "Action": ["s3:ListBucketVersions", "s3:ListBucket", "s3:ListAllMyBuckets", "s3:GetBucketLocation"],
      "Resource": "*"
    },
    {
      "Effect": "Allow",
      "Action": ["signer:StartSigningJob", "signer:DescribeSigningJob", "signer:GetSigningProfile",
                 "signer:PutSigningProfile"],
      "Resource": "*"
    },
    {
      "Effect": "Allow",
      "Action": ["iot:DeleteJob", "iot:DescribeJob", "iot:CreateJob"],
      "Resource": "arn:aws:iot:*:*:job/AFR_OTA*"
    },
    {
      "Effect": "Allow",
      "Action": ["iot:DeleteStream", "iot:CreateStream"],
      "Resource": "arn:aws:iot:*:*:stream/AFR_OTA*"
    }
  ]
})"},
    {"ANPAFIRMSIGNAWSIOTOTA", "/service-role/", "AWSIoTOTAUpdate",
     "Lets the job service see whether firmware is signed.",
     R"({
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Action": ["iot:CreateJob", "signer:DescribeSigningJob"], "Resource": "*"}]
})"},
};

}  // namespace

std::string ManagedPolicy::arn() const { return "arn:aws:iam::aws:policy" + std::string(path) + std::string(name); }

std::span<const ManagedPolicy> ManagedPolicies() { return kPolicies; }

const ManagedPolicy* FindManagedPolicy(std::string_view arn) {
  const auto found = std::ranges::find_if(kPolicies, [&](const ManagedPolicy& policy) { return policy.arn() == arn; });
  return found != std::end(kPolicies) ? &*found : nullptr;
}

Instant ManagedPoliciesMadeAt() { return InstantFromSeconds(1'513'728'000); }

}  // namespace firmsign::iam
