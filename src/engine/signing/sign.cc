// SPDX-License-Identifier: Apache-2.0

#include "engine/signing/sign.h"

#include <fmt/format.h>

#include <utility>

#include "base/check.h"
#include "engine/signing/payload.h"

namespace firmsign::signing {
namespace {

// What is to be signed, with `bytes` still empty.
Expected<Signature> Prepare(const Recipe& recipe, Image& image) {
  Signature signature{.payload_size = image.size()};
  const std::optional<std::string> stored = image.stored_sha256();
  if (stored && recipe.layout == Layout::kRaw && recipe.hash == crypto::Hash::kSha256) {
    // The image is not read: what was hashed when it was stored is what is signed. When it is embedded, its bytes are
    // hashed again and compared.
    signature.signed_digest = *stored;
    return signature;
  }
  ASSIGN_OR_RETURN(ImageDigests digests, DigestImage(image, recipe.hash, recipe.layout));
  if (stored && *stored != digests.sha256) {
    return Fail(Code::kCorrupt, "the image's bytes are not what was stored: its SHA-256 differs");
  }
  signature.signed_digest = std::move(digests.signed_digest);
  signature.prefix = std::move(digests.sha1);
  signature.payload_size += signature.prefix.size();
  if (!stored) signature.computed_sha256 = std::move(digests.sha256);
  return signature;
}

}  // namespace

Expected<void> CheckStrength(const crypto::KeyKind& kind) {
  if (kind.type != crypto::KeyType::kRsa || kind.bits >= kRsaBitsMin) return {};
  return Fail(Code::kInvalid, fmt::format("RSA keys of {} bits are too short to sign with: use one of {} or more.",
                                          kind.bits, kRsaBitsMin));
}

// P-256, P-384 and P-521 are all accepted: the platform's name
// fixes the hash, the key's owner the curve.
Expected<void> CheckKey(const Recipe& recipe, const crypto::KeyKind& kind) {
  if (kind.type == recipe.key_type) {
    const bool is_known_curve = kind.curve == "prime256v1" || kind.curve == "secp384r1" || kind.curve == "secp521r1";
    // The silicon that wants SHA-1 has room for 256 bytes of signature.
    const bool is_size_good = recipe.layout != Layout::kSha1Prefix || kind.bits == 2048;
    if (!is_size_good) return Fail(Code::kInvalid, "this platform takes RSA keys of 2048 bits only.");
    if (kind.type == crypto::KeyType::kRsa) return CheckStrength(kind);
    if (is_known_curve) return {};
  }
  return Fail(Code::kInvalid, recipe.key_type == crypto::KeyType::kRsa ? "can't identify RSA private key."
                                                                       : "can't identify EC private key.");
}

Expected<Signature> SignImage(const Recipe& recipe, Image& image, const keys::SigningKey& key,
                              const crypto::PublicKey& certificate_key) {
  CHECK(recipe.platform != nullptr);
  // SHA-1 is what the silicon of one board demands, and is signed for no other.
  CHECK(recipe.hash != crypto::Hash::kSha1 || recipe.layout == Layout::kSha1Prefix);
  RETURN_IF_ERROR(CheckKey(recipe, key.kind()));
  RETURN_IF_ERROR(CheckSize(*recipe.platform, image.size()));
  ASSIGN_OR_RETURN(Signature signature, Prepare(recipe, image));
  ASSIGN_OR_RETURN(signature.bytes, keys::SignVerified(key, certificate_key, recipe.hash, signature.signed_digest));
  return signature;
}

}  // namespace firmsign::signing
