// SPDX-License-Identifier: Apache-2.0
//
// JSON Web Tokens as OpenID providers issue them: RFC 7519, RFC 7515, and the keys of RFC 7517.
//
// Accepted are RS256, RS384, RS512, ES256 and ES384, each with a key of its own type: not `none`, and no HMAC, so that
// nobody signs with a public key. What a token says counts only after Verify.
// https://www.rfc-editor.org/rfc/rfc8725 (best current practices)

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "platform/crypto/key.h"
#include "platform/json/json.h"

namespace firmsign::federation {

inline constexpr std::size_t kTokenBytesMax = 20'000;  // as the token service's model says

struct Jwt {
  std::string algorithm;  // "RS256"
  std::string key_id;     // empty: it names none
  json::Value claims;     // an object
  std::string signed_text;
  std::string signature;

  // A claim that is a text; empty for any other.
  std::string Text(std::string_view claim) const;
  // A claim that is a text or a list of texts.
  std::vector<std::string> Texts(std::string_view claim) const;
  // A claim in seconds since 1970. nullopt: absent, or no number.
  std::optional<Instant> Time(std::string_view claim) const;
};

// kInvalid: not a signed token, or with an algorithm that is not accepted, or with a critical header, or with two
// claims whose names differ in case alone.
Expected<Jwt> ParseJwt(std::string_view token);

struct JsonWebKey {
  std::string id;         // empty: it has none
  std::string algorithm;  // empty: any that fits its type
  crypto::PublicKey key;
};

// The keys of a set by which signatures can be verified; others are passed over. kInvalid: not a set.
Expected<std::vector<JsonWebKey>> ParseKeySet(std::string_view text);

// Whether a key of the set may be the token's: by its id.
bool MayKnow(const Jwt& token, const std::vector<JsonWebKey>& keys);
// One of the keys made the signature.
bool IsSignedByOneOf(const Jwt& token, const std::vector<JsonWebKey>& keys);

enum class TokenTime { kValid, kExpired, kNotYet, kNone };
// By exp, which must be there, nbf and iat. Clocks may differ by `skew`.
TokenTime TimeOf(const Jwt& token, Instant now, Duration skew = std::chrono::minutes(1));

}  // namespace firmsign::federation
