// SPDX-License-Identifier: Apache-2.0
//
// What parses, written and parsed again gives the same tree, in both layouts. A tree that no writer makes (text beside
// children) is compared without that text.

#include <cstdint>

#include "base/check.h"
#include "base/encoding.h"
#include "platform/xml/xml.h"

namespace firmsign::xml {
namespace {

bool Same(const Element& a, const Element& b) {
  if (a.name != b.name || a.attributes != b.attributes || a.children.size() != b.children.size()) return false;
  if (a.children.empty() && a.attributes.empty() && a.text != b.text) return false;
  for (std::size_t i = 0; i < a.children.size(); ++i) {
    if (!Same(a.children[i], b.children[i])) return false;
  }
  return true;
}

void Write(Writer& writer, const Element& element) {
  if (element.children.empty() && element.attributes.empty()) {
    writer.Leaf(element.name, element.text);
    return;
  }
  writer.BeginWithAttributes(element.name, element.attributes);
  for (const Element& child : element.children) Write(writer, child);
  writer.End();
}

void Check(std::string_view text) {
  const Expected<Element> element = Parse(text);
  if (!element) {
    CHECK(element.error().code == Code::kInvalid);
    return;
  }
  for (const bool indent : {false, true}) {
    std::string written;
    Writer writer(written, indent);
    writer.Declaration();
    Write(writer, *element);
    CHECK(IsUtf8(written));
    const Expected<Element> again = Parse(written, {.bytes_max = written.size()});
    CHECK(again.has_value());
    CHECK(Same(*element, *again));
  }
}

}  // namespace
}  // namespace firmsign::xml

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  firmsign::xml::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
