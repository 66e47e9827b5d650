// SPDX-License-Identifier: Apache-2.0

#include "engine/policy/places.h"

#include <optional>

namespace firmsign::policy {
namespace {

// Goes through JSON character by character, and knows what is a text and how deep it is.
class Walker {
 public:
  explicit Walker(std::string_view text) : text_(text) {}

  std::vector<StatementPlace> Walk() {
    for (at_ = 0; at_ < text_.size(); ++at_) {
      const Place here = place_;
      const char c = text_[at_];
      Advance(c);
      if (in_text_) {
        InText(c);
      } else {
        Outside(c, here);
      }
    }
    return std::move(places_);
  }

 private:
  void Advance(char c) {
    if (c == '\n') {
      ++place_.line;
      place_.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) {
      ++place_.column;  // the first byte of a character
    }
  }

  void InText(char c) {
    if (is_escaped_) {
      is_escaped_ = false;
    } else if (c == '\\') {
      is_escaped_ = true;
    } else if (c == '"') {
      in_text_ = false;
      last_text_ = text_.substr(text_begin_, at_ - text_begin_);
    }
  }

  void Outside(char c, Place here) {
    switch (c) {
      case '"':
        in_text_ = true;
        text_begin_ = at_ + 1;
        return;
      case ':':
        if (depth_ == 1) is_statement_ = last_text_ == "Statement";
        return;
      case '[':
        if (depth_ == 1 && is_statement_) is_list_ = true;
        ++depth_;
        return;
      case '{':
        if (is_statement_ && depth_ == (is_list_ ? 2 : 1)) begin_ = is_list_ ? here : place_;
        ++depth_;
        return;
      case ']':
      case '}':
        --depth_;
        if (begin_ && depth_ == (is_list_ ? 2 : 1)) {
          places_.push_back({.begin = *begin_, .end = place_});
          begin_.reset();
        }
        if (depth_ == 1 && is_statement_) is_statement_ = is_list_ = false;
        return;
      default: return;
    }
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  Place place_;
  bool in_text_ = false;
  bool is_escaped_ = false;
  std::size_t text_begin_ = 0;
  std::string_view last_text_;
  int depth_ = 0;
  bool is_statement_ = false;  // within the value of the member Statement
  bool is_list_ = false;
  std::optional<Place> begin_;  // of the statement that is open
  std::vector<StatementPlace> places_;
};

}  // namespace

std::vector<StatementPlace> PlacesOfStatements(std::string_view document) { return Walker(document).Walk(); }

}  // namespace firmsign::policy
