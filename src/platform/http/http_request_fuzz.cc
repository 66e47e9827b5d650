// SPDX-License-Identifier: Apache-2.0
//
// The request parser under arbitrary bytes. Properties: what comes out does not depend on how the bytes are split, and
// a head that is accepted keeps the rules of server.h.
//
// Seeds: tests/corpus/http_request, plain requests. The splits come from the bytes themselves.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/encoding.h"
#include "platform/http/parser.h"
#include "platform/http/testing/feed.h"

namespace {

using firmsign::EqualsIgnoreCase;
using firmsign::http::HeadLimits;
using firmsign::http::RequestHead;
using firmsign::http::RequestParser;
using firmsign::http::testing::Fed;
using firmsign::http::testing::FeedSplit;
using firmsign::http::testing::FeedWhole;

constexpr HeadLimits kLimits{.bytes_max = 2048, .fields_max = 16};

void CheckRules(std::string_view bytes) {
  RequestParser parser(kLimits);
  RequestParser::Step step = parser.ParseHead(bytes);
  if (step.outcome != RequestParser::Outcome::kComplete) return;
  CHECK(step.consumed <= kLimits.bytes_max);
  std::string_view raw = bytes.substr(0, step.consumed);
  CHECK(raw.ends_with("\r\n\r\n"));
  CHECK(raw.find("\r\n ") == raw.npos && raw.find("\r\n\t") == raw.npos);
  CHECK(raw.find('\0') == raw.npos);
  CHECK(std::ranges::count(raw, '\r') == std::ranges::count(raw, '\n'));
  const RequestHead& head = parser.head().head;
  CHECK(head.headers.size() <= kLimits.fields_max);
  CHECK(std::ranges::all_of(head.target, [](char c) { return c > ' ' && c < '\x7f'; }));
  CHECK(head.target.starts_with('/') || (head.target == "*" && head.method == "OPTIONS"));
  int hosts = 0;
  int lengths = 0;
  int codings = 0;
  for (const auto& field : head.headers) {
    hosts += EqualsIgnoreCase(field.name, "Host");
    if (EqualsIgnoreCase(field.name, "Content-Length")) {
      ++lengths;
      CHECK(!field.value.empty() && std::ranges::all_of(field.value, [](char c) { return c >= '0' && c <= '9'; }));
    }
    if (EqualsIgnoreCase(field.name, "Transfer-Encoding")) {
      ++codings;
      CHECK(EqualsIgnoreCase(field.value, "chunked"));
    }
  }
  CHECK(hosts == 1);
  CHECK(lengths + codings <= 1);
  CHECK(head.chunked == (codings == 1));
  CHECK(head.content_length.has_value() == (lengths == 1));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  CheckRules(bytes);
  Fed whole = FeedWhole(bytes, kLimits);
  CHECK(whole == FeedSplit(bytes, kLimits, [](std::size_t) { return std::size_t{1}; }));
  CHECK(whole == FeedSplit(bytes, kLimits, [&](std::size_t at) {
          return static_cast<std::size_t>(static_cast<unsigned char>(bytes[at]) % 13 + 1);
        }));
  return 0;
}
