// SPDX-License-Identifier: Apache-2.0
//
// Classes of characters in HTTP messages.

#pragma once

#include <array>
#include <string_view>

namespace firmsign::http {

struct CharacterSet {
  std::array<bool, 256> has{};

  // Letters, digits and `others`.
  explicit constexpr CharacterSet(std::string_view others) {
    for (int c = 'a'; c <= 'z'; ++c) has[static_cast<unsigned char>(c)] = true;
    for (int c = 'A'; c <= 'Z'; ++c) has[static_cast<unsigned char>(c)] = true;
    for (int c = '0'; c <= '9'; ++c) has[static_cast<unsigned char>(c)] = true;
    for (char c : others) has[static_cast<unsigned char>(c)] = true;
  }
  constexpr bool Has(char c) const { return has[static_cast<unsigned char>(c)]; }
};

inline constexpr CharacterSet kTokenCharacters("!#$%&'*+-.^_`|~");     // RFC 9110 §5.6.2
inline constexpr CharacterSet kHostCharacters("-._~%!$&'()*+,;=:[]");  // RFC 3986 §3.2.2, with a port

constexpr bool IsTokenChar(char c) { return kTokenCharacters.Has(c); }

}  // namespace firmsign::http
