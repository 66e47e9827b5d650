// SPDX-License-Identifier: Apache-2.0
//
// For tests of the codecs: parses a request given as its parts.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "aws/operation.h"
#include "aws/protocol/codec.h"

namespace firmsign::aws {

struct Parsed {
  std::optional<std::string> malformed;
  std::vector<Violation> violations;
};

template <class T>
Parsed Parse(const OperationDescriptor& operation, std::string_view body, T& input, std::string target = "/",
             http::Headers headers = {}) {
  http::RequestHead head;
  head.method = operation.method;
  head.target = std::move(target);
  head.headers = std::move(headers);
  Parsed parsed;
  const WireRequest request{.head = head, .path = head.path(), .query = head.query(), .body = body};
  auto result = CodecFor(operation.service->protocol).Parse(operation, request, &input, parsed.violations);
  if (!result) parsed.malformed = result.error().message;
  return parsed;
}

inline std::string BodyOf(const http::Response& response) { return std::get<std::string>(response.body); }

}  // namespace firmsign::aws
