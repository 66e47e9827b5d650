// SPDX-License-Identifier: Apache-2.0

#include "aws/sigv4/sigv4.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/encoding.h"
#include "platform/crypto/digest.h"

namespace firmsign::sigv4 {
namespace {

constexpr SecretAccess kAccess("HMAC key of Signature Version 4");

std::string Hmac(std::string_view key, std::string_view text) { return crypto::Hmac(crypto::Hash::kSha256, key, text); }

// What proxies change, and the signature itself (contract 00-common §0.3).
bool IsNeverSigned(std::string_view name) {
  static constexpr std::array<std::string_view, 10> kNames = {
      "authorization", "connection",        "expect",  "keep-alive",     "te", "trailer",
      "user-agent",    "transfer-encoding", "upgrade", "x-amzn-trace-id"};
  return name.starts_with("proxy-") || std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

bool IsSigned(const Claim& claim, std::string_view name) {
  return std::any_of(claim.signed_headers.begin(), claim.signed_headers.end(),
                     [name](const std::string& signed_name) { return EqualsIgnoreCase(signed_name, name); });
}

bool IsAmzHeader(std::string_view name) { return name.size() > 6 && EqualsIgnoreCase(name.substr(0, 6), "x-amz-"); }

// The names of headers that change the meaning of the request and that the signature does not cover.
std::string UnsignedHeaders(const http::RequestHead& head, const Claim& claim) {
  std::string names;
  for (const auto& field : head.headers) {
    if (!IsAmzHeader(field.name) || IsSigned(claim, field.name)) continue;
    if (!names.empty()) names += ", ";
    names += ToLower(field.name);
  }
  return names;
}

// kValid when `now` is inside the time that the claim gives itself.
Verification CheckTime(const Claim& claim, PathRule rule, Instant now) {
  const bool s3 = rule == PathRule::kS3;
  Verification result{.verdict = Verdict::kValid};
  const auto text = [](Instant at) { return FormatBasicIso8601(at); };
  if (claim.date > now + kSkewMax) {
    result.verdict = Verdict::kNotYetValid;
    result.message = s3 && claim.presigned ? "Request is not valid yet"
                     : s3 ? "The difference between the request time and the current time is too large."
                          : "Signature not yet current: " + claim.amz_date + " is still later than " +
                                text(now + kSkewMax) + " (" + text(now) + " + 15 min.)";
    return result;
  }
  const Duration life = claim.presigned ? std::chrono::seconds(claim.expires_seconds.value_or(0)) : kSkewMax;
  if (now > claim.date + life) {
    result.verdict = Verdict::kExpired;
    result.message = claim.presigned ? "Request has expired"
                     : s3            ? "The difference between the request time and the current time is too large."
                          : "Signature expired: " + claim.amz_date + " is now earlier than " + text(now - kSkewMax) +
                                " (" + text(now) + " - 15 min.)";
  }
  return result;
}

}  // namespace

std::string Scope::str() const {
  std::string out;
  out.reserve(date.size() + region.size() + service.size() + 15);
  return out.append(date).append(1, '/').append(region).append(1, '/').append(service).append("/aws4_request");
}

std::string StringToSign(const Claim& claim, std::string_view canonical_request) {
  std::string out;
  out.reserve(192);
  out.append(kAlgorithm).append(1, '\n').append(claim.amz_date).append(1, '\n').append(claim.scope.str());
  return out.append(1, '\n').append(crypto::Sha256Hex(canonical_request));
}

SecretBytes SigningKey(const SecretBytes& secret, const Scope& scope) {
  std::string key = "AWS4";
  key += secret.Reveal(kAccess);
  for (const std::string_view part : {std::string_view(scope.date), std::string_view(scope.region),
                                      std::string_view(scope.service), std::string_view("aws4_request")}) {
    std::string next = Hmac(key, part);
    Wipe(key);
    key = std::move(next);
  }
  return SecretBytes(std::move(key));
}

std::string Sign(const SecretBytes& signing_key, std::string_view string_to_sign) {
  return EncodeHex(Hmac(signing_key.Reveal(kAccess), string_to_sign));
}

Verification Verify(const http::RequestHead& head, const Claim& claim, PathRule rule, std::string_view payload_hash,
                    const SecretBytes& signing_key, Instant now) {
  if (!IsSigned(claim, "host")) {
    return {.verdict = Verdict::kHeaderNotSigned,
            .message = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."};
  }
  if (auto names = UnsignedHeaders(head, claim); !names.empty()) {
    return {.verdict = Verdict::kHeaderNotSigned,
            .message = "There were headers present in the request which were not signed: " + names};
  }
  if (auto timely = CheckTime(claim, rule, now); timely.verdict != Verdict::kValid) return timely;

  Verification result;
  result.canonical_request = CanonicalRequest(head, claim, rule, payload_hash);
  result.string_to_sign = StringToSign(claim, result.canonical_request);
  if (claim.amz_date.substr(0, 8) != claim.scope.date) {
    result.message = "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '" +
                     claim.scope.date + "' != '" + claim.amz_date.substr(0, 8) + "', from '" + claim.amz_date + "'.";
    return result;
  }
  if (ConstantTimeEquals(Sign(signing_key, result.string_to_sign), claim.signature)) {
    result.verdict = Verdict::kValid;
    return result;
  }
  result.message = rule == PathRule::kS3 ? "The request signature we calculated does not match the signature you "
                                           "provided. Check your key and signing method."
                                         : "The request signature we calculated does not match the signature you "
                                           "provided. Check your AWS Secret Access Key and signing method. Consult "
                                           "the service documentation for details.";
  return result;
}

void SignRequest(http::RequestHead& head, const Credentials& credentials, std::string_view region,
                 std::string_view service, PathRule rule, std::string_view payload_hash, Instant now) {
  Claim claim;
  claim.date = now;
  claim.amz_date = FormatBasicIso8601(now);
  claim.scope = {claim.amz_date.substr(0, 8), std::string(region), std::string(service)};
  head.headers.Remove("Authorization");
  head.headers.Set("X-Amz-Date", claim.amz_date);
  head.headers.Remove("X-Amz-Security-Token");
  if (!credentials.token.empty()) head.headers.Set("X-Amz-Security-Token", credentials.token);
  if (rule == PathRule::kS3) head.headers.Set("X-Amz-Content-Sha256", std::string(payload_hash));

  for (const auto& field : head.headers) {
    auto name = ToLower(field.name);
    if (!IsNeverSigned(name)) claim.signed_headers.push_back(std::move(name));
  }
  std::sort(claim.signed_headers.begin(), claim.signed_headers.end());
  claim.signed_headers.erase(std::unique(claim.signed_headers.begin(), claim.signed_headers.end()),
                             claim.signed_headers.end());

  std::string value(kAlgorithm);
  value.append(" Credential=").append(credentials.access_key.str()).append(1, '/').append(claim.scope.str());
  value.append(", SignedHeaders=");
  for (const auto& name : claim.signed_headers) value.append(name).append(1, ';');
  value.pop_back();
  const auto text = StringToSign(claim, CanonicalRequest(head, claim, rule, payload_hash));
  value.append(", Signature=").append(Sign(SigningKey(credentials.secret, claim.scope), text));
  head.headers.Add("Authorization", std::move(value));
}

}  // namespace firmsign::sigv4
