// SPDX-License-Identifier: Apache-2.0
//
// StartSigningJob: accepts the request to sign one version of one object with a profile.
//
// What can be told at once is checked at once: profile, source and destination, with the caller's own rights. The rest
// (the key's type, the image's size) is found by the job, as AWS does it. An answered job is durable.

#include <fmt/format.h>

#include "aws/protocol/codec.h"
#include "engine/signing/platform.h"
#include "platform/crypto/digest.h"
#include "platform/telemetry/log.h"
#include "services/signer/answers.h"
#include "services/signer/find_profile.h"
#include "services/signer/material.h"
#include "services/signer/new_job.h"
#include "services/signer/operations.h"

namespace firmsign::signer {
namespace {

constexpr std::size_t kObjectKeyBytesMax = 1024;
constexpr std::size_t kClientTokenCharsMax = 1024;

using StartRefused = aws::OperationError<ops::StartSigningJob>;
using Invalid = errors::ValidationException;

// A repeated token is answered by the first job only when it asks for the same.
std::string Fingerprint(const StartSigningJobRequest& input) {
  std::string text;
  aws::WriteStructAsJson(*ops::StartSigningJob::kDescriptor.input, &input, /*redact=*/false, text);
  return crypto::DigestOf(crypto::Hash::kSha256, text);
}

StartSigningJobResponse AnswerStarted(const Job& job) { return {.job_id = job.id.str(), .job_owner = job.owner.str()}; }

aws::Result<ops::StartSigningJob> AnswerEarlier(const Job& earlier, const StartSigningJobRequest& input) {
  if (earlier.fingerprint == Fingerprint(input)) return AnswerStarted(earlier);
  return aws::Refuse<Invalid>(
      fmt::format("The clientRequestToken was used before, for job {} with other parameters. Use a new token for a new "
                  "request.",
                  earlier.id.str()));
}

// What the guide of 2018 brings instead of a profile.
const std::optional<std::string>& PlatformOf(const StartSigningJobRequest& input) {
  return input.platform ? input.platform : input.platform_id;
}

bool HasRecipe(const StartSigningJobRequest& input) {
  return input.platform || input.platform_id || input.signing_material || input.signing_parameters;
}

std::expected<void, StartRefused> CheckPlatform(std::string_view id) {
  const signing::Platform* platform = signing::FindPlatform(id);
  if (platform == nullptr) return NoSuchPlatform(std::string(id));
  if (platform->output != signing::Output::kPayloadOnly) return {};
  return aws::Refuse<Invalid>(fmt::format("Platform {} signs no objects: use SignPayload.", id), "ValidationException");
}

std::expected<void, StartRefused> CheckProfile(const std::optional<Profile>& profile,
                                               const StartSigningJobRequest& input) {
  if (HasRecipe(input)) {
    return aws::Refuse<Invalid>(
        "A signing profile says with which platform, signingMaterial and signingParameters to sign: leave these out, "
        "or "
        "leave out profileName.");
  }
  if (!profile) {
    return aws::Refuse<errors::ResourceNotFoundException>(
        fmt::format("profile with name {} does not exist", *input.profile_name), "ProfileNotFound");
  }
  if (profile->status != SigningProfileStatus::kActive) return NotActive(*profile);
  return CheckPlatform(profile->platform_id);
}

// Who signs without a profile does what a profile of its own making would do, so it needs the right to make one; and it
// needs the right to sign with each profile that has this certificate, so that what keeps it from one of them does.
std::expected<void, StartRefused> RequireCertificate(Service& signer,
                                                     const gateway::Authorized<ops::StartSigningJob>& call,
                                                     const std::string& certificate_arn) {
  const AccountId& account = call.facts().account();
  const Region& region = call.facts().region;
  if (auto grant = call.Require("signer:PutSigningProfile", call.resource()); !grant) {
    return std::unexpected(std::move(grant).error());
  }
  auto users = signer.store.ProfilesByCertificate(account, region);
  if (!users) return std::unexpected(std::move(users).error());
  for (const ProfileName& name : (*users)[certificate_arn]) {
    auto profile = signer.store.FindProfile(account, region, name);
    if (!profile) return std::unexpected(std::move(profile).error());
    if (!*profile) continue;  // gone meanwhile
    gateway::Resource resource{.owner = account, .arn = (*profile)->arn()};
    AddConditions(**profile, resource.context);
    if (auto grant = call.Require("signer:StartSigningJob", resource); !grant) {
      return std::unexpected(std::move(grant).error());
    }
  }
  return {};
}

// The recipe of a request without a profile, in the form of a profile that nobody has.
std::expected<Profile, StartRefused> CheckRecipe(Service& signer,
                                                 const gateway::Authorized<ops::StartSigningJob>& call) {
  const StartSigningJobRequest& input = call.input();
  if (!HasRecipe(input) || !signer.options.sign_without_profile) {
    return aws::Refuse<Invalid>("profileName cannot be null.");
  }
  if (input.profile_owner) return aws::Refuse<Invalid>("profileOwner is given, but profileName is not.");
  if (input.platform && input.platform_id && *input.platform != *input.platform_id) {
    return aws::Refuse<Invalid>("platform and platformId name different platforms.");
  }
  const std::optional<std::string>& id = PlatformOf(input);
  if (!id) return aws::Refuse<Invalid>("platform cannot be null when there is no profileName.");
  if (auto checked = CheckPlatform(*id); !checked) return std::unexpected(std::move(checked).error());
  const signing::Platform& platform = *signing::FindPlatform(*id);
  if (platform.service_key) {
    // Its signatures name a version of a profile.
    return aws::Refuse<Invalid>(fmt::format("Platform {} signs with a signing profile only: give profileName.", *id));
  }
  const auto recipe = signing::MakeRecipe(platform, "", "", "");
  if (!recipe) return std::unexpected(recipe.error());
  auto material = CheckMaterial(signer, call.facts(), *recipe, input.signing_material);
  if (!material) {
    if (material.error().code == Code::kInvalid) return aws::Refuse<Invalid>(material.error().message);
    return std::unexpected(std::move(material).error());
  }
  if (auto required = RequireCertificate(signer, call, material->certificate_arn); !required) {
    return std::unexpected(std::move(required).error());
  }
  auto parameters = CheckParameters(input.signing_parameters);
  if (!parameters) return aws::Refuse<Invalid>(std::move(parameters).error().message);
  return Profile{.account = call.facts().account(),
                 .region = call.facts().region,
                 .platform_id = *id,
                 .certificate_arn = std::move(material->certificate_arn),
                 .overrides = {},
                 .parameters = *std::move(parameters),
                 .tags = {},
                 .created_at = call.facts().now};
}

// What the job is signed with: the profile of the request, or what it brings itself.
std::expected<Profile, StartRefused> CheckHow(Service& signer, const gateway::Authorized<ops::StartSigningJob>& call) {
  if (!call.input().profile_name) return CheckRecipe(signer, call);
  const auto& profile = call.resolved<std::optional<Profile>>();
  if (auto checked = CheckProfile(profile, call.input()); !checked) return std::unexpected(std::move(checked).error());
  return *profile;
}

// The caller's right to read this version, and what it is.
std::expected<ports::FoundObject, StartRefused> CheckSource(Service& signer, const S3Source& source, Job& job,
                                                            const gateway::Authorized<ops::StartSigningJob>& call) {
  // AWS does not say whether the object is missing or forbidden, so that objects cannot be probed.
  const auto inaccessible = [&] {
    return aws::Refuse<errors::AccessDeniedException>(
        fmt::format("S3 object {} not accessible. Please check your permissions", source.key));
  };
  auto found = signer.objects.FindObject({source.bucket_name, source.key, source.version});
  if (!found) {
    if (found.error().code == Code::kNotFound) return inaccessible();
    return std::unexpected(std::move(found).error());
  }
  const ports::BucketFacts& bucket = found->bucket;
  gateway::Resource object{.owner = bucket.owner,
                           .arn = fmt::format("arn:aws:s3:::{}/{}", source.bucket_name, source.key),
                           .policy = bucket.policy};
  object.context.Set("s3:VersionId", source.version);
  for (const auto& [key, value] : found->tags) object.context.Set("s3:ExistingObjectTag/" + key, value);
  const auto grant = call.Require("s3:GetObjectVersion", object);
  if (!grant) return inaccessible();
  if (bucket.region != job.region) {
    return aws::Refuse<Invalid>(
        fmt::format("The source bucket {} is in {}, the job in {}. Use a bucket of the same region.",
                    source.bucket_name, bucket.region.str(), job.region.str()));
  }
  if (!found->object) return inaccessible();
  job.source_bucket = source.bucket_name;
  job.source_key = source.key;
  job.source_version = source.version;
  job.source_owner = bucket.owner;
  job.source_content = found->object->content_id;
  return *std::move(found);
}

// `source`: the bucket that job.source_bucket was found to be; the destination is often the same.
std::expected<void, StartRefused> CheckDestination(Service& signer, const S3Destination& destination,
                                                   const ports::BucketFacts& source, Job& job,
                                                   const gateway::Authorized<ops::StartSigningJob>& call) {
  if (!destination.bucket_name) return aws::Refuse<Invalid>("destination.s3.bucketName cannot be null.");
  job.destination_bucket = *destination.bucket_name;
  job.destination_key = destination.prefix.value_or("") + job.id.str();
  job.destination_key += signing::FindPlatform(job.platform_id)->key_suffix();
  if (job.destination_key.size() > kObjectKeyBytesMax) {
    return aws::Refuse<Invalid>(
        fmt::format("destination.s3.prefix is too long: the key of the signed object would have {} "
                    "bytes, at most {} are allowed.",
                    job.destination_key.size(), kObjectKeyBytesMax));
  }
  const auto inaccessible = [&] {
    return aws::Refuse<errors::AccessDeniedException>(
        fmt::format("S3 bucket {} not accessible. Please check your permissions", job.destination_bucket));
  };
  const Expected<ports::BucketFacts> bucket = job.destination_bucket == job.source_bucket
                                                  ? Expected<ports::BucketFacts>(source)
                                                  : signer.objects.FindBucket(job.destination_bucket);
  if (!bucket) {
    if (bucket.error().code == Code::kNotFound) return inaccessible();
    return std::unexpected(bucket.error());
  }
  const auto grant = call.Require(
      "s3:PutObject", {.owner = bucket->owner,
                       .arn = fmt::format("arn:aws:s3:::{}/{}", job.destination_bucket, job.destination_key),
                       .policy = bucket->policy});
  if (!grant) return inaccessible();
  if (bucket->region != job.region) {
    return aws::Refuse<Invalid>(
        fmt::format("The destination bucket {} is in {}, the job in {}. Use a bucket of the same region.",
                    job.destination_bucket, bucket->region.str(), job.region.str()));
  }
  job.destination_owner = bucket->owner;
  return {};
}

Job MakeJob(Service& signer, const Profile& profile, const gateway::Authorized<ops::StartSigningJob>& call) {
  Job job = NewJobOf(profile, call.facts(), signer.random);
  job.token = call.input().client_request_token.value_or("");
  if (job.token.empty()) job.token = job.id.str();  // clients of 2018 may leave it out: every call is a new one then
  job.fingerprint = Fingerprint(call.input());
  return job;
}

// A job that no token of an earlier one stands for.
aws::Result<ops::StartSigningJob> StartNew(Service& signer, const gateway::Authorized<ops::StartSigningJob>& call) {
  const StartSigningJobRequest& input = call.input();
  const auto how = CheckHow(signer, call);
  if (!how) return std::unexpected(how.error());
  if (input.client_request_token && input.client_request_token->size() > kClientTokenCharsMax) {
    return aws::Refuse<Invalid>(fmt::format("clientRequestToken has more than {} bytes.", kClientTokenCharsMax));
  }
  if (!input.source.s3) return aws::Refuse<Invalid>("source.s3 cannot be null.");
  if (!input.destination.s3) return aws::Refuse<Invalid>("destination.s3 cannot be null.");

  Job job = MakeJob(signer, *how, call);
  auto source = CheckSource(signer, *input.source.s3, job, call);
  if (!source) return std::unexpected(std::move(source).error());
  if (auto checked = CheckDestination(signer, *input.destination.s3, source->bucket, job, call); !checked) {
    return std::unexpected(std::move(checked).error());
  }

  signer.runner.LeaseNewJob(job);
  StartSigningJobResponse output = AnswerStarted(job);
  const auto done = signer.store.database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    RETURN_IF_ERROR(signer.store.InsertJob(transaction, job));
    return call.Record(transaction, output);
  });
  if (done) {
    // Ties what the client knows, the request id, to what the job's later lines say.
    telemetry::Log(telemetry::Level::kInfo, "job_accepted",
                   {{"job", job.id.str()},
                    {"request", call.facts().request_id.str()},
                    {"account", job.owner.str()},
                    {"profile", job.profile_name.str()}});
    signer.runner.Submit({.job = std::move(job), .source = std::move(source->object)});
    return output;
  }
  if (done.error().code != Code::kConflict) return std::unexpected(done.error());
  // Either the profile was canceled since we looked, or the token is taken.
  if (!job.has_profile()) return std::unexpected(Error{Code::kConflict, "the token of a new job is taken"});
  auto now = signer.store.FindProfile(job.owner, job.region, job.profile_name);
  if (!now) return std::unexpected(std::move(now).error());
  if (auto checked = CheckProfile(*now, input); !checked) return std::unexpected(std::move(checked).error());
  return std::unexpected(Error{Code::kConflict, "the token of a new job is taken"});
}

}  // namespace

