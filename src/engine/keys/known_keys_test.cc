// SPDX-License-Identifier: Apache-2.0

#include "engine/keys/known_keys.h"

#include <gtest/gtest.h>

#include "platform/crypto/key.h"

namespace firmsign::keys {
namespace {

std::string SpkiOf(const char* pem) { return crypto::PublicKey::FromPem(pem)->Spki(); }

// The public halves of files of mcu-tools/mcuboot; Amazon's are tested with its own files (test_ota_vectors.py).
TEST(KnownKeys, AreKnownByTheirPublicHalf) {
  constexpr const char* kRsa2048 = R"(-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA0QYIGhhELBjo+/33DaNP
H7vuXvmq0ksY01rpbRiAGfnwnDQby/O8dNtC54x/EFN+Q14NVyxE0WcIDw27XO7s
s5nf4E2EC6p3QWDtFShJpwG0PBDmaYwvX6xBTZ5cFN/y+M89Hm/nW7q0qciIfkc8
lMN3Z1RLqo04NcpiYX634RXbd3PUvntyIYlpJPv4ZW5kPsgO14XVXErkUw0v/7f9
8xM5gz+jrtIPp2qd+f64zvoqvq+44PqCN1T0PuEr0NMIWBj2XkzIiIExrV+wghfy
imknI/Orhz6TGh3+6PgaJGZZ+Byr3M5oG2ZkNez6DRGdr1w6p9FnxkfvsUssYuHR
yQIDAQAB
-----END PUBLIC KEY-----
)";
  constexpr const char* kP384 = R"(-----BEGIN PUBLIC KEY-----
MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEDHbKrnI6pejw1PEWtQLvd6Ebk2F4wAkm
eztAnO5JheDJT+fyupds84JlFCz1DHMzTTLnm9NCzJVa5eL19G5F4O0gNVyvUjWB
1Nyc454iPvs/IhDacAM3rajySP46YGml
-----END PUBLIC KEY-----
)";
  constexpr const char* kCypress = R"(-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEvVmdFeD/ZhI3KN9QOLGac5u90bOK
b9Jw7X/bV1PenncPnBciaaZ1SB+kvEniAeBePeyowcrFXKLG/bAksQpG9Q==
-----END PUBLIC KEY-----
)";
  EXPECT_EQ(WhosePublishedKey(SpkiOf(kRsa2048)), "MCUboot's root-rsa-2048.pem");
  EXPECT_EQ(WhosePublishedKey(SpkiOf(kP384)), "MCUboot's root-ec-p384.pem");
  EXPECT_EQ(WhosePublishedKey(SpkiOf(kCypress)), "MCUboot's cypress-test-ec-p256.pem");
  EXPECT_EQ(WhosePublishedKey(crypto::PrivateKey::GenerateEc("secp384r1")->Public()->Spki()), std::nullopt);
}

}  // namespace
}  // namespace firmsign::keys
