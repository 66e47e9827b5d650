// SPDX-License-Identifier: Apache-2.0
//
// For tests: an identity of the service, issued by our own authority, and what it signs.

#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "engine/signing/service_identity.h"
#include "platform/crypto/certificate_issuer.h"

namespace firmsign::signing {

inline constexpr Instant kTestBegin = InstantFromSeconds(1'780'000'000);
inline constexpr Instant kTestSignedAt{1'790'000'000'123'456};  // 2026-09-21T14:13:20.123456Z
inline constexpr Instant kTestExpiresAt = InstantFromSeconds(2'000'000'000);
inline constexpr Instant kTestLeafEnd = InstantFromSeconds(1'791'000'000);

inline SignatureFacts TestFacts() {
  return {.signed_at = kTestSignedAt,
          .expires_at = kTestExpiresAt,
          .job_arn = "arn:aws:signer:us-east-1:111122223333:/signing-jobs/97af3947-e7b2-4533-8d9d-6741156f0b79",
          .profile_version_arn = "arn:aws:signer:us-east-1:111122223333:/signing-profiles/Firmware/OF8IVUsPJq"};
}

// Root, an authority below it, and a leaf on `curve` that is valid until kTestLeafEnd.
inline ServiceIdentity MakeTestIdentity(const std::string& curve = "secp384r1") {
  FakeRandom random;
  std::vector<crypto::Certificate> chain;
  crypto::PrivateKey issuer_key = *crypto::PrivateKey::GenerateEc("secp384r1");
  for (const std::string name : {"Test Root", "Test Authority", "Test Leaf"}) {
    const bool is_leaf = name == "Test Leaf";
    const crypto::PrivateKey key =
        chain.empty() ? issuer_key : *crypto::PrivateKey::GenerateEc(is_leaf ? curve : "secp384r1");
    const crypto::CertificateRequest request{
        .subject = {.common_name = name, .organization = "Example"},
        .public_key = *key.Public(),
        .role = is_leaf ? crypto::CertificateRole::kCodeSigning : crypto::CertificateRole::kAuthority,
        .not_before = kTestBegin,
        .not_after = is_leaf ? kTestLeafEnd : kTestExpiresAt};
    const crypto::SignSha384 sign = [&](std::string_view digest) {
      return issuer_key.SignDigest(crypto::Hash::kSha384, digest);
    };
    chain.insert(chain.begin(), chain.empty() ? *crypto::IssueSelfSigned(request, sign, random)
                                              : *crypto::IssueCertificate(request, chain.front(), sign, random));
    issuer_key = key;
  }
  return {.key = keys::MakeSoftwareKey(issuer_key), .chain = std::move(chain)};
}

// One for all tests of a program.
inline const ServiceIdentity& Identity() {
  static const ServiceIdentity identity = MakeTestIdentity();
  return identity;
}

}  // namespace firmsign::signing
