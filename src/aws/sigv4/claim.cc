// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "aws/sigv4/sigv4.h"
#include "base/encoding.h"

namespace firmsign::sigv4 {
namespace {

constexpr std::size_t kSignedHeadersMax = 128;
constexpr std::int64_t kExpiresSecondsMax = 604800;
constexpr std::string_view kTerminator = "aws4_request";

std::unexpected<ClaimError> Refuse(ClaimProblem problem, std::string message) {
  return std::unexpected(ClaimError{problem, std::move(message)});
}

// Takes the text up to the next `separator` off the front of `rest`.
std::string_view TakeUntil(std::string_view& rest, char separator) {
  const auto at = rest.find(separator);
  const auto taken = rest.substr(0, at);
  rest.remove_prefix(at == std::string_view::npos ? rest.size() : at + 1);
  return taken;
}

// AKID/YYYYMMDD/region/service/aws4_request
std::expected<void, std::string> ReadCredential(std::string_view credential, Claim& claim) {
  std::array<std::string_view, 5> parts;
  std::size_t count = 1 + static_cast<std::size_t>(std::count(credential.begin(), credential.end(), '/'));
  if (count != parts.size()) {
    return std::unexpected(
        "Credential must have exactly 5 slash-delimited elements, "
        "e.g. keyid/date/region/service/term.");
  }
  for (auto& part : parts) {
    part = TakeUntil(credential, '/');
    if (part.empty()) return std::unexpected("Credential must not have empty elements.");
  }
  if (parts[4] != kTerminator) {
    return std::unexpected("Credential should be scoped with a valid terminator: 'aws4_request'.");
  }
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (parts[1].size() != 8 || !std::all_of(parts[1].begin(), parts[1].end(), is_digit)) {
    return std::unexpected("Credential should be scoped to a date of the form YYYYMMDD.");
  }
  claim.access_key = AccessKeyId(parts[0]);
  claim.scope = {std::string(parts[1]), std::string(parts[2]), std::string(parts[3])};
  return {};
}

// Lower-case names, each once. What the list leaves out is judged by Verify.
std::expected<void, std::string> ReadSignedHeaders(std::string_view list, Claim& claim) {
  while (!list.empty()) {
    const auto name = TakeUntil(list, ';');
    const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (name.empty() || std::any_of(name.begin(), name.end(), is_upper)) {
      return std::unexpected("SignedHeaders must be lower-case names with ';' between them.");
    }
    if (std::find(claim.signed_headers.begin(), claim.signed_headers.end(), name) != claim.signed_headers.end()) {
      return std::unexpected("SignedHeaders must not name a header twice.");
    }
    if (claim.signed_headers.size() == kSignedHeadersMax) return std::unexpected("SignedHeaders is too long.");
    claim.signed_headers.emplace_back(name);
  }
  if (claim.signed_headers.empty()) return std::unexpected("SignedHeaders must not be empty.");
  return {};
}

// X-Amz-Date, else Date, which may be an HTTP date.
std::expected<void, ClaimError> ReadHeaderDate(const http::RequestHead& head, Claim& claim) {
  std::optional<Instant> date;
  if (const auto amz_date = head.headers.Find("x-amz-date")) {
    date = ParseBasicIso8601(*amz_date);
    if (!date) {
      return Refuse(ClaimProblem::kMissingDate,
                    "Date must be in ISO-8601 'basic format'. Got a different X-Amz-Date header.");
    }
  } else if (const auto plain = head.headers.Find("date")) {
    date = ParseHttpDate(*plain);
    if (!date) date = ParseBasicIso8601(*plain);
  }
  if (!date) {
    return Refuse(ClaimProblem::kMissingDate,
                  "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  }
  claim.date = *date;
  claim.amz_date = FormatBasicIso8601(*date);
  return {};
}

std::expected<Claim, ClaimError> ReadHeaderForm(const http::RequestHead& head, std::string_view value) {
  if (!value.starts_with(kAlgorithm) || value.size() == kAlgorithm.size() ||
      (value[kAlgorithm.size()] != ' ' && value[kAlgorithm.size()] != '\t')) {
    return Refuse(ClaimProblem::kMalformedHeader,
                  "Unsupported authorization type: only AWS4-HMAC-SHA256 is supported.");
  }
  value.remove_prefix(kAlgorithm.size());
  std::optional<std::string_view> credential, signed_headers, signature;
  while (!value.empty()) {
    auto parameter = TrimBlanks(TakeUntil(value, ','));
    const auto name = TakeUntil(parameter, '=');
    auto* slot = name == "Credential"      ? &credential
                 : name == "SignedHeaders" ? &signed_headers
                 : name == "Signature"     ? &signature
                                           : nullptr;
    if (slot == nullptr || slot->has_value()) {
      return Refuse(
          ClaimProblem::kMalformedHeader,
          "Authorization header must have the parameters Credential, SignedHeaders and Signature, each once.");
    }
    *slot = parameter;
  }
  std::string missing;
  for (const auto& [name, slot] : {std::pair("Credential", &credential), std::pair("Signature", &signature),
                                   std::pair("SignedHeaders", &signed_headers)}) {
    if (slot->has_value() && !(*slot)->empty()) continue;
    if (!missing.empty()) missing += ' ';
    missing.append("Authorization header requires '").append(name).append("' parameter.");
  }
  if (!missing.empty()) return Refuse(ClaimProblem::kMalformedHeader, std::move(missing));

  Claim claim;
  if (auto read = ReadCredential(*credential, claim); !read) {
    return Refuse(ClaimProblem::kMalformedHeader, std::move(read).error());
  }
  if (auto read = ReadSignedHeaders(*signed_headers, claim); !read) {
    return Refuse(ClaimProblem::kMalformedHeader, std::move(read).error());
  }
  if (auto read = ReadHeaderDate(head, claim); !read) return std::unexpected(std::move(read).error());
  claim.signature = *signature;
  claim.security_token = head.headers.Get("x-amz-security-token");
  return claim;
}

// The parameters of the query form, decoded.
struct QueryParameters {
  std::optional<std::string> algorithm, credential, date, expires, signed_headers, token, signature;
  bool repeated = false;
  bool broken = false;

  bool any() const { return algorithm || credential || signature; }
};

QueryParameters ReadQueryParameters(std::string_view query) {
  QueryParameters found;
  while (!query.empty()) {
    auto value = TakeUntil(query, '&');
    const auto name = TakeUntil(value, '=');
    if (!name.starts_with("X-Amz-")) continue;
    auto* slot = name == "X-Amz-Algorithm"        ? &found.algorithm
                 : name == "X-Amz-Credential"     ? &found.credential
                 : name == "X-Amz-Date"           ? &found.date
                 : name == "X-Amz-Expires"        ? &found.expires
                 : name == "X-Amz-SignedHeaders"  ? &found.signed_headers
                 : name == "X-Amz-Security-Token" ? &found.token
                 : name == "X-Amz-Signature"      ? &found.signature
                                                  : nullptr;
    if (slot == nullptr) continue;
    auto decoded = DecodePercent(value);
    found.repeated = found.repeated || slot->has_value();
    found.broken = found.broken || !decoded;
    *slot = decoded ? std::move(*decoded) : std::string();
  }
  return found;
}

std::expected<std::int64_t, std::string> ReadExpires(std::string_view text) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::unexpected("X-Amz-Expires should be a number");
  }
  if (seconds < 0) return std::unexpected("X-Amz-Expires must be non-negative");
  if (seconds == 0) return std::unexpected("X-Amz-Expires must be at least 1 second");
  if (seconds > kExpiresSecondsMax) {
    return std::unexpected(
        "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must "
        "be less than 604800 seconds");
  }
  return seconds;
}

std::expected<Claim, ClaimError> ReadQueryForm(QueryParameters found) {
  const auto malformed = [](std::string message) { return Refuse(ClaimProblem::kMalformedQuery, std::move(message)); };
  if (!found.algorithm || !found.credential || !found.signature || !found.date || !found.signed_headers ||
      !found.expires || found.signature->empty()) {
    return malformed(
        "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, "
        "X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.");
  }
  if (found.repeated) return malformed("The X-Amz-* authentication parameters must be given once each.");
  if (found.broken) return malformed("The X-Amz-* authentication parameters must be percent-encoded.");
  if (*found.algorithm != kAlgorithm) return malformed("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"");
  Claim claim;
  claim.presigned = true;
  if (auto read = ReadCredential(*found.credential, claim); !read) return malformed(std::move(read).error());
  if (auto read = ReadSignedHeaders(*found.signed_headers, claim); !read) return malformed(std::move(read).error());
  const auto date = ParseBasicIso8601(*found.date);
  if (!date) return malformed("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  auto expires = ReadExpires(*found.expires);
  if (!expires) return malformed(std::move(expires).error());
  claim.date = *date;
  claim.amz_date = FormatBasicIso8601(*date);
  claim.expires_seconds = *expires;
  claim.signature = *std::move(found.signature);
  if (found.token) claim.security_token = *std::move(found.token);
  return claim;
}

}  // namespace

std::expected<Claim, ClaimError> ReadFormClaim(std::string_view algorithm, std::string_view credential,
                                               std::string_view date, std::string_view signature,
                                               std::string_view security_token) {
  if (algorithm != kAlgorithm) {
    return Refuse(ClaimProblem::kMalformedHeader, "x-amz-algorithm must be AWS4-HMAC-SHA256.");
  }
  Claim claim;
  if (auto read = ReadCredential(credential, claim); !read) {
    return Refuse(ClaimProblem::kMalformedHeader, std::move(read).error());
  }
  const std::optional<Instant> parsed = ParseBasicIso8601(date);
  if (!parsed) return Refuse(ClaimProblem::kMissingDate, "x-amz-date must be in ISO-8601 'basic format'.");
  if (signature.empty()) return Refuse(ClaimProblem::kMalformedHeader, "x-amz-signature must not be empty.");
  claim.date = *parsed;
  claim.amz_date = FormatBasicIso8601(*parsed);
  claim.signature = signature;
  claim.security_token = security_token;
  return claim;
}

std::expected<Claim, ClaimError> ReadClaim(const http::RequestHead& head) {
  const auto authorization = head.headers.Find("authorization");
  const auto query = head.query();
  QueryParameters found;
  if (query.find("X-Amz-") != std::string_view::npos) found = ReadQueryParameters(query);
  if (!authorization) {
    if (!found.any()) return Refuse(ClaimProblem::kNone, "Missing Authentication Token");
    return ReadQueryForm(std::move(found));
  }
  const auto is_authorization = [](const auto& field) { return EqualsIgnoreCase(field.name, "authorization"); };
  if (found.any() || std::count_if(head.headers.begin(), head.headers.end(), is_authorization) > 1) {
    return Refuse(ClaimProblem::kMalformedHeader,
                  "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter or the Authorization "
                  "header should be specified");
  }
  return ReadHeaderForm(head, TrimBlanks(*authorization));
}

}  // namespace firmsign::sigv4
