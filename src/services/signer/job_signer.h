// SPDX-License-Identifier: Apache-2.0
//
// JobSigner: from a job to a signed object that is durable and not yet visible.

#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/signing/platform.h"
#include "ports/certificate_store.h"
#include "ports/object_store.h"
#include "services/signer/authority.h"
#include "services/signer/job.h"
#include "services/signer/store.h"

namespace firmsign::signer {

// All of them outlive the signer.
struct JobSignerParts {
  Store& store;  // its clock tells whether a certificate has expired
  ports::ObjectStore& objects;
  ports::CertificateStore& certificates;
  Authority& authority;
};

struct SignedJob {
  std::unique_ptr<ports::StagedObject> object;
  std::string digest;  // what was signed
};

// Thread safety: safe.
class JobSigner {
 public:
  // With `use_stored_digest` the SHA-256 that was stored at upload is signed where the platform allows it.
  JobSigner(JobSignerParts parts, bool use_stored_digest) : parts_(parts), use_stored_digest_(use_stored_digest) {}

  // From here on, certificates are what they were at the time of this call or later. To be called before a batch.
  Expected<void> CatchUp() const { return parts_.certificates.CatchUp(); }

  // `source`: what StartSigningJob saw of it, if that is known. kInvalid and kNotFound say to the user what is wrong.
  // kCorrupt: the stored bytes are not what was uploaded. kUnavailable and kExhausted pass. kInternal: our fault.
  Expected<SignedJob> Sign(const Job& job, std::optional<ports::ObjectFacts> source) const;

 private:
  class SourceImage;

  Expected<SignedJob> SignObject(const Job& job, const signing::Recipe& recipe, SourceImage& image) const;
  Expected<SignedJob> SignArchive(const Job& job, const signing::Recipe& recipe, SourceImage& image) const;
  void Remember(SourceImage& image, const std::optional<std::string>& sha256) const;

  const JobSignerParts parts_;
  const bool use_stored_digest_;
};

}  // namespace firmsign::signer
