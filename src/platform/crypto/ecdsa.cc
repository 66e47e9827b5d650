// SPDX-License-Identifier: Apache-2.0

#include "platform/crypto/ecdsa.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>

#include <limits>
#include <memory>

#include "base/check.h"
#include "platform/crypto/der.h"

namespace firmsign::crypto {
namespace {

struct FreeSignature {
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};

}  // namespace

Expected<std::string> EcdsaDerToRaw(std::string_view der, std::size_t number_bytes) {
  CHECK(number_bytes <= 66);  // P-521
  const auto* begin = reinterpret_cast<const unsigned char*>(der.data());
  const unsigned char* position = begin;
  const std::unique_ptr<ECDSA_SIG, FreeSignature> signature(
      der.size() > 256 ? nullptr : d2i_ECDSA_SIG(nullptr, &position, static_cast<long>(der.size())));
  ERR_clear_error();
  if (signature == nullptr || position != begin + der.size()) {
    return Fail(Code::kInvalid, "the signature is no DER SEQUENCE of two numbers");
  }
  std::string raw(2 * number_bytes, '\0');
  auto* out = reinterpret_cast<unsigned char*>(raw.data());
  const int length = static_cast<int>(number_bytes);
  const BIGNUM* r = ECDSA_SIG_get0_r(signature.get());
  const BIGNUM* s = ECDSA_SIG_get0_s(signature.get());
  if (BN_is_negative(r) != 0 || BN_is_negative(s) != 0 || BN_bn2binpad(r, out, length) != length ||
      BN_bn2binpad(s, out + length, length) != length) {
    ERR_clear_error();
    return Fail(Code::kInvalid, "a number of the signature does not fit the curve");
  }
  // OpenSSL reads lengths in longer forms than DER has.
  if (EcdsaRawToDer(raw, number_bytes) != std::string(der)) {
    return Fail(Code::kInvalid, "the signature is not in DER");
  }
  return raw;
}

Expected<std::string> EcdsaRawToDer(std::string_view raw, std::size_t number_bytes) {
  if (raw.size() != 2 * number_bytes) return Fail(Code::kInvalid, "the signature is not two numbers of this length");
  return der::Sequence({der::Unsigned(raw.substr(0, number_bytes)), der::Unsigned(raw.substr(number_bytes))});
}

}  // namespace firmsign::crypto
