// SPDX-License-Identifier: Apache-2.0
//
// CMS SignedData (RFC 5652) with detached content, one signature by ecdsa-with-SHA384, and signed attributes.
//
// Written byte by byte in cms.cc, where the format is specified, because the private key is a handle that OpenSSL
// cannot be given; read by OpenSSL's parser. Chains are verified by certificate_chain.h.

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "platform/crypto/certificate_issuer.h"
#include "platform/crypto/key.h"

namespace firmsign::crypto {

// One signed attribute beside the standard ones: a UTF8String, or a GeneralizedTime cut to milliseconds.
struct CmsAttribute {
  std::string oid;  // "1.3.187.137.1.2"
  std::variant<std::string, Instant> value;

  friend bool operator==(const CmsAttribute&, const CmsAttribute&) = default;
};

struct CmsRequest {
  std::string_view content;
  std::span<const Certificate> chain;  // leaf first; its key is P-384
  Instant signed_at;                   // cut to milliseconds
  std::span<const CmsAttribute> attributes;
};

// The DER. kInvalid: no certificate, or an attribute's name that is no OID. And what `sign` returns. The signature is
// not verified here: see VerifyCms.
Expected<std::string> SignCms(const CmsRequest& request, const SignSha384& sign);

// What a SignedData holds. Nothing in it is to be believed before VerifyCms.
struct Cms {
  std::vector<Certificate> certificates;  // as they lie in it
  Certificate leaf;                       // the one of them whose key signed
  Instant signed_at;
  std::vector<CmsAttribute> attributes;  // those beside the standard ones, in the order of their OIDs' DER
  std::string message_digest;
  std::string signed_attributes;  // the DER that is signed
  std::string signature;
};

inline constexpr std::size_t kCmsBytesMax = 1 << 20;

// Accepts BER. kInvalid: no SignedData, content inside of it, another number of signatures than one, another algorithm,
// a missing or repeated attribute, no certificate for the signature, or more than kCmsBytesMax.
Expected<Cms> ParseCms(std::string_view der);

// The signature is one of the leaf over `content`. Says nothing of the leaf: see VerifyCodeSigningChain.
// kInvalid: it is not; the message says which check failed.
Expected<void> VerifyCms(const Cms& cms, std::string_view content);

// The PEM form under the label PKCS7, in lines of 64 characters, and back. kInvalid: no PEM block, more than one, or
// another label.
std::string FormatCmsPem(std::string_view der);
Expected<std::string> ParseCmsPem(std::string_view pem);

}  // namespace firmsign::crypto
