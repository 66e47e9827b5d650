// SPDX-License-Identifier: Apache-2.0
//
// Text forms of bytes: hexadecimal, base64 (RFC 4648 §4 and §5) and percent-encoding (RFC 3986 §2).
//
// Bytes travel as std::string and std::string_view throughout Firmsign.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace firmsign {

// Lower-case hexadecimal.
std::string EncodeHex(std::string_view bytes);
// Accepts both cases; nullopt on an odd length or another character.
std::optional<std::string> DecodeHex(std::string_view text);

// With padding, without line breaks.
std::string EncodeBase64(std::string_view bytes);
// Needs padding and the standard alphabet, refuses white space and non-zero trailing bits.
std::optional<std::string> DecodeBase64(std::string_view text);

// The alphabet for URLs and JOSE, without padding (RFC 7515 §2).
std::string EncodeBase64Url(std::string_view bytes);
// Refuses padding, '+', '/', white space and non-zero trailing bits.
std::optional<std::string> DecodeBase64Url(std::string_view text);

// Leaves only A-Za-z0-9-._~ as they are; with `keep_slash` also '/'. Upper-case hexadecimal.
std::string EncodePercent(std::string_view bytes, bool keep_slash = false);
// Undoes %XX; nullopt on a '%' without two hexadecimal digits. With `plus_is_blank` a '+' becomes a blank (HTML forms).
std::optional<std::string> DecodePercent(std::string_view text, bool plus_is_blank = false);

// ASCII only.
std::string ToLower(std::string_view text);
bool EqualsIgnoreCase(std::string_view a, std::string_view b);
// Without blanks and tabs at both ends.
std::string_view TrimBlanks(std::string_view text);
// Well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
bool IsUtf8(std::string_view text);
// The bytes of the character that `text` begins with, 1 to 4; 0: none of UTF-8, or `text` is empty.
std::size_t Utf8Length(std::string_view text);
// With U+FFFD for each byte that belongs to no character.
std::string ToUtf8(std::string_view text);

}  // namespace firmsign