Resolved<ops::StartSigningJob> ResolveStartSigningJob(Service& signer, const gateway::CallFacts& facts,
                                                      const StartSigningJobRequest& input) {
  // A missing profile is told by the handler, after a repeated token had its answer.
  if (input.profile_name) return ResolveProfile(signer, facts, *input.profile_name, input.profile_owner);
  // Who signs without a profile needs the right for all of them.
  return gateway::Resolution{
      {.owner = facts.account(), .arn = ProfileArn(facts.account(), facts.region, ProfileName("*"))}};
}

aws::Result<ops::StartSigningJob> StartSigningJob(Service& signer,
                                                  const gateway::Authorized<ops::StartSigningJob>& call) {
  auto started = StartNew(signer, call);
  const StartSigningJobRequest& input = call.input();
  if (started || !input.client_request_token) return started;
  // The job may be there, but it would be answered as if an earlier call had made it; the client's next try finds out.
  if (started.error().error().origin == aws::ErrorOrigin::kUnavailable) return started;
  // A repeat was refused at the latest by the database. It is answered whatever has changed since the first time: when
  // the profile was canceled or the image deleted, too. Looking for it first would cost every new job a search.
  auto earlier = signer.store.FindJobByToken(call.facts().account(), call.facts().region, *input.client_request_token);
  if (!earlier) return std::unexpected(std::move(earlier).error());
  if (!*earlier) return started;
  return AnswerEarlier(**earlier, input);
}

}  // namespace firmsign::signer
