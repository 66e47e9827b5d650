// SPDX-License-Identifier: Apache-2.0

#include "engine/federation/jwt.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "base/encoding.h"
#include "platform/crypto/digest.h"
#include "platform/crypto/ecdsa.h"
#include "platform/crypto/jwk.h"

namespace firmsign::federation {
namespace {

struct Algorithm {
  std::string_view name;
  crypto::KeyType type;
  crypto::Hash hash;
  std::string_view curve;        // OpenSSL's name; empty for RSA
  std::size_t number_bytes = 0;  // of r and of s
};
constexpr Algorithm kAlgorithms[] = {{"RS256", crypto::KeyType::kRsa, crypto::Hash::kSha256, "", 0},
                                     {"RS384", crypto::KeyType::kRsa, crypto::Hash::kSha384, "", 0},
                                     {"RS512", crypto::KeyType::kRsa, crypto::Hash::kSha512, "", 0},
                                     {"ES256", crypto::KeyType::kEc, crypto::Hash::kSha256, "prime256v1", 32},
                                     {"ES384", crypto::KeyType::kEc, crypto::Hash::kSha384, "secp384r1", 48}};
constexpr std::size_t kKeysMax = 100;
constexpr json::Limits kTokenLimits{.bytes_max = kTokenBytesMax, .depth_max = 16};

const Algorithm* FindAlgorithm(std::string_view name) {
  const auto found = std::ranges::find(kAlgorithms, name, &Algorithm::name);
  return found != std::end(kAlgorithms) ? &*found : nullptr;
}

std::unexpected<Error> NotAToken(std::string why) { return Fail(Code::kInvalid, "not a token: " + std::move(why)); }

std::string TextAt(const json::Value& object, std::string_view name) {
  const json::Value* value = object.Find(name);
  return value != nullptr && value->AsString() != nullptr ? *value->AsString() : std::string();
}

// The bytes of a member in base64url; empty when it has none.
std::string BytesAt(const json::Value& object, std::string_view name) {
  return DecodeBase64Url(TextAt(object, name)).value_or("");
}

Expected<json::Value> DecodeObject(std::string_view part) {
  const auto text = DecodeBase64Url(part);
  if (!text) return NotAToken("a part is not base64url");
  auto json = json::Parse(*text, kTokenLimits);
  if (!json || json->AsObject() == nullptr) return NotAToken("a part is not a JSON object");
  return json;
}

// Condition keys know no case: `Sub` beside `sub` would be a second value of one key.
bool HasTwoNamesInOne(const json::Value& object) {
  std::unordered_set<std::string> names;
  return std::ranges::any_of(*object.AsObject(),
                             [&](const auto& member) { return !names.insert(ToLower(member.first)).second; });
}

// kInvalid: it cannot verify anything here.
Expected<crypto::PublicKey> KeyOf(const json::Value& jwk) {
  const std::string type = TextAt(jwk, "kty");
  if (type == "RSA") return crypto::RsaKeyOf(BytesAt(jwk, "n"), BytesAt(jwk, "e"));
  if (type == "EC") return crypto::EcKeyOf(TextAt(jwk, "crv"), BytesAt(jwk, "x"), BytesAt(jwk, "y"));
  return Fail(Code::kInvalid, "a key of another type");
}

bool IsSignedBy(const Jwt& token, const Algorithm& algorithm, const JsonWebKey& key) {
  const crypto::KeyKind kind = key.key.kind();
  if (kind.type != algorithm.type || kind.curve != algorithm.curve) return false;
  if (!key.algorithm.empty() && key.algorithm != token.algorithm) return false;
  std::string signature = token.signature;
  if (algorithm.type == crypto::KeyType::kEc) {
    const auto der = crypto::EcdsaRawToDer(signature, algorithm.number_bytes);
    if (!der) return false;
    signature = *der;
  }
  return key.key.VerifyDigest(algorithm.hash, crypto::DigestOf(algorithm.hash, token.signed_text), signature);
}

}  // namespace

std::string Jwt::Text(std::string_view claim) const { return TextAt(claims, claim); }

std::vector<std::string> Jwt::Texts(std::string_view claim) const {
  const json::Value* value = claims.Find(claim);
  if (value == nullptr) return {};
  if (value->AsString() != nullptr) return {*value->AsString()};
  std::vector<std::string> texts;
  if (value->AsArray() == nullptr) return texts;
  for (const json::Value& one : *value->AsArray()) {
    if (one.AsString() != nullptr) texts.push_back(*one.AsString());
  }
  return texts;
}

std::optional<Instant> Jwt::Time(std::string_view claim) const {
  constexpr double kSecondsMax = 253'402'300'799.0;  // the year 9999
  const json::Value* value = claims.Find(claim);
  if (value == nullptr) return std::nullopt;
  double seconds = 0;
  if (value->AsInt() != nullptr) {
    seconds = static_cast<double>(*value->AsInt());
  } else if (value->AsDouble() != nullptr) {
    seconds = *value->AsDouble();
  } else {
    return std::nullopt;
  }
  if (seconds < 0 || seconds > kSecondsMax) return std::nullopt;
  return Instant{static_cast<std::int64_t>(std::floor(seconds * 1e6))};
}

Expected<Jwt> ParseJwt(std::string_view token) {
  if (token.size() > kTokenBytesMax) return NotAToken("it is too long");
  const std::size_t first = token.find('.');
  const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
    return NotAToken("it has not three parts");
  }
  ASSIGN_OR_RETURN(const json::Value header, DecodeObject(token.substr(0, first)));
  Jwt parsed{.algorithm = TextAt(header, "alg"),
             .key_id = TextAt(header, "kid"),
             .claims = {},
             .signed_text = {},
             .signature = {}};
  if (FindAlgorithm(parsed.algorithm) == nullptr) return NotAToken("its algorithm is not accepted");
  if (header.Find("crit") != nullptr || header.Find("b64") != nullptr) {
    return NotAToken("its header asks for what is not understood");
  }
  ASSIGN_OR_RETURN(parsed.claims, DecodeObject(token.substr(first + 1, second - first - 1)));
  if (HasTwoNamesInOne(parsed.claims)) return NotAToken("it has two claims whose names differ in case alone");
  const auto signature = DecodeBase64Url(token.substr(second + 1));
  if (!signature || signature->empty()) return NotAToken("it has no signature");
  parsed.signature = *signature;
  parsed.signed_text = std::string(token.substr(0, second));
  return parsed;
}

