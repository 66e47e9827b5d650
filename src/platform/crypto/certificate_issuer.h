// SPDX-License-Identifier: Apache-2.0
//
// Issues X.509 certificates (RFC 5280) for code signing: a root, intermediate authorities, and leaves that sign code.
//
// Only the two kinds that the Notary Project's certificate requirements allow can be asked for, so that nothing
// issued here is refused by a verifier of it (notaryproject/specifications, signature-specification.md, "Certificate
// Requirements"). Keys are handles: the issuer signs a digest by a callback and is never read.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "base/time.h"
#include "platform/crypto/key.h"

namespace firmsign::crypto {

// Signs a SHA-384 digest of 48 raw bytes with an EC key: DER SEQUENCE{r,s}.
using SignSha384 = std::function<Expected<std::string>(std::string_view digest)>;
// By a key that this process holds.
SignSha384 SignWith(PrivateKey key);

// A distinguished name: O (left out when empty) and CN. UTF-8, at most 64 characters each.
struct CertificateName {
  std::string common_name;
  std::string organization;
};

enum class CertificateRole {
  kAuthority,    // basicConstraints CA, keyUsage keyCertSign and cRLSign, all critical
  kCodeSigning,  // no CA; keyUsage digitalSignature (critical), extendedKeyUsage codeSigning
};

struct CertificateRequest {
  CertificateName subject;
  PublicKey public_key;
  CertificateRole role = CertificateRole::kCodeSigning;
  std::vector<std::string> dns_names = {};  // subjectAltName; none: no such extension
  std::optional<int> path_length;           // of an authority: how many authorities may stand below it
  Instant not_before;                       // both cut to whole seconds
  Instant not_after;
};

// A certificate with a random serial number of 16 bytes, subject and authority key identifiers, and an
// ecdsa-with-SHA384 signature by the issuer's key, which is checked before the certificate is returned.
// kInvalid: a name that is empty, too long or no UTF-8; a period that ends before it begins; an issuer that is no
// authority, or has less path length than asked for. kInternal: `sign` did not sign with the issuer's key. And what
// `sign` returns.
Expected<Certificate> IssueCertificate(const CertificateRequest& request, const Certificate& issuer,
                                       const SignSha384& sign, Random& random);

// The same, signed by its own key.
Expected<Certificate> IssueSelfSigned(const CertificateRequest& request, const SignSha384& sign, Random& random);

}  // namespace firmsign::crypto
