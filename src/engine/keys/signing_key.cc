// SPDX-License-Identifier: Apache-2.0

#include "engine/keys/signing_key.h"

#include <utility>

namespace firmsign::keys {
namespace {

class SoftwareKey final : public SigningKey {
 public:
  explicit SoftwareKey(crypto::PrivateKey key) : key_(std::move(key)) {}

  crypto::KeyKind kind() const override { return key_.kind(); }
  Expected<std::string> SignDigest(crypto::Hash hash, std::string_view digest) const override {
    return key_.SignDigest(hash, digest);
  }

 private:
  crypto::PrivateKey key_;
};

}  // namespace

Expected<std::string> SignVerified(const SigningKey& key, const crypto::PublicKey& public_key, crypto::Hash hash,
                                   std::string_view digest) {
  for (int attempt = 0; attempt < kSigningAttempts; ++attempt) {
    auto signature = key.SignDigest(hash, digest);
    if (!signature && signature.error().code != Code::kCorrupt) return signature;
    if (signature && public_key.VerifyDigest(hash, digest, *signature)) return signature;
  }
  return Fail(Code::kInternal, "the new signature does not verify with the certificate");
}

std::shared_ptr<const SigningKey> MakeSoftwareKey(crypto::PrivateKey key) {
  return std::make_shared<SoftwareKey>(std::move(key));
}

}  // namespace firmsign::keys
