// SPDX-License-Identifier: Apache-2.0
//
// SignPayload: signs what the request itself brings, the description of a container image, and answers with the
// signature.
//
// It leaves a job behind as StartSigningJob does, ended and without objects, so that the signature can be looked up and
// revoked.

#include <fmt/format.h>

#include "engine/signing/notation_envelope.h"
#include "platform/crypto/digest.h"
#include "services/signer/announcements.h"
#include "services/signer/answers.h"
#include "services/signer/find_profile.h"
#include "services/signer/names.h"
#include "services/signer/new_job.h"
#include "services/signer/operations.h"

namespace firmsign::signer {
namespace {

using SignRefused = aws::OperationError<ops::SignPayload>;
using Invalid = errors::ValidationException;

std::expected<void, SignRefused> Check(const std::optional<Profile>& profile, const SignPayloadRequest& input) {
  if (!profile) return NoSuchProfile(input.profile_name);
  if (profile->status != SigningProfileStatus::kActive) return NotActive(*profile);
  const signing::Platform* platform = signing::FindPlatform(profile->platform_id);
  if (platform == nullptr || platform->output != signing::Output::kPayloadOnly) {
    return aws::Refuse<Invalid>(
        fmt::format("Platform {} signs objects: use StartSigningJob with profile {}. SignPayload is for {}.",
                    profile->platform_id, profile->name.str(), "Notation-OCI-SHA384-ECDSA"));
  }
  if (input.payload_format != signing::kNotationPayloadFormat) {
    return aws::Refuse<Invalid>(fmt::format("payloadFormat {} is not supported. Use {}.",
                                            input.payload_format.substr(0, kShownCharsMax),
                                            signing::kNotationPayloadFormat));
  }
  return {};
}

Job MakeJob(Service& signer, const Profile& profile, const gateway::Authorized<ops::SignPayload>& call) {
  Job job = NewJobOf(profile, call.facts(), signer.random);
  job.token = job.id.str();
  job.fingerprint = crypto::DigestOf(crypto::Hash::kSha256, call.input().payload);
  job.completed_at = job.created_at;
  job.status = SigningStatus::kSucceeded;
  job.status_reason = kSigningSucceeded;
  return job;
}

}  // namespace

Resolved<ops::SignPayload> ResolveSignPayload(Service& signer, const gateway::CallFacts& facts,
                                              const SignPayloadRequest& input) {
  return ResolveProfile(signer, facts, input.profile_name, input.profile_owner);
}

aws::Result<ops::SignPayload> SignPayload(Service& signer, const gateway::Authorized<ops::SignPayload>& call) {
  const SignPayloadRequest& input = call.input();
  const auto& profile = call.resolved<std::optional<Profile>>();
  if (auto checked = Check(profile, input); !checked) return std::unexpected(std::move(checked).error());
  auto identity = signer.authority.Current();
  if (!identity) return std::unexpected(std::move(identity).error());
  const Job job = MakeJob(signer, *profile, call);
  auto signature = signing::SignNotationPayload(input.payload, **identity, FactsOf(job, job.created_at));
  if (!signature) {
    if (signature.error().code == Code::kInvalid) return aws::Refuse<Invalid>(std::move(signature).error().message);
    return std::unexpected(std::move(signature).error());
  }

  SignPayloadResponse output;
  output.job_id = job.id.str();
  output.job_owner = job.owner.str();
  output.metadata = signature->metadata;
  output.signature = std::move(signature->envelope);
  const Outcome outcome{.succeeded = true, .reason = std::string(kSigningSucceeded)};
  const auto event = StatusEvent(job, outcome, job.created_at, signer.random);
  const auto record = StatusRecord(job, outcome, signature->signed_digest, job.created_at, signer.random);
  const auto done = signer.store.database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    RETURN_IF_ERROR(signer.store.InsertJob(transaction, job));
    RETURN_IF_ERROR(signer.events.Announce(transaction, event));
    RETURN_IF_ERROR(signer.audit_trail.Write(transaction, record));
    return call.Record(transaction, output);
  });
  if (done) return output;
  if (done.error().code != Code::kConflict) return std::unexpected(done.error());
  // It was canceled or revoked since we looked.
  auto now = signer.store.FindProfile(job.owner, job.region, job.profile_name);
  if (!now) return std::unexpected(std::move(now).error());
  if (auto checked = Check(*now, input); !checked) return std::unexpected(std::move(checked).error());
  return ChangedMeanwhile("Signing Profile " + input.profile_name);
}

}  // namespace firmsign::signer
