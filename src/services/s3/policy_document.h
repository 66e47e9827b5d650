// SPDX-License-Identifier: Apache-2.0
//
// The policy of a bucket: IAM's language (engine/policy), statements with a principal, actions of S3, and resources of
// this bucket alone.
//
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-policy-language-overview.html

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "engine/policy/document.h"
#include "engine/policy/parsed.h"
#include "gateway/call.h"
#include "services/s3/service.h"
#include "services/s3/store.h"

namespace firmsign::s3 {

inline constexpr std::size_t kPolicyBytesMax = 20 * 1024;

struct PolicyFacts {
  bool is_public = false;  // a statement allows something to everybody
};
// kInvalid: the document cannot be kept; the message is for the client.
Expected<PolicyFacts> JudgePolicy(std::string_view document, std::string_view bucket);

// What a bucket's policy says, without what it allows to everybody where that does not count. nullptr: it has none.
// kCorrupt: what was kept cannot be read.
Expected<std::shared_ptr<const policy::Policy>> PolicyOf(Service& service, const store::Bucket& bucket);

// The bucket, or an object in it, for the gateway. Also the code of PolicyOf.
Expected<gateway::Resource> ResourceOf(Service& service, const store::Bucket& bucket);
Expected<gateway::Resource> ResourceOf(Service& service, const store::Bucket& bucket, std::string_view key);

// s3:ExistingObjectTag/...: the tags of the current version, or of the one of `version_id`.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/tagging-and-policies.html
gateway::ContextOnDemand TagsOnDemand(Service& service, std::string bucket, std::string key,
                                      std::optional<std::string> version_id);

}  // namespace firmsign::s3
