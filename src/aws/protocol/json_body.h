// SPDX-License-Identifier: Apache-2.0
//
// What restJson1 and awsJson1_1 share: structs to JSON objects and back.

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/protocol/codec.h"
#include "platform/json/json.h"

namespace firmsign::aws {

// Which members of the outermost struct are in the JSON object: all, or only those bound to the body.
enum class BodyMembers { kAll, kBodyOnly };

// Fills `object` from `value`. Null members count as absent, unknown ones are ignored, nulls in lists and maps dropped.
// Malformed: a member has the wrong JSON type, or text that is no base64 or time.
std::expected<void, Malformed> ReadJson(const Shape& shape, const json::Value& value, BodyMembers which, void* object,
                                        std::vector<Violation>& violations);

// Parses `body`, whose absence counts as {}, and reads it.
std::expected<void, Malformed> ReadJsonBody(const OperationDescriptor& operation, std::string_view body,
                                            BodyMembers which, void* object, std::vector<Violation>& violations);

void WriteJson(const Shape& shape, const void* object, BodyMembers which, json::Writer& writer);

// The body of an error: `first`, a name and its text, unless that is empty; the message under `message_name`; extras.
std::string WriteJsonError(const ApiError& error, std::pair<std::string_view, std::string_view> first,
                           std::string_view message_name);

}  // namespace firmsign::aws
