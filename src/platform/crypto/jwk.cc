// SPDX-License-Identifier: Apache-2.0
//
// The key becomes a SubjectPublicKeyInfo (RFC 5280 §4.1, RFC 3279 §2.3), which OpenSSL then reads and checks.

#include "platform/crypto/jwk.h"

#include <string>

#include "base/encoding.h"
#include "platform/crypto/der.h"

namespace firmsign::crypto {
namespace {

constexpr int kJwkRsaBitsMin = 2048;
constexpr int kJwkRsaBitsMax = 8192;
constexpr std::size_t kJwkNumberBytesMax = kJwkRsaBitsMax / 8 + 1;

Expected<PublicKey> KeyOfSpki(std::string_view algorithm, std::string_view key) {
  const std::string bits = der::Element(der::kBitString, std::string(1, '\0') + std::string(key));
  const std::string spki = der::Sequence({algorithm, bits});
  return PublicKey::FromPem("-----BEGIN PUBLIC KEY-----\n" + EncodeBase64(spki) + "\n-----END PUBLIC KEY-----\n");
}

}  // namespace

Expected<PublicKey> RsaKeyOf(std::string_view modulus, std::string_view exponent) {
  if (modulus.empty() || exponent.empty() || modulus.size() > kJwkNumberBytesMax || exponent.size() > 8) {
    return Fail(Code::kInvalid, "not the numbers of an RSA key");
  }
  const std::string algorithm = der::Sequence({der::Oid("1.2.840.113549.1.1.1"), std::string_view("\x05\x00", 2)});
  ASSIGN_OR_RETURN(PublicKey key,
                   KeyOfSpki(algorithm, der::Sequence({der::Unsigned(modulus), der::Unsigned(exponent)})));
  if (key.kind().bits < kJwkRsaBitsMin || key.kind().bits > kJwkRsaBitsMax) {
    return Fail(Code::kInvalid, "an RSA key of " + std::to_string(key.kind().bits) + " bits is not accepted");
  }
  return key;
}

Expected<PublicKey> EcKeyOf(std::string_view curve, std::string_view x, std::string_view y) {
  const bool is_p256 = curve == "P-256";
  if (!is_p256 && curve != "P-384") return Fail(Code::kInvalid, "not a curve that is accepted");
  const std::size_t bytes = is_p256 ? 32 : 48;
  if (x.size() != bytes || y.size() != bytes) return Fail(Code::kInvalid, "not the coordinates of a point");
  const std::string algorithm =
      der::Sequence({der::Oid("1.2.840.10045.2.1"), der::Oid(is_p256 ? "1.2.840.10045.3.1.7" : "1.3.132.0.34")});
  return KeyOfSpki(algorithm, "\x04" + std::string(x) + std::string(y));
}

}  // namespace firmsign::crypto
