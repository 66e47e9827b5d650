// SPDX-License-Identifier: Apache-2.0
//
// Signing a container image's descriptor for Notation (platform Notation-OCI-SHA384-ECDSA, SignPayload): a JWS envelope
// that the notation command stores beside the image. And the client's side, which verifies one.
//
// The format is specified at the top of notation_envelope.cc (Notary Project, signature-envelope-jws.md).

#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/error.h"
#include "engine/signing/service_identity.h"

namespace firmsign::signing {

// The one payload format, and the media type of the envelope.
inline constexpr std::string_view kNotationPayloadFormat = "application/vnd.cncf.notary.payload.v1+json";
inline constexpr std::string_view kNotationEnvelopeType = "application/jose+json";
inline constexpr std::size_t kNotationPayloadBytesMax = 4096;

struct NotationSignature {
  std::string envelope;                         // JSON, SignPayload's `signature`
  std::map<std::string, std::string> metadata;  // SignPayload's `metadata`: annotations for the signature's manifest
  std::string signed_digest;                    // SHA-384 of the JWS signing input, raw
};

// The payload is signed byte for byte as given. The envelope is verified with the certificates before it is returned.
// kInvalid: the payload is no JSON object with a targetArtifact of mediaType, digest and size, or longer than
// kNotationPayloadBytesMax; the message says what is missing. kUnavailable: try again. kInternal: the identity cannot
// sign (CheckIdentity), or the signature did not verify.
Expected<NotationSignature> SignNotationPayload(std::string_view payload, const ServiceIdentity& identity,
                                                const SignatureFacts& facts);

struct VerifiedEnvelope {
  VerifiedSignature signature;
  std::string payload;  // JSON, with the descriptor of what was signed
};

// Verifies the signature, the critical headers, the chain from the leaf to `root` as of the time of signing, and that
// the signature has not expired at `at`. Revocation is not looked at. kInvalid: a check failed; the message says which.
Expected<VerifiedEnvelope> VerifyNotationEnvelope(std::string_view envelope, const crypto::Certificate& root,
                                                  Instant at);

}  // namespace firmsign::signing
