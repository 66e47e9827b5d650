// SPDX-License-Identifier: Apache-2.0
//
// Signing an image: from bytes or a stored digest to a signed object, checked with the certificate before it is
// released.
//
// The byte formats are specified at the top of signed_object.cc (contract 03-signed-objects).

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "engine/keys/signing_key.h"
#include "engine/signing/platform.h"

namespace firmsign::signing {

// The image. Read may be called over and over from any offset. Thread safety: confined.
class Image {
 public:
  virtual ~Image() = default;
  virtual std::uint64_t size() const = 0;
  // SHA-256 of the whole image if it was stored with it: raw 32 bytes.
  virtual std::optional<std::string> stored_sha256() const = 0;
  // At most out.size() bytes at `offset`; 0 only at the end. kCorrupt, kUnavailable, kInternal.
  virtual Expected<std::size_t> ReadAt(std::uint64_t offset, std::span<char> out) = 0;
};

struct Signature {
  std::string bytes;               // DER ECDSA or PKCS#1 v1.5
  std::string signed_digest;       // what was signed, raw
  std::uint64_t payload_size = 0;  // length of the signed bytes: the image's, 20 more with Layout::kSha1Prefix
  std::string prefix;              // Layout::kSha1Prefix: the 20 bytes before the image; else empty
  std::optional<std::string> computed_sha256;  // SHA-256 of the image if it had to be computed here; worth storing
};

// kInvalid: an RSA key of fewer than kRsaBitsMin bits, which no platform signs with (NIST SP 800-131A: 112 bits of
// security).
inline constexpr int kRsaBitsMin = 2048;
Expected<void> CheckStrength(const crypto::KeyKind& kind);
// kInvalid: a key of this kind does not sign for the recipe; the message is in AWS's wording where AWS has one.
Expected<void> CheckKey(const Recipe& recipe, const crypto::KeyKind& kind);

// Hashes (unless the digest is stored), signs, and verifies with `certificate_key`.
// kInvalid: the key's type does not fit the recipe (message in AWS's wording), or the image exceeds the platform's
// limit. kCorrupt: the image's bytes are not what was stored. kUnavailable: try again. kInternal: the signature did not
// verify.
Expected<Signature> SignImage(const Recipe& recipe, Image& image, const keys::SigningKey& key,
                              const crypto::PublicKey& certificate_key);

struct SourceLocation {
  std::string bucket;
  std::string key;
  std::string version;
};

using Sink = std::function<Expected<void>(std::string_view bytes)>;

// The exact length of what WriteSignedObject will write.
std::uint64_t SignedObjectBytes(const Recipe& recipe, const Signature& signature, const SourceLocation& source);

// Writes the signed object piece by piece. When the image is embedded its bytes are hashed again; kCorrupt when they
// differ from what was signed.
Expected<void> WriteSignedObject(const Recipe& recipe, const Signature& signature, Image& image,
                                 const SourceLocation& source, const Sink& sink);

// The client side (`firmsign verify`): takes a signed object apart and checks it against the image.
struct ParsedSignedObject {
  std::uint64_t raw_payload_size = 0;
  std::string signature;
  std::string algorithm_name;
  std::optional<std::string> payload;      // embedded format
  std::optional<SourceLocation> location;  // detached format
};
// kInvalid: not a signed object; the message says what is missing. At most 64 MiB.
Expected<ParsedSignedObject> ParseSignedObject(std::string_view bytes);

// kInvalid: the signature does not fit image and key; the message says which check failed.
Expected<void> VerifySignedObject(const ParsedSignedObject& object, Image& image, const crypto::PublicKey& key);

}  // namespace firmsign::signing
