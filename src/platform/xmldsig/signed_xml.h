// SPDX-License-Identifier: Apache-2.0
//
// Signed XML (XML Signature 1.1), as SAML 2.0 uses it, by libxmlsec1 and libxml2.
//
// What is signed is what is used: the only thing that comes out is the element whose digest was verified, taken from
// the very node that was digested. Keys come from the caller, never from the document. Nothing is fetched; a document
// type, and with it every entity, is refused before anything is parsed.
//
// https://www.w3.org/TR/xmldsig-core1/ and SAML core §5.4: one reference, to the ID of the
// element that holds the signature; the transforms enveloped-signature and canonicalisation alone. Accepted are RSA of
// at least 2048 bits and ECDSA, both with SHA-256, SHA-384 or SHA-512: no SHA-1, and no HMAC, so that nobody signs with
// a public key.

#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "platform/crypto/key.h"

namespace firmsign::xmldsig {

inline constexpr std::size_t kDocumentBytesMax = 100'000;
inline constexpr std::size_t kDepthMax = 64;
inline constexpr std::size_t kElementsMax = 10'000;
inline constexpr std::size_t kAttributesMax = 64;  // of an element
inline constexpr std::size_t kNamespacesMax =
    64;  // declared at an element and around it: canonicalisation goes through all

struct Name {
  std::string_view ns;  // the namespace's URI
  std::string_view local;
};

struct Attribute {
  std::string ns;  // empty: none
  std::string local;
  std::string value;
};

struct Element {
  std::string ns;
  std::string local;
  std::vector<Attribute> attributes;  // without declarations of namespaces
  std::string text;                   // all character data directly inside, whatever comments are between
  std::vector<Element> children;      // without signatures

  bool Is(const Name& name) const { return ns == name.ns && local == name.local; }
  const Element* Child(const Name& name) const;  // the first; nullptr: none
  std::vector<const Element*> Children(const Name& name) const;
  // The value of an attribute without a namespace; nullptr: absent.
  const std::string* Find(std::string_view local_name) const;
};

// The root of a document, if it holds a signature of one of `keys`; else its only child of the name `inner`, if that
// holds one. kInvalid: neither, or anything that the above does not allow; the message says what, for logs and people.
// Thread safety: safe.
Expected<Element> ReadSigned(std::string_view document, const Name& inner, std::span<const crypto::PublicKey> keys);

}  // namespace firmsign::xmldsig
