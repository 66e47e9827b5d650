// SPDX-License-Identifier: Apache-2.0
//
// What rest-json reads, it writes, and reads back as the same; and whether it can be read does not depend on what
// stands in members that nobody knows.

#include <cstdint>
#include <string>
#include <string_view>

#include "aws/protocol/codec.h"
#include "aws/protocol/testing/sample.h"
#include "base/check.h"

namespace firmsign::aws {
namespace {

constexpr auto kEcho = sample::Echo(sample::kRestJsonService);

bool Read(std::string_view body, sample::Everything& input, std::vector<Violation>& violations) {
  http::RequestHead head;
  head.method = "POST";
  head.target = "/";
  const WireRequest request{.head = head, .path = head.path(), .query = {}, .body = body};
  return CodecFor(Protocol::kRestJson).Parse(kEcho, request, &input, violations).has_value();
}

std::string WriteOut(const sample::Everything& value) {
  return std::get<std::string>(CodecFor(Protocol::kRestJson).Write(kEcho, &value, "id").body);
}

}  // namespace

// Inside a namespace for the names; its own name is C.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  sample::Everything input;
  std::vector<Violation> violations;
  if (!Read(body, input, violations)) return 0;
  if (!violations.empty()) {
    CHECK(!FormatViolations(violations).empty());
    return 0;
  }
  // Times are written in milliseconds.
  if (input.at) input.at->micros -= input.at->micros % 1000;
  const auto written = WriteOut(input);
  for (const std::string& again : {written, "{\"other\":[{\"name\":1}]," + written.substr(1)}) {
    sample::Everything second;
    CHECK(Read(again, second, violations));
    CHECK(violations.empty());
    CHECK(WriteOut(second) == written);
  }
  std::string audit;
  WriteStructAsJson(sample::kEverything, &input, true, audit);
  return 0;
}

}  // namespace firmsign::aws
