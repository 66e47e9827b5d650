// SPDX-License-Identifier: Apache-2.0

#include "services/signer/job_signer.h"

#include <chrono>
#include <span>
#include <utility>

#include "engine/signing/sign.h"
#include "engine/signing/signed_zip.h"
#include "services/signer/new_job.h"

namespace firmsign::signer {

// The source of a job as the engine reads it; opened at the first read, which a stored digest makes unnecessary.
class JobSigner::SourceImage final : public signing::Image {
 public:
  SourceImage(ports::ObjectStore& objects, const Job& job, std::optional<ports::ObjectFacts> facts, bool use_digest)
      : objects_(objects), job_(job), facts_(std::move(facts)), use_digest_(use_digest) {}

  // Finds out what it is, unless that is known.
  Expected<void> Prepare() {
    if (facts_) return {};
    auto opened = Open();
    if (opened || opened.error().code != Code::kNotFound) return opened;
    return Fail(Code::kInvalid,
                "S3 object " + job_.source_key + " is no longer there in version " + job_.source_version + ".");
  }
  ports::ObjectName name() const { return {job_.source_bucket, job_.source_key, job_.source_version}; }

  const std::string& content_id() const { return facts_->content_id; }

  std::uint64_t size() const override { return facts_->size; }
  std::optional<std::string> stored_sha256() const override {
    return use_digest_ ? facts_->sha256 : std::optional<std::string>();
  }
  Expected<std::size_t> ReadAt(std::uint64_t offset, std::span<char> out) override {
    if (!reader_) RETURN_IF_ERROR(Open());
    return reader_->ReadAt(offset, out);
  }

 private:
  Expected<void> Open() {
    const std::string resource = "arn:aws:s3:::" + job_.source_bucket + "/" + job_.source_key;
    const auto grant =
        policy::Grant::Stored("decided by StartSigningJob", "s3:GetObjectVersion", resource, job_.source_owner);
    ASSIGN_OR_RETURN(reader_, objects_.Open(grant, name()));
    // The version "null" can be written again after the job was started with the one that it was.
    if (!job_.source_content.empty() && job_.source_content != reader_->facts().content_id) {
      return Fail(Code::kInvalid, "S3 object " + job_.source_key + " was replaced after the job was started.");
    }
    facts_ = reader_->facts();
    return {};
  }

  ports::ObjectStore& objects_;
  const Job& job_;
  std::optional<ports::ObjectFacts> facts_;
  const bool use_digest_;
  std::unique_ptr<ports::ObjectReader> reader_;
};

void JobSigner::Remember(SourceImage& image, const std::optional<std::string>& sha256) const {
  if (sha256 && use_stored_digest_) parts_.objects.RememberSha256(image.name(), image.content_id(), *sha256);
}

Expected<SignedJob> JobSigner::Sign(const Job& job, std::optional<ports::ObjectFacts> source) const {
  const signing::Platform* platform = signing::FindPlatform(job.platform_id);
  if (platform == nullptr) return Fail(Code::kInvalid, "There is no signing platform " + job.platform_id + ".");
  ASSIGN_OR_RETURN(const signing::Recipe recipe,
                   signing::MakeRecipe(*platform, job.overrides.encryption_algorithm, job.overrides.hash_algorithm,
                                       job.overrides.image_format));
  SourceImage image(parts_.objects, job, std::move(source), use_stored_digest_);
  switch (platform->output) {
    case signing::Output::kJsonObject: return SignObject(job, recipe, image);
    case signing::Output::kSignedZip: return SignArchive(job, recipe, image);
    case signing::Output::kPayloadOnly: break;
  }
  return Fail(Code::kInvalid, "Platform " + job.platform_id + " signs no objects: use SignPayload.");
}

Expected<SignedJob> JobSigner::SignObject(const Job& job, const signing::Recipe& recipe, SourceImage& image) const {
  auto material = parts_.certificates.Find(job.owner, job.region, job.certificate_arn);
  if (!material) {
    if (material.error().code == Code::kCorrupt) return Fail(Code::kInternal, material.error().message);
    if (material.error().code == Code::kDenied) {
      return Fail(Code::kInvalid, "The certificate " + job.certificate_arn + " signs no more: " +
                                      material.error().message + ". Create a profile with another certificate.");
    }
    if (material.error().code != Code::kNotFound) return std::unexpected(std::move(material).error());
    return Fail(Code::kInvalid, "The certificate " + job.certificate_arn +
                                    " is no longer in ACM. Create a profile with another certificate.");
  }
  const crypto::CertificateInfo& certificate = (*material)->certificate.info();
  if (certificate.not_after <= parts_.store.database().Now()) {
    return Fail(Code::kInvalid, "The certificate " + job.certificate_arn + " expired on " +
                                    FormatIso8601(certificate.not_after) + ". Import a renewed one.");
  }

  RETURN_IF_ERROR(image.Prepare());
  ASSIGN_OR_RETURN(const signing::Signature signature,
                   signing::SignImage(recipe, image, *(*material)->key, (*material)->certificate.public_key()));
  Remember(image, signature.computed_sha256);

  const signing::SourceLocation location{job.source_bucket, job.source_key, job.source_version};
  ASSIGN_OR_RETURN(std::unique_ptr<ports::ObjectWriter> writer,
                   parts_.objects.Stage(signing::SignedObjectBytes(recipe, signature, location)));
  RETURN_IF_ERROR(signing::WriteSignedObject(recipe, signature, image, location,
                                             [&](std::string_view bytes) { return writer->Append(bytes); }));
  ASSIGN_OR_RETURN(std::unique_ptr<ports::StagedObject> object, writer->Finish());
  return SignedJob{.object = std::move(object), .digest = signature.signed_digest};
}

Expected<SignedJob> JobSigner::SignArchive(const Job& job, const signing::Recipe& recipe, SourceImage& image) const {
  auto identity = parts_.authority.Current();
  if (!identity) {
    if (identity.error().code == Code::kCorrupt) return Fail(Code::kInternal, identity.error().message);
    return std::unexpected(std::move(identity).error());
  }
  const signing::SignatureFacts facts = FactsOf(job, parts_.store.database().Now());
  if (facts.expires_at - facts.signed_at < std::chrono::seconds(1)) {
    return Fail(Code::kInvalid, "The signature would have expired on " + FormatIso8601(facts.expires_at) +
                                    ", before it was made. Start a new job.");
  }
  RETURN_IF_ERROR(image.Prepare());
  constexpr std::uint64_t kSignatureBytes = 16 << 10;  // a hint: the signature adds about that much
  ASSIGN_OR_RETURN(std::unique_ptr<ports::ObjectWriter> writer, parts_.objects.Stage(image.size() + kSignatureBytes));
  ASSIGN_OR_RETURN(const signing::ZipSignature signature,
                   signing::SignZip(recipe, image, **identity, facts,
                                    [&](std::string_view bytes) { return writer->Append(bytes); }));
  Remember(image, signature.computed_sha256);
  ASSIGN_OR_RETURN(std::unique_ptr<ports::StagedObject> object, writer->Finish());
  return SignedJob{.object = std::move(object), .digest = signature.signed_digest};
}

}  // namespace firmsign::signer
