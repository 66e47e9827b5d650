// SPDX-License-Identifier: Apache-2.0
//
// Whatever the head: it verifies only when its signature is the one that the key gives, a head that we signed verifies,
// and one that we signed and somebody changed does not.
//
// Input: a request in the form of HTTP, `METHOD target\n` and `name:value\n` lines.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "aws/sigv4/sigv4.h"
#include "base/check.h"
#include "base/encoding.h"

namespace firmsign::sigv4 {
namespace {

constexpr std::string_view kHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

std::string_view TakeLine(std::string_view& text) {
  const auto line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

http::RequestHead ReadHead(std::string_view text) {
  http::RequestHead head;
  const auto first = TakeLine(text);
  const auto blank = std::min(first.find(' '), first.size());
  head.method = first.substr(0, blank);
  head.target = blank < first.size() ? first.substr(blank + 1) : "/";
  while (!text.empty()) {
    const auto line = TakeLine(text);
    const auto colon = line.find(':');
    if (colon == 0 || colon == std::string_view::npos) continue;
    head.headers.Add(std::string(line.substr(0, colon)), std::string(TrimBlanks(line.substr(colon + 1))));
  }
  return head;
}

void CheckUnsigned(const http::RequestHead& head, PathRule rule) {
  const auto claim = ReadClaim(head);
  if (!claim) return;
  const auto key = SigningKey(SecretBytes("secret"), claim->scope);
  const auto result = Verify(head, *claim, rule, kHash, key, claim->date);
  const auto expected = Sign(key, StringToSign(*claim, CanonicalRequest(head, *claim, rule, kHash)));
  if (result.verdict == Verdict::kValid) CHECK(claim->signature == expected);
  // With the right signature only what is not about the signature is left to refuse.
  auto right = *claim;
  right.signature = expected;
  const auto verdict = Verify(head, right, rule, kHash, key, right.date).verdict;
  CHECK(verdict != Verdict::kExpired && verdict != Verdict::kNotYetValid);
  if (verdict == Verdict::kMismatch) CHECK(right.scope.date != right.amz_date.substr(0, 8));
}

void CheckSigned(http::RequestHead head, PathRule rule) {
  // The query form beside our header would be two mechanisms; Date may be anything, X-Amz-Date is ours.
  if (head.query().find("X-Amz-") != std::string_view::npos) return;
  head.headers.Set("Host", "h");
  const Instant now = InstantFromSeconds(1'700'000'000);
  SignRequest(head, {AccessKeyId("AKID"), SecretBytes("secret"), {}}, "us-east-1", "s3", rule, kHash, now);
  const auto claim = ReadClaim(head);
  CHECK(claim.has_value());
  const auto key = SigningKey(SecretBytes("secret"), claim->scope);
  const auto result = Verify(head, *claim, rule, kHash, key, now);
  CHECK(result.verdict == Verdict::kValid);
  head.method += 'X';
  CHECK(Verify(head, *claim, rule, kHash, key, now).verdict == Verdict::kMismatch);
}

// What an HTTP parser lets through, as far as it matters to a list of names.
bool IsToken(std::string_view name) { return name.find_first_of(";,= \t\r:") == std::string_view::npos; }

}  // namespace

// Inside a namespace for the names; its own name is C.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto head = ReadHead({reinterpret_cast<const char*>(data), size});
  for (const auto rule : {PathRule::kS3, PathRule::kNormalizeAndEncodeTwice}) {
    CheckUnsigned(head, rule);
    bool tokens = true;
    for (const auto& field : head.headers) tokens = tokens && IsToken(field.name);
    if (tokens) CheckSigned(head, rule);
  }
  return 0;
}

}  // namespace firmsign::sigv4
