// SPDX-License-Identifier: Apache-2.0
//
// XML 1.0 as the AWS protocols use it: elements with text, attributes and children; no DTD, no entities of its own.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace firmsign::xml {

struct Element {
  std::string name;                                             // without a namespace prefix
  std::vector<std::pair<std::string, std::string>> attributes;  // names as written: "xmlns", "xsi:type"
  std::string text;  // character data directly inside, concatenated; blanks between children are left out
  std::vector<Element> children;

  const Element* Child(std::string_view child_name) const;  // the first; nullptr when absent
};

struct Limits {
  std::size_t bytes_max = 1 << 20;
  std::size_t depth_max = 32;
};

// kInvalid: not well-formed, more than one root, a DOCTYPE, deeper or longer than the limits, or not UTF-8.
Expected<Element> Parse(std::string_view text, const Limits& limits = {});

// Appends XML to a string. With `indent` each element starts a line, two blanks deeper than its parent, and a final
// newline follows the root: the layout of STS and IAM. Without, everything is on one line: the layout of S3.
class Writer {
 public:
  explicit Writer(std::string& out, bool indent = false) : out_(out), indent_(indent) {}

  void Declaration();  // <?xml version="1.0" encoding="UTF-8"?> and a newline
  void Begin(std::string_view name, std::string_view xmlns = {});
  void BeginWithAttributes(std::string_view name, const std::vector<std::pair<std::string, std::string>>& attributes);
  // Closes the element opened last; <name/> when nothing is in it.
  void End();
  // <name>text</name>; characters that XML 1.0 cannot hold are written as &#xN; as S3 does, a byte that is no UTF-8 as
  // U+FFFD.
  void Leaf(std::string_view name, std::string_view text);

 private:
  void StartLine();
  std::string& out_;
  bool indent_;
  std::vector<std::string> open_;
  bool has_root_ = false;
  std::size_t content_begin_ = 0;  // where the content of the element opened last begins
};

}  // namespace firmsign::xml