Expected<std::vector<JsonWebKey>> ParseKeySet(std::string_view text) {
  const auto json = json::Parse(text);
  const json::Value* list = json ? json->Find("keys") : nullptr;
  if (list == nullptr || list->AsArray() == nullptr) return Fail(Code::kInvalid, "not a set of keys");
  if (list->AsArray()->size() > kKeysMax) return Fail(Code::kInvalid, "too many keys");
  std::vector<JsonWebKey> keys;
  for (const json::Value& jwk : *list->AsArray()) {
    const std::string use = TextAt(jwk, "use");
    if (!use.empty() && use != "sig") continue;
    auto key = KeyOf(jwk);
    if (key) keys.push_back({.id = TextAt(jwk, "kid"), .algorithm = TextAt(jwk, "alg"), .key = *std::move(key)});
  }
  return keys;
}

bool MayKnow(const Jwt& token, const std::vector<JsonWebKey>& keys) {
  return std::ranges::any_of(keys,
                             [&](const JsonWebKey& key) { return token.key_id.empty() || key.id == token.key_id; });
}

bool IsSignedByOneOf(const Jwt& token, const std::vector<JsonWebKey>& keys) {
  const Algorithm* algorithm = FindAlgorithm(token.algorithm);
  if (algorithm == nullptr) return false;
  return std::ranges::any_of(keys, [&](const JsonWebKey& key) {
    return (token.key_id.empty() || key.id == token.key_id) && IsSignedBy(token, *algorithm, key);
  });
}

TokenTime TimeOf(const Jwt& token, Instant now, Duration skew) {
  const auto expires = token.Time("exp");
  if (!expires) return TokenTime::kNone;
  if (*expires + skew <= now) return TokenTime::kExpired;
  for (const std::string_view claim : {"nbf", "iat"}) {
    const auto begins = token.Time(claim);
    if (!begins && token.claims.Find(claim) != nullptr) return TokenTime::kNone;
    if (begins && now + skew < *begins) return TokenTime::kNotYet;
  }
  return TokenTime::kValid;
}

}  // namespace firmsign::federation
