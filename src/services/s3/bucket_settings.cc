// SPDX-License-Identifier: Apache-2.0
//
// What can be said of a bucket besides its versioning and its policy. Tags, ownership and the block of public access
// are kept. The rest answers that nothing is configured, because nothing is: infrastructure tools ask for all of it.

#include "services/s3/bucket_settings.h"

#include <string>
#include <utility>

#include "services/s3/handlers.h"
#include "services/s3/tags.h"

namespace firmsign::s3 {
namespace {

using store::Setting;

// That a setting was removed which a new bucket has.
constexpr std::string_view kRemoved = "";

// The four members in the order of the model, 1 for true.
std::string FormatBlock(const PublicAccessBlockConfiguration& block) {
  std::string text;
  for (const auto& member :
       {block.block_public_acls, block.ignore_public_acls, block.block_public_policy, block.restrict_public_buckets}) {
    text.push_back(member.value_or(false) ? '1' : '0');
  }
  return text;
}

}  // namespace

std::optional<PublicAccessBlockConfiguration> ParseBlock(const std::optional<std::string>& document) {
  const std::string text = document.value_or("1111");
  if (text.size() != 4) return std::nullopt;
  return PublicAccessBlockConfiguration{.block_public_acls = text[0] == '1',
                                        .ignore_public_acls = text[1] == '1',
                                        .block_public_policy = text[2] == '1',
                                        .restrict_public_buckets = text[3] == '1'};
}

// ---- Tags ----

aws::Result<ops::PutBucketTagging> PutBucketTagging(Service& service, const Call<ops::PutBucketTagging>& call) {
  const std::vector<Tag>& tags = call.input().tagging.tag_set;
  if (auto refused = RefuseBadTags<ops::PutBucketTagging>(tags, kBucketTagsMax); !refused) {
    return std::unexpected(std::move(refused).error());
  }
  return ChangeSetting(service, call, Setting::kTagging, FormatTags(tags));
}

aws::Result<ops::GetBucketTagging> GetBucketTagging(Service& service, const Call<ops::GetBucketTagging>& call) {
  auto found = ReadSetting(service, call, Setting::kTagging);
  if (!found) return std::unexpected(std::move(found).error());
  if (!*found) return RefuseUnset<errors::NoSuchTagSet>("The TagSet does not exist", call);
  auto tags = ParseTags(**found);
  if (!tags) return std::unexpected(Error{.code = Code::kCorrupt, .message = "stored tags cannot be read"});
  return GetBucketTaggingOutput{.tag_set = *std::move(tags)};
}

aws::Result<ops::DeleteBucketTagging> DeleteBucketTagging(Service& service,
                                                          const Call<ops::DeleteBucketTagging>& call) {
  return ChangeSetting(service, call, Setting::kTagging, std::nullopt);
}

// ---- Public access ----

aws::Result<ops::PutPublicAccessBlock> PutPublicAccessBlock(Service& service,
                                                            const Call<ops::PutPublicAccessBlock>& call) {
  return ChangeSetting(service, call, Setting::kPublicAccessBlock,
                       FormatBlock(call.input().public_access_block_configuration));
}

aws::Result<ops::GetPublicAccessBlock> GetPublicAccessBlock(Service& service,
                                                            const Call<ops::GetPublicAccessBlock>& call) {
  auto found = ReadSetting(service, call, Setting::kPublicAccessBlock);
  if (!found) return std::unexpected(std::move(found).error());
  const auto block = ParseBlock(*found);
  if (!block) {
    return RefuseUnset<errors::NoSuchPublicAccessBlockConfiguration>(
        "The public access block configuration was not found", call);
  }
  return GetPublicAccessBlockOutput{.public_access_block_configuration = *block};
}

aws::Result<ops::DeletePublicAccessBlock> DeletePublicAccessBlock(Service& service,
                                                                  const Call<ops::DeletePublicAccessBlock>& call) {
  return ChangeSetting(service, call, Setting::kPublicAccessBlock, std::string(kRemoved));
}

// ---- Ownership ----

aws::Result<ops::PutBucketOwnershipControls> PutBucketOwnershipControls(
    Service& service, const Call<ops::PutBucketOwnershipControls>& call) {
  const auto& rules = call.input().ownership_controls.rules;
  if (rules.size() != 1) return RefuseMalformedXml();
  return ChangeSetting(service, call, Setting::kOwnershipControls, rules.front().object_ownership);
}

aws::Result<ops::GetBucketOwnershipControls> GetBucketOwnershipControls(
    Service& service, const Call<ops::GetBucketOwnershipControls>& call) {
  auto found = ReadSetting(service, call, Setting::kOwnershipControls);
  if (!found) return std::unexpected(std::move(found).error());
  const std::string ownership = found->value_or(std::string(ObjectOwnership::kBucketOwnerEnforced));
  if (ownership == kRemoved) {
    return RefuseUnset<errors::OwnershipControlsNotFoundError>("The bucket ownership controls were not found", call);
  }
  return GetBucketOwnershipControlsOutput{.ownership_controls = {{.rules = {{.object_ownership = ownership}}}}};
}

aws::Result<ops::DeleteBucketOwnershipControls> DeleteBucketOwnershipControls(
    Service& service, const Call<ops::DeleteBucketOwnershipControls>& call) {
  return ChangeSetting(service, call, Setting::kOwnershipControls, std::string(kRemoved));
}

// ---- Encryption: AES256 is what every bucket has on AWS, and the only one that there is here ----

aws::Result<ops::PutBucketEncryption> PutBucketEncryption(Service& service,
                                                          const Call<ops::PutBucketEncryption>& call) {
  const auto& rules = call.input().server_side_encryption_configuration.rules;
  if (rules.size() != 1) return RefuseMalformedXml();
  const auto& by_default = rules.front().apply_server_side_encryption_by_default;
  if (by_default && (by_default->sse_algorithm != ServerSideEncryption::kAes256 || by_default->kms_master_key_id)) {
    return RefuseNotImplemented("ApplyServerSideEncryptionByDefault");
  }
  if (rules.front().blocked_encryption_types) return RefuseNotImplemented("BlockedEncryptionTypes");
  return ChangeNothing(service, call);
}

aws::Result<ops::GetBucketEncryption> GetBucketEncryption(Service&, const Call<ops::GetBucketEncryption>&) {
  GetBucketEncryptionOutput output;
  auto& rules = output.server_side_encryption_configuration.emplace().rules;
  rules.push_back({.apply_server_side_encryption_by_default =
                       ServerSideEncryptionByDefault{.sse_algorithm = std::string(ServerSideEncryption::kAes256)}});
  return output;
}

aws::Result<ops::DeleteBucketEncryption> DeleteBucketEncryption(Service& service,
                                                                const Call<ops::DeleteBucketEncryption>& call) {
  return ChangeNothing(service, call);
}

// ---- What there is not ----

aws::Result<ops::PutBucketNotificationConfiguration> PutBucketNotificationConfiguration(
    Service& service, const Call<ops::PutBucketNotificationConfiguration>& call) {
  const NotificationConfiguration& wanted = call.input().notification_configuration;
  if (wanted.topic_configurations || wanted.queue_configurations || wanted.lambda_function_configurations ||
      wanted.event_bridge_configuration) {
    return RefuseNotImplemented("NotificationConfiguration");
  }
  return ChangeNothing(service, call);
}

aws::Result<ops::GetBucketNotificationConfiguration> GetBucketNotificationConfiguration(
    Service&, const Call<ops::GetBucketNotificationConfiguration>&) {
  return GetBucketNotificationConfigurationOutput{};
}

aws::Result<ops::GetBucketLogging> GetBucketLogging(Service&, const Call<ops::GetBucketLogging>&) {
  return GetBucketLoggingOutput{};
}

aws::Result<ops::GetBucketRequestPayment> GetBucketRequestPayment(Service&, const Call<ops::GetBucketRequestPayment>&) {
  return GetBucketRequestPaymentOutput{.payer = std::string(Payer::kBucketOwner)};
}

aws::Result<ops::GetBucketAccelerateConfiguration> GetBucketAccelerateConfiguration(
    Service&, const Call<ops::GetBucketAccelerateConfiguration>&) {
  return GetBucketAccelerateConfigurationOutput{};
}

aws::Result<ops::GetBucketCors> GetBucketCors(Service&, const Call<ops::GetBucketCors>& call) {
  return RefuseUnset<errors::NoSuchCORSConfiguration>("The CORS configuration does not exist", call);
}

aws::Result<ops::GetBucketLifecycleConfiguration> GetBucketLifecycleConfiguration(
    Service&, const Call<ops::GetBucketLifecycleConfiguration>& call) {
  return RefuseUnset<errors::NoSuchLifecycleConfiguration>("The lifecycle configuration does not exist", call);
}

aws::Result<ops::GetBucketWebsite> GetBucketWebsite(Service&, const Call<ops::GetBucketWebsite>& call) {
  return RefuseUnset<errors::NoSuchWebsiteConfiguration>("The specified bucket does not have a website configuration",
                                                         call);
}

aws::Result<ops::GetBucketReplication> GetBucketReplication(Service&, const Call<ops::GetBucketReplication>& call) {
  return RefuseUnset<errors::ReplicationConfigurationNotFoundError>("The replication configuration was not found",
                                                                    call);
}

aws::Result<ops::GetObjectLockConfiguration> GetObjectLockConfiguration(
    Service&, const Call<ops::GetObjectLockConfiguration>& call) {
  return RefuseUnset<errors::ObjectLockConfigurationNotFoundError>(
      "Object Lock configuration does not exist for this bucket", call);
}

}  // namespace firmsign::s3
