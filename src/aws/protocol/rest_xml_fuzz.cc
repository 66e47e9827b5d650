// SPDX-License-Identifier: Apache-2.0
//
// What rest-xml reads, it writes, and reads back as the same.

#include <cstdint>
#include <string>
#include <string_view>

#include "aws/protocol/codec.h"
#include "aws/protocol/testing/sample.h"
#include "base/check.h"

namespace firmsign::aws {
namespace {

// Everything is the payload, so that one struct goes both ways.
struct Envelope {
  std::optional<sample::Everything> document;
};
constexpr Member kMembers[] = {
    sample::Make<&Envelope::document>("Everything", sample::kEverything, Location::kPayload)};
constexpr Shape kEnvelope{.kind = Kind::kStructure, .name = "Envelope", .members = kMembers};
constexpr OperationDescriptor kEcho{.service = &sample::kRestXmlService,
                                    .name = "Echo",
                                    .method = "PUT",
                                    .uri = "/",
                                    .input = &kEnvelope,
                                    .output = &kEnvelope};

bool Read(std::string_view body, Envelope& input, std::vector<Violation>& violations) {
  http::RequestHead head;
  head.method = "PUT";
  head.target = "/";
  const WireRequest request{.head = head, .path = head.path(), .query = {}, .body = body};
  return CodecFor(Protocol::kRestXml).Parse(kEcho, request, &input, violations).has_value();
}

std::string WriteOut(const Envelope& value) {
  return std::get<std::string>(CodecFor(Protocol::kRestXml).Write(kEcho, &value, "id").body);
}

}  // namespace

// Inside a namespace for the names; its own name is C.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  Envelope input;
  std::vector<Violation> violations;
  if (!Read(body, input, violations) || !violations.empty() || !input.document) return 0;
  const auto written = WriteOut(input);
  // An empty flattened list leaves no trace, characters that XML cannot hold come back as they are escaped.
  Envelope second;
  CHECK(Read(written, second, violations));
  CHECK(violations.empty());
  CHECK(WriteOut(second) == written);
  return 0;
}

}  // namespace firmsign::aws
