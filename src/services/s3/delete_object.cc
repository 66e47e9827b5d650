// SPDX-License-Identifier: Apache-2.0
//
// DeleteObject and DeleteObjects. Deleting what is not there succeeds.

#include <algorithm>
#include <numeric>
#include <utility>

#include "services/s3/handlers.h"
#include "services/s3/names.h"
#include "services/s3/publish.h"
#include "services/s3/refuse.h"
#include "services/s3/store.h"
#include "services/s3/transact.h"

namespace firmsign::s3 {
namespace {

struct Target {
  std::string_view key;
  const std::optional<std::string>& version_id;
  std::string marker_id;
};

Expected<store::Deleted> DeleteOne(db::Transaction& transaction, const store::Bucket& bucket, const Target& target,
                                   Instant now, std::optional<std::int64_t> after_sequence, store::Garbage& garbage) {
  if (target.version_id) {
    return store::DeleteVersion(transaction, bucket.name, target.key, *target.version_id, garbage);
  }
  return store::DeleteCurrent(transaction,
                              {.bucket = bucket.name,
                               .key = target.key,
                               .marker_id = target.marker_id,
                               .now = now,
                               .after_sequence = after_sequence},
                              garbage);
}

}  // namespace

aws::Result<ops::DeleteObject> DeleteObject(Service& service, const Call<ops::DeleteObject>& call) {
  const DeleteObjectRequest& input = call.input();
  if (input.version_id && !IsVersionId(*input.version_id)) {
    return RefuseArgument("Invalid version id specified", "versionId", *input.version_id);
  }
  if (input.if_match_last_modified_time) return RefuseNotImplemented("x-amz-if-match-last-modified-time");
  if (input.if_match_size) return RefuseNotImplemented("x-amz-if-match-size");
  if (input.if_match && input.version_id) return RefuseNotImplemented("If-Match");
  if (input.key.size() > kKeyBytesMax) return RefuseKeyTooLong(input.key, kKeyBytesMax);

  const Target target{.key = input.key, .version_id = input.version_id, .marker_id = MakeVersionId(service.random)};
  WriteVerdict verdict = WriteVerdict::kHolds;
  const auto& bucket = call.resolved<store::Bucket>();
  const auto work = [&](db::Transaction& transaction, store::Garbage& garbage) -> Expected<store::Deleted> {
    RETURN_IF_ERROR(store::FindSame(transaction, bucket));
    ASSIGN_OR_RETURN(const Judgement judgement,
                     Judge(transaction, input.bucket, input.key, {.if_match = input.if_match}));
    verdict = judgement.verdict;
    if (verdict != WriteVerdict::kHolds) return Fail(Code::kInvalid, "a precondition does not hold");
    return DeleteOne(transaction, bucket, target, call.facts().now, judgement.after_sequence, garbage);
  };
  auto deleted = WriteBytes(service, nullptr, work);
  if (verdict == WriteVerdict::kNothingToMatch) return RefuseNoSuchKey(input.key);
  if (verdict != WriteVerdict::kHolds) return RefusePrecondition("If-Match");
  if (!deleted && deleted.error().code == Code::kNotFound) return RefuseNoSuchBucket(input.bucket);
  if (!deleted) return std::unexpected(std::move(deleted).error());

  DeleteObjectOutput output;
  if (!deleted->version_id.empty()) output.version_id = deleted->version_id;
  if (deleted->is_delete_marker) output.delete_marker = true;
  return output;
}

aws::Result<ops::DeleteObjects> DeleteObjects(Service& service, const Call<ops::DeleteObjects>& call) {
  constexpr std::size_t kObjectsMax = 1000;
  const DeleteObjectsRequest& input = call.input();
  const auto& bucket = call.resolved<store::Bucket>();
  const auto& objects = input.delete_.objects;
  if (objects.empty() || objects.size() > kObjectsMax) {
    return aws::Refuse<errors::MalformedXML>(
        "The XML you provided was not well-formed or did not validate against our published schema");
  }
  std::vector<DeleteError> refused;
  std::vector<Target> targets;
  const auto refuse = [&](const ObjectIdentifier& object, std::string code, std::string message) {
    refused.push_back(
        {.key = object.key, .version_id = object.version_id, .code = std::move(code), .message = std::move(message)});
  };
  gateway::Resource resource = call.resource();
  for (const ObjectIdentifier& object : objects) {
    resource.arn = ObjectArn(bucket.name, object.key);
    resource.context = {};
    if (object.version_id) resource.context.Set("s3:VersionId", *object.version_id);
    const char* action = object.version_id ? "s3:DeleteObjectVersion" : "s3:DeleteObject";
    if (auto grant = call.Require(action, resource); !grant) {
      if (grant.error().code != Code::kDenied) return std::unexpected(std::move(grant).error());
      refuse(object, "AccessDenied", "Access Denied");
    } else if (object.version_id && !IsVersionId(*object.version_id)) {
      refuse(object, "NoSuchVersion", "The specified version does not exist.");
    } else if (object.key.size() > kKeyBytesMax) {
      refuse(object, "KeyTooLongError", "Your key is too long");
    } else if (object.etag || object.size || object.last_modified_time) {
      refuse(object, "NotImplemented", "Conditional deletes of several objects are not implemented.");
    } else {
      targets.push_back(
          {.key = object.key, .version_id = object.version_id, .marker_id = MakeVersionId(service.random)});
    }
  }

  // All transactions take keys in one order, so that two that name the same ones do not wait for each other.
  std::vector<std::size_t> order(targets.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return std::pair(targets[i].key, i); });
  const auto work = [&](db::Transaction& transaction, store::Garbage& garbage) -> Expected<std::vector<DeletedObject>> {
    RETURN_IF_ERROR(store::FindSame(transaction, bucket));
    std::vector<DeletedObject> done(targets.size());
    for (const std::size_t i : order) {
      const Target& target = targets[i];
      ASSIGN_OR_RETURN(const store::Deleted one,
                       DeleteOne(transaction, bucket, target, call.facts().now, std::nullopt, garbage));
      done[i] = {.key = std::string(target.key), .version_id = target.version_id};
      if (one.is_delete_marker) {
        done[i].delete_marker = true;
        done[i].delete_marker_version_id = one.version_id;
      }
    }
    return done;
  };
  auto deleted = WriteBytes(service, nullptr, work);
  if (!deleted && deleted.error().code == Code::kNotFound) return RefuseNoSuchBucket(input.bucket);
  if (!deleted) return std::unexpected(std::move(deleted).error());

  DeleteObjectsOutput output;
  if (!input.delete_.quiet.value_or(false)) output.deleted = *std::move(deleted);
  if (!refused.empty()) output.errors = std::move(refused);
  return output;
}

}  // namespace firmsign::s3
