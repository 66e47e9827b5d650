// SPDX-License-Identifier: Apache-2.0
//
// What the service signs with when the key is its own and not that of a certificate in ACM, and what such a signature
// says of itself. Shared by signed zip archives (signed_zip.h) and Notation envelopes (notation_envelope.h).

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "engine/keys/signing_key.h"
#include "platform/crypto/key.h"

namespace firmsign::signing {

// A key on P-384 and its certificates: the leaf first, which may sign code, and the root last.
struct ServiceIdentity {
  std::shared_ptr<const keys::SigningKey> key;
  std::vector<crypto::Certificate> chain;
};

// What is signed beside the content. Times are kept to the millisecond in a zip, to the second in an envelope.
struct SignatureFacts {
  Instant signed_at;
  Instant expires_at;  // after signed_at
  std::string job_arn;
  std::string profile_version_arn;

  friend bool operator==(const SignatureFacts&, const SignatureFacts&) = default;
};

// A signature that was verified.
struct VerifiedSignature {
  SignatureFacts facts;
  std::vector<crypto::Certificate> chain;  // leaf first, the trusted root last
  std::string signed_digest;               // SHA-384 of what was signed, raw
};

// kInvalid: the identity cannot sign at `at`: no chain, a leaf that may not sign code or whose key is not on P-384, or
// a certificate that is not valid then. The message is for operators.
Expected<void> CheckIdentity(const ServiceIdentity& identity, Instant at);

// kInvalid: a signature that was made after `at`, has expired by then, or expires before it was made.
Expected<void> CheckPeriod(const SignatureFacts& facts, Instant at);

// The names of a chain's certificates in GetRevocationStatus: for each, leaf first, lower-case hexadecimal SHA-384 of
// its TBSCertificate, then the same of its issuer's; a root is its own issuer.
std::vector<std::string> RevocationHashes(const std::vector<crypto::Certificate>& chain);

}  // namespace firmsign::signing
