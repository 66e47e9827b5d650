// SPDX-License-Identifier: Apache-2.0

#include "engine/keys/known_keys.h"

#include <gtest/gtest.h>

#include "platform/crypto/key.h"

namespace firmsign::keys {
namespace {

std::string SpkiOf(const char* pem) { return crypto::PublicKey::FromPem(pem)->Spki(); }

TEST(KnownKeys, AreKnownByTheirPublicHalf) {
  // mcu-tools/mcuboot, root-ec-p384.pem.
  constexpr const char* kPublished = R"(-----BEGIN PUBLIC KEY-----
MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEDHbKrnI6pejw1PEWtQLvd6Ebk2F4wAkm
eztAnO5JheDJT+fyupds84JlFCz1DHMzTTLnm9NCzJVa5eL19G5F4O0gNVyvUjWB
1Nyc454iPvs/IhDacAM3rajySP46YGml
-----END PUBLIC KEY-----
)";
  EXPECT_EQ(WhosePublishedKey(SpkiOf(kPublished)), "MCUboot's root-ec-p384.pem");
  EXPECT_EQ(WhosePublishedKey(crypto::PrivateKey::GenerateEc("secp384r1")->Public()->Spki()), std::nullopt);
}

}  // namespace
}  // namespace firmsign::keys
