// SPDX-License-Identifier: Apache-2.0

#include "engine/keys/known_keys.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "platform/crypto/digest.h"

namespace firmsign::keys {
namespace {

struct KnownKey {
  std::string_view sha256;  // of the SubjectPublicKeyInfo
  std::string_view name;
};

// aws/amazon-freertos, libraries/freertos_plus/aws/ota/test; mcu-tools/mcuboot, root-*.pem and boot/cypress.
constexpr std::array<KnownKey, 6> kKnownKeys = {{
    {"79ae3f9c145f3fe4d31fd789692102a981ebff9550a74ea20b545a16dcfae28f",
     "Amazon FreeRTOS's ecdsa-sha256-signer.key.pem"},
    {"55b25ca0f7aa4cfc6282fcba94c63a7571ef97032a0c1c335c6cf1f7eaa4886e", "Amazon FreeRTOS's rsa-sha1-signer.key.pem"},
    {"c9325f692c894e52331ed050e322105059e461fd87d48d896bed271e39f49049", "Amazon FreeRTOS's rsa-sha256-signer.key.pem"},
    {"a14bcb1bf9bb821146ba32838217e476f5412621320534ffe490a1890c994660", "MCUboot's root-rsa-2048.pem"},
    {"6bcd1e16d80e5fe13a5307e6f1de8344c7e50e537d9962ce35ef6db5e642fae8", "MCUboot's root-ec-p384.pem"},
    {"6d480226638605f9f4cee9790630d5be3374d0deb0a43f19434bf60c9cc47c36", "MCUboot's cypress-test-ec-p256.pem"},
}};

}  // namespace

std::optional<std::string> WhosePublishedKey(std::string_view spki) {
  const std::string hash = EncodeHex(crypto::DigestOf(crypto::Hash::kSha256, spki));
  const auto found = std::ranges::find(kKnownKeys, hash, &KnownKey::sha256);
  if (found == kKnownKeys.end()) return std::nullopt;
  return std::string(found->name);
}

}  // namespace firmsign::keys
