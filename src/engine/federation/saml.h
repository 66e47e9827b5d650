// SPDX-License-Identifier: Apache-2.0
//
// Assertions of SAML 2.0 identity providers, and the metadata that such providers publish.
//
// Sources: Assertions and Protocols for SAML 2.0 (saml-core-2.0-os), §2 and §3; Profiles (saml-profiles-2.0-os),
// §4.1.4; Metadata (saml-metadata-2.0-os), §2; and what AWS wants of an assertion:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html

#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "platform/crypto/key.h"

namespace firmsign::federation {

inline constexpr std::size_t kSamlMetadataBytesMax = 1 << 20;  // IAM's model says 10,000,000; no request is as long

struct SamlMetadata {
  std::string entity_id;
  std::vector<crypto::PublicKey> keys;  // of the certificates with which it signs; at least one
  std::optional<Instant> valid_until;
};

// kInvalid: not the metadata of one identity provider; the message says why.
Expected<SamlMetadata> ParseSamlMetadata(std::string_view text);

// To whom an assertion is addressed, by a bearer's confirmation.
struct SamlConfirmation {
  std::string recipient;
  std::optional<Instant> not_before;
  Instant not_on_or_after;
};

// What a signed assertion says. It counts only after CheckSaml.
struct SamlAssertion {
  std::string id;
  std::string issuer;
  Instant issued_at;
  std::string subject;         // NameID
  std::string subject_format;  // its Format, without "urn:oasis:names:tc:SAML:2.0:nameid-format:"
  std::vector<SamlConfirmation> confirmations;
  std::optional<Instant> not_before;
  std::optional<Instant> not_on_or_after;
  std::vector<std::vector<std::string>> audiences;  // one list a restriction: each must hold one of ours
  std::optional<Instant> session_not_on_or_after;
  std::vector<std::pair<std::string, std::vector<std::string>>> attributes;  // by Name; a name twice is one with all
  std::optional<std::string> destination;  // of the response, if that is what was signed

  // The values of an attribute; empty: it has none.
  std::vector<std::string> Values(std::string_view name) const;
};

// The assertion of a response, XML that one of `keys` signed as a whole or whose assertion it signed. kInvalid:
// anything else, an encrypted assertion too; the message says why.
Expected<SamlAssertion> ReadSamlResponse(std::string_view text, std::span<const crypto::PublicKey> keys);

struct SamlProblem {
  bool is_expired = false;
  std::string message;
};

// Where an assertion may be addressed to: AWS's names for itself, and `endpoint`, unless it is empty.
struct SamlAddressee {
  std::string endpoint;
  bool IsRecipient(std::string_view url) const;
  bool IsAudience(std::string_view name) const;
};

// An assertion counts for five minutes. Clocks may differ by a minute.
inline constexpr std::chrono::minutes kSamlRedeemWithin{5};
inline constexpr std::chrono::minutes kSamlSkew{1};

// Why the assertion does not count; nullopt: it does. `recipient` becomes the one of the confirmation that holds.
std::optional<SamlProblem> CheckSaml(const SamlAssertion& assertion, const SamlMetadata& provider,
                                     const SamlAddressee& addressee, Instant now, std::string& recipient);

}  // namespace firmsign::federation
