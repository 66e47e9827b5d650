// SPDX-License-Identifier: Apache-2.0
//
// Checks an input against the constraints of its model, in AWS's wording.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aws/shape.h"

namespace firmsign::aws {

// One broken constraint: path of the member and what it must satisfy, e.g.
// {"null", "source.s3.version", "Member must not be null"}.
struct Violation {
  std::string value;  // as printed between the quotes; "null" is printed without them
  std::string path;
  std::string rule;
  bool hidden = false;  // the value is sensitive or too long to be repeated
};

// "source" + "s3" = "source.s3"; the first letter becomes lower case, as in AWS's messages ("CertificateArn" is
// 'certificateArn').
std::string JoinPath(std::string_view parent, std::string_view member);
// The path of an element of a list, counted from 1: "tags" + 1 = "tags.1.member".
std::string ElementPath(std::string_view list, std::size_t number);

// What a string may hold. Text is UTF-8 without U+0000, which not every database keeps; S3's keys and what goes with
// them are any bytes.
enum class Strings { kText, kBytes };

// Everything that is wrong with `object`, a struct described by `shape`. At most 10 are listed. Required members that
// were absent on the wire are found by the codec (protocol/codec.h), which knows what it saw.
std::vector<Violation> Validate(const Shape& shape, const void* object, Strings strings = Strings::kText);

// "1 validation error detected: Value 'x' at 'profileName' failed to satisfy constraint: Member must have length
// greater than or equal to 2". Values of sensitive members and values over 256 bytes are not repeated. Of a member that
// is absent only that is said, not what is wrong with the empty value in its place.
std::string FormatViolations(const std::vector<Violation>& violations);

}  // namespace firmsign::aws
