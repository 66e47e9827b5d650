// SPDX-License-Identifier: Apache-2.0
//
// What awsQuery and restXml share: structs to XML elements and back.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aws/protocol/codec.h"
#include "platform/xml/xml.h"

namespace firmsign::aws {

// How the two protocols spell times in bodies.
enum class XmlTimes { kSeconds, kMillis };

// Writes the members of `object` as children of the open element: all, or only those bound to the body.
void WriteXmlMembers(const Shape& shape, const void* object, bool body_only, XmlTimes times, xml::Writer& writer);

// Fills `object` from the children of `element`. Unknown elements are ignored.
// Malformed: an element's text is no number, boolean, time or base64.
std::expected<void, Malformed> ReadXml(const Shape& shape, const xml::Element& element, void* object,
                                       const std::string& path, std::vector<Violation>& violations);

}  // namespace firmsign::aws
