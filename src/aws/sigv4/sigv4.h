// SPDX-License-Identifier: Apache-2.0
//
// Signature Version 4: verification and signing as pure functions. Time and secrets are parameters; nothing is looked
// up.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html; the rules in one table: contract 00-common
// §0.3.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/secret.h"
#include "base/strong.h"
#include "base/time.h"
#include "platform/http/message.h"

namespace firmsign::sigv4 {

inline constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
inline constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";
inline constexpr Duration kSkewMax = std::chrono::minutes(15);

// 20150830/us-east-1/service/aws4_request
struct Scope {
  std::string date;  // YYYYMMDD
  std::string region;
  std::string service;

  std::string str() const;
};

// What a request claims about itself, before anything is checked.
struct Claim {
  AccessKeyId access_key;
  Scope scope;
  std::vector<std::string> signed_headers;  // lower case, in the order given
  std::string signature;                    // as given, never empty; only Verify says whether it is right
  Instant date;
  std::string amz_date;        // the same as text
  std::string security_token;  // empty when there is none
  bool presigned = false;
  std::optional<std::int64_t> expires_seconds;  // presigned only
};

enum class ClaimProblem {
  kNone,             // no credentials at all
  kMalformedHeader,  // an Authorization header that is not SigV4's
  kMalformedQuery,   // presigned parameters that are missing or wrong
  kMissingDate,
};
struct ClaimError {
  ClaimProblem problem;
  std::string message;
};

// Reads the header form or the query form. A request with both is malformed.
std::expected<Claim, ClaimError> ReadClaim(const http::RequestHead& head);

// The claim of a form that a browser sends (S3's POST), from its fields; no header is signed.
std::expected<Claim, ClaimError> ReadFormClaim(std::string_view algorithm, std::string_view credential,
                                               std::string_view date, std::string_view signature,
                                               std::string_view security_token);

// S3 signs the path as sent; all other services normalise it and encode it once more.
enum class PathRule { kS3, kNormalizeAndEncodeTwice };

// The canonical request. `payload_hash` is its last line.
std::string CanonicalRequest(const http::RequestHead& head, const Claim& claim, PathRule rule,
                             std::string_view payload_hash);
std::string StringToSign(const Claim& claim, std::string_view canonical_request);

// The HMAC chain over date, region, service and "aws4_request". 32 bytes; safe to cache per key, date, region, service.
SecretBytes SigningKey(const SecretBytes& secret, const Scope& scope);
// 64 lower-case hexadecimal characters.
std::string Sign(const SecretBytes& signing_key, std::string_view string_to_sign);

enum class Verdict { kValid, kMismatch, kNotYetValid, kExpired, kHeaderNotSigned };
struct Verification {
  Verdict verdict = Verdict::kMismatch;
  std::string canonical_request;  // S3 shows both to the client on a mismatch
  std::string string_to_sign;
  std::string message;  // AWS's wording for everything but kValid
};
// Compares in constant time. `host` and every x-amz-* header that is present must be signed.
Verification Verify(const http::RequestHead& head, const Claim& claim, PathRule rule, std::string_view payload_hash,
                    const SecretBytes& signing_key, Instant now);

// The client side, used by `firmsign sign` and the S3 client: adds X-Amz-Date, X-Amz-Security-Token when `token` is not
// empty, with PathRule::kS3 X-Amz-Content-Sha256, and Authorization; each replaces one that was there. `head` has its
// Host and every other header that is to be signed; headers that proxies change are not signed.
struct Credentials {
  AccessKeyId access_key;
  SecretBytes secret;
  std::string token;
};
void SignRequest(http::RequestHead& head, const Credentials& credentials, std::string_view region,
                 std::string_view service, PathRule rule, std::string_view payload_hash, Instant now);

}  // namespace firmsign::sigv4
