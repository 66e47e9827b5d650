// SPDX-License-Identifier: Apache-2.0
//
// What restJson1 and restXml share: members that travel in the path, the query and the headers.
//
// Smithy's page on HTTP bindings.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aws/operation.h"
#include "aws/protocol/codec.h"

namespace firmsign::aws {

// The name of a member on the wire.
inline std::string_view WireName(const Member& member) {
  return member.wire_name.empty() ? member.name : member.wire_name;
}

// A required member that was not on the wire.
Violation NullViolation(std::string_view path, std::string_view member);

// Fills the members of `input` that are bound to path, query and headers. Required ones that are absent, and texts that
// are no number, boolean or time, are added to `violations`.
// Malformed: the path does not fit the operation's template, or percent-encoding is broken.
std::expected<void, Malformed> BindRequest(const OperationDescriptor& operation, const WireRequest& request,
                                           void* input, std::vector<Violation>& violations);

// Adds the members of `output` that are bound to headers. A member bound to Content-Length becomes
// response.content_length.
void WriteHeaders(const Shape& shape, const void* output, http::Response& response);

// The member that alone is the body; nullptr when there is none.
const Member* PayloadMember(const Shape& shape);
// True when a member travels in the body beside others.
bool HasBodyMembers(const Shape& shape);

}  // namespace firmsign::aws
