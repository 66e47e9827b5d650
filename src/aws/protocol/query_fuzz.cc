// SPDX-License-Identifier: Apache-2.0
//
// What a form means does not depend on the order of its parameters.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "aws/protocol/codec.h"
#include "aws/protocol/testing/sample.h"
#include "base/check.h"

namespace firmsign::aws {
namespace {

constexpr auto kEcho = sample::Echo(sample::kQueryService);

// The answer that echoes the form, or what is wrong with it.
std::string Meaning(std::string_view body) {
  http::RequestHead head;
  head.method = "POST";
  head.target = "/";
  const WireRequest request{.head = head, .path = head.path(), .query = {}, .body = body};
  sample::Everything input;
  std::vector<Violation> violations;
  const auto& codec = CodecFor(Protocol::kQuery);
  if (!codec.Parse(kEcho, request, &input, violations)) return "malformed";
  if (!violations.empty()) return FormatViolations(violations);
  return std::get<std::string>(codec.Write(kEcho, &input, "id").body);
}

std::string Reversed(std::string_view form) {
  std::string out;
  while (!form.empty()) {
    const auto piece = form.substr(0, form.find('&'));
    form.remove_prefix(std::min(piece.size() + 1, form.size()));
    out.insert(0, out.empty() ? "" : "&").insert(0, piece);
  }
  return out;
}

}  // namespace

// Inside a namespace for the names; its own name is C.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  CHECK(Meaning(body) == Meaning(Reversed(body)));
  return 0;
}

}  // namespace firmsign::aws
