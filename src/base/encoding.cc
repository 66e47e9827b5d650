// SPDX-License-Identifier: Apache-2.0

#include "base/encoding.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace firmsign {
namespace {

constexpr std::string_view kLowerHex = "0123456789abcdef";
constexpr std::string_view kUpperHex = "0123456789ABCDEF";
constexpr std::string_view kBase64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kBad = 0xff;

constexpr std::uint8_t Byte(char c) { return static_cast<std::uint8_t>(c); }

// Every byte as two lower-case digits.
constexpr auto kHexPairs = [] {
  std::array<char, 512> table{};
  for (std::size_t i = 0; i < 256; ++i) {
    table[2 * i] = kLowerHex[i >> 4];
    table[2 * i + 1] = kLowerHex[i & 15];
  }
  return table;
}();

constexpr auto kHexValues = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(kBad);
  for (std::size_t i = 0; i < 16; ++i) {
    table[Byte(kLowerHex[i])] = static_cast<std::uint8_t>(i);
    table[Byte(kUpperHex[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}();

// Every 12 bits as two characters, so that three bytes take two look-ups.
constexpr auto kBase64Pairs = [] {
  std::array<char, 8192> table{};
  for (std::size_t i = 0; i < 4096; ++i) {
    table[2 * i] = kBase64Alphabet[i >> 6];
    table[2 * i + 1] = kBase64Alphabet[i & 63];
  }
  return table;
}();

constexpr auto kBase64Values = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(kBad);
  for (std::size_t i = 0; i < 64; ++i) table[Byte(kBase64Alphabet[i])] = static_cast<std::uint8_t>(i);
  return table;
}();

// The unreserved characters of RFC 3986 §2.3.
constexpr auto kUnreserved = [] {
  std::array<bool, 256> table{};
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (const char c : {'-', '.', '_', '~'}) table[Byte(c)] = true;
  return table;
}();

constexpr char LowerOf(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Decodes four characters of which none is padding; false when one is not of the alphabet.
bool DecodeQuantum(const char* in, std::array<char, 3>& out) {
  const std::uint8_t a = kBase64Values[Byte(in[0])];
  const std::uint8_t b = kBase64Values[Byte(in[1])];
  const std::uint8_t c = kBase64Values[Byte(in[2])];
  const std::uint8_t d = kBase64Values[Byte(in[3])];
  out[0] = static_cast<char>(a << 2 | b >> 4);
  out[1] = static_cast<char>(b << 4 | c >> 2);
  out[2] = static_cast<char>(c << 6 | d);
  return ((a | b | c | d) & 0xc0) == 0;
}

// The length of the well-formed UTF-8 sequence of two or more bytes at the start of `text` (RFC 3629 §4); 0 when none.
std::size_t SequenceLength(std::string_view text) {
  const auto at = [&](std::size_t i) { return i < text.size() ? Byte(text[i]) : std::uint8_t{0}; };
  const auto continues = [&](std::size_t i) { return (at(i) & 0xc0) == 0x80; };
  const std::uint8_t lead = at(0);
  if (lead >= 0xc2 && lead <= 0xdf) return continues(1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    if (lead == 0xe0 && at(1) < 0xa0) return 0;  // overlong
    if (lead == 0xed && at(1) > 0x9f) return 0;  // a surrogate
    return continues(1) && continues(2) ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    if (lead == 0xf0 && at(1) < 0x90) return 0;  // overlong
    if (lead == 0xf4 && at(1) > 0x8f) return 0;  // above U+10FFFF
    return continues(1) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

std::string EncodeHex(std::string_view bytes) {
  std::string out(bytes.size() * 2, '\0');
  char* to = out.data();
  for (const char byte : bytes) {
    std::memcpy(to, kHexPairs.data() + std::size_t{2} * Byte(byte), 2);
    to += 2;
  }
  return out;
}

std::optional<std::string> DecodeHex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out(text.size() / 2, '\0');
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::uint8_t high = kHexValues[Byte(text[2 * i])];
    const std::uint8_t low = kHexValues[Byte(text[2 * i + 1])];
    if (high == kBad || low == kBad) return std::nullopt;
    out[i] = static_cast<char>(high << 4 | low);
  }
  return out;
}

std::string EncodeBase64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4, '=');
  char* to = out.data();
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const std::uint32_t bits = static_cast<std::uint32_t>(Byte(bytes[i])) << 16 |
                               static_cast<std::uint32_t>(Byte(bytes[i + 1])) << 8 | Byte(bytes[i + 2]);
    std::memcpy(to, kBase64Pairs.data() + std::size_t{2} * (bits >> 12), 2);
    std::memcpy(to + 2, kBase64Pairs.data() + std::size_t{2} * (bits & 0xfff), 2);
    to += 4;
  }
  // What is left is one byte or two; the padding is there already.
  if (i < bytes.size()) {
    const std::uint32_t second = i + 1 < bytes.size() ? Byte(bytes[i + 1]) : 0;
    const std::uint32_t bits = static_cast<std::uint32_t>(Byte(bytes[i])) << 8 | second;
    to[0] = kBase64Alphabet[bits >> 10];
    to[1] = kBase64Alphabet[bits >> 4 & 63];
    if (i + 1 < bytes.size()) to[2] = kBase64Alphabet[bits << 2 & 63];
  }
  return out;
}

std::optional<std::string> DecodeBase64(std::string_view text) {
  if (text.empty()) return std::string();
  if (text.size() % 4 != 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  std::string out(text.size() / 4 * 3, '\0');
  std::array<char, 3> quantum;
  for (std::size_t i = 0; i + 4 < text.size(); i += 4) {
    if (!DecodeQuantum(text.data() + i, quantum)) return std::nullopt;
    std::memcpy(out.data() + i / 4 * 3, quantum.data(), 3);
  }
  // Padding stands for zero bits; those, and the bits beside them that carry no byte, must then decode to nothing.
  std::array<char, 4> last;
  std::memcpy(last.data(), text.data() + text.size() - 4, 4);
  for (std::size_t i = 4 - padding; i < 4; ++i) last[i] = 'A';
  if (!DecodeQuantum(last.data(), quantum)) return std::nullopt;
  for (std::size_t i = 3 - padding; i < 3; ++i) {
    if (quantum[i] != 0) return std::nullopt;
  }
  std::memcpy(out.data() + out.size() - 3, quantum.data(), 3);
  out.resize(out.size() - padding);
  return out;
}

std::string EncodeBase64Url(std::string_view bytes) {
  std::string text = EncodeBase64(bytes);
  while (text.ends_with('=')) text.pop_back();
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

std::optional<std::string> DecodeBase64Url(std::string_view text) {
  if (text.find_first_of("+/=") != std::string_view::npos) return std::nullopt;
  std::string base64(text);
  std::ranges::replace(base64, '-', '+');
  std::ranges::replace(base64, '_', '/');
  base64.append((4 - base64.size() % 4) % 4, '=');
  return DecodeBase64(base64);
}

std::string EncodePercent(std::string_view bytes, bool keep_slash) {
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 4);
  for (const char c : bytes) {
    if (kUnreserved[Byte(c)] || (keep_slash && c == '/')) {
      out.push_back(c);
    } else {
      const std::array<char, 3> escape = {'%', kUpperHex[Byte(c) >> 4], kUpperHex[Byte(c) & 15]};
      out.append(escape.data(), escape.size());
    }
  }
  return out;
}

std::optional<std::string> DecodePercent(std::string_view text, bool plus_is_blank) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (text.size() - i < 3) return std::nullopt;
      const std::uint8_t high = kHexValues[Byte(text[i + 1])];
      const std::uint8_t low = kHexValues[Byte(text[i + 2])];
      if (high == kBad || low == kBad) return std::nullopt;
      out.push_back(static_cast<char>(high << 4 | low));
      i += 2;
    } else {
      out.push_back(plus_is_blank && text[i] == '+' ? ' ' : text[i]);
    }
  }
  return out;
}

std::string ToLower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = LowerOf(c);
  return out;
}

bool EqualsIgnoreCase(std::string_view a, std::string_view b) { return std::ranges::equal(a, b, {}, LowerOf, LowerOf); }

std::string_view TrimBlanks(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool IsUtf8(std::string_view text) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  while (!text.empty()) {
    // Nearly all text is ASCII: eight characters at a time.
    if (text.size() >= 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, text.data(), sizeof word);
      if ((word & kHighBits) == 0) {
        text.remove_prefix(8);
        continue;
      }
    }
    const std::size_t length = Utf8Length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::size_t Utf8Length(std::string_view text) {
  if (text.empty()) return 0;
  return Byte(text.front()) < 0x80 ? 1 : SequenceLength(text);
}

std::string ToUtf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = Utf8Length(text);
    out.append(length == 0 ? std::string_view("\xef\xbf\xbd") : text.substr(0, length));
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

}  // namespace firmsign
