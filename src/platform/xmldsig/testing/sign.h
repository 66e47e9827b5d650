// SPDX-License-Identifier: Apache-2.0
//
// For tests: signs XML without any XML library. The text is in exclusive canonical form already, so that its bytes are
// what is digested: namespaces declared where they are first used, attributes in their order, no empty-element tags.

#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/encoding.h"
#include "platform/crypto/digest.h"
#include "platform/crypto/ecdsa.h"
#include "platform/crypto/key.h"

namespace firmsign::xmldsig {

inline constexpr std::string_view kEnveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
inline constexpr std::string_view kExclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";

struct SignOptions {
  std::string method;  // of the signature; empty: of the key's type, with SHA-256
  std::string digest_method = "http://www.w3.org/2001/04/xmlenc#sha256";
  crypto::Hash digest_hash = crypto::Hash::kSha256;
  crypto::Hash hash = crypto::Hash::kSha256;  // of the signature
  std::string uri;                            // empty: "#" and the ID
  std::vector<std::string_view> transforms = {kEnveloped, kExclusive};
  std::string more_references;  // canonical, after the one
  std::string key_info;         // whole, after the signature's value
};

inline std::string Method(std::string_view name, std::string_view algorithm) {
  return fmt::format(R"(<ds:{0} Algorithm="{1}"></ds:{0}>)", name, algorithm);
}

// The Signature element over `element`, whose ID attribute is `id`.
inline std::string SignatureOf(const crypto::PrivateKey& key, std::string_view element, std::string_view id,
                               const SignOptions& options = {}) {
  const bool is_ec = key.kind().type == crypto::KeyType::kEc;
  std::string method = options.method;
  if (method.empty()) method = fmt::format("http://www.w3.org/2001/04/xmldsig-more#{}-sha256", is_ec ? "ecdsa" : "rsa");
  std::string transforms;
  for (const std::string_view transform : options.transforms) transforms += Method("Transform", transform);
  const std::string digest = EncodeBase64(crypto::DigestOf(options.digest_hash, element));
  const std::string signed_info = fmt::format(
      R"(<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">{}{}<ds:Reference URI="{}"><ds:Transforms>{}</ds:Transforms>{}<ds:DigestValue>{}</ds:DigestValue></ds:Reference>{}</ds:SignedInfo>)",
      Method("CanonicalizationMethod", kExclusive), Method("SignatureMethod", method),
      options.uri.empty() ? "#" + std::string(id) : options.uri, transforms,
      Method("DigestMethod", options.digest_method), digest, options.more_references);
  std::string value = key.SignDigest(options.hash, crypto::DigestOf(options.hash, signed_info)).value();
  if (is_ec) value = crypto::EcdsaDerToRaw(value, static_cast<std::size_t>(key.kind().bits + 7) / 8).value();
  return fmt::format(
      R"(<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#">{}<ds:SignatureValue>{}</ds:SignatureValue>{}</ds:Signature>)",
      signed_info, EncodeBase64(value), options.key_info);
}

// The element with a signature as its first child.
inline std::string SignXml(const crypto::PrivateKey& key, std::string_view element, std::string_view id,
                           const SignOptions& options = {}) {
  const std::size_t end = element.find('>');
  CHECK(end != std::string_view::npos);
  std::string text(element);
  return text.insert(end + 1, SignatureOf(key, element, id, options));
}

}  // namespace firmsign::xmldsig
