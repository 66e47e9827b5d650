// SPDX-License-Identifier: Apache-2.0
//
// Signing a zip archive for AWS Lambda (platform AWSLambda-SHA384-ECDSA): the archive as it was given, and in it one
// more file with the signature. And the client's side, which verifies such an archive.
//
// The format is specified at the top of signed_zip.cc (contract 03-signed-objects §3.5).

#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "engine/signing/platform.h"
#include "engine/signing/service_identity.h"
#include "engine/signing/sign.h"

namespace firmsign::signing {

struct ZipSignature {
  std::string signed_digest;                   // SHA-384 over the entries' names and bodies, raw
  std::optional<std::string> computed_sha256;  // SHA-256 of the whole image, raw, when it was not stored with it
};

// Reads the image once from begin to end, and writes the signed archive to the sink meanwhile: what was written before
// an error is to be thrown away. The signature is verified with the certificates before it is written. Holds the
// archive's directory (at most 32 MiB) in memory, and about 200 KiB more.
//
// kInvalid: the image is larger than the platform's limit, is no zip archive or an empty one, is signed already, is
// damaged, encrypted, or of a form that two readers could understand differently (platform/zip/archive.h); the message
// tells the user what to do. kCorrupt: the image's bytes are not what was stored. kUnavailable, and whatever ReadAt and
// the sink return: as they say. kInternal: the identity cannot sign (CheckIdentity), or the signature did not verify.
Expected<ZipSignature> SignZip(const Recipe& recipe, Image& image, const ServiceIdentity& identity,
                               const SignatureFacts& facts, const Sink& sink);

// Verifies all of a signed archive: every entry, the signature, the chain from its leaf to `root` as of the time of
// signing, and that it has not expired at `at`. Revocation is not looked at (RevocationHashes tells what to ask for).
// kInvalid: a check failed; the message says which. kNotFound: the archive has no signature.
Expected<VerifiedSignature> VerifySignedZip(Image& image, const crypto::Certificate& root, Instant at);

}  // namespace firmsign::signing
