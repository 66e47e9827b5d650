// SPDX-License-Identifier: Apache-2.0

#include "platform/crypto/der.h"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/objects.h>

#include <algorithm>
#include <memory>

#include "base/check.h"

namespace firmsign::crypto::der {
namespace {

struct FreeObject {
  void operator()(ASN1_OBJECT* object) const { ASN1_OBJECT_free(object); }
};
using Object = std::unique_ptr<ASN1_OBJECT, FreeObject>;

Object ParseOid(std::string_view dotted) {
  Object object(OBJ_txt2obj(std::string(dotted).c_str(), /*no_name=*/1));
  ERR_clear_error();
  return object;
}

bool IsDigits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// "20260928091926", perhaps with ".806".
std::string Digits(Instant at, bool with_millis) {
  std::string text = with_millis ? FormatIso8601Millis(at) : FormatIso8601(at);
  std::erase_if(text, [](char c) { return c == '-' || c == ':' || c == 'T' || c == 'Z'; });
  return text;
}

}  // namespace

std::string Element(unsigned char tag, std::string_view content) {
  std::string length;
  for (std::size_t rest = content.size(); rest != 0; rest >>= 8) {
    length.insert(length.begin(), static_cast<char>(rest & 0xff));
  }
  std::string element(1, static_cast<char>(tag));
  if (content.size() < 0x80) {
    element.push_back(static_cast<char>(content.size()));
  } else {
    element.push_back(static_cast<char>(0x80 | length.size()));
    element += length;
  }
  return element.append(content);
}

std::string Sequence(std::initializer_list<std::string_view> elements) {
  std::string content;
  for (const std::string_view element : elements) content += element;
  return Element(kSequence, content);
}

std::string SetOf(std::vector<std::string> elements) {
  std::ranges::sort(elements, [](const std::string& a, const std::string& b) {
    return std::ranges::lexicographical_compare(
        a, b, [](char x, char y) { return static_cast<unsigned char>(x) < static_cast<unsigned char>(y); });
  });
  std::string content;
  for (const std::string& element : elements) content += element;
  return Element(kSet, content);
}

std::string Unsigned(std::string_view big_endian) {
  const std::size_t first = std::min(big_endian.find_first_not_of('\0'), big_endian.size());
  std::string content(big_endian.substr(first));
  if (content.empty() || (static_cast<unsigned char>(content.front()) & 0x80) != 0) content.insert(0, 1, '\0');
  return Element(kInteger, content);
}

std::string SmallInteger(std::uint8_t number) { return Unsigned(std::string(1, static_cast<char>(number))); }

bool IsOid(std::string_view dotted) { return ParseOid(dotted) != nullptr; }

std::string Oid(std::string_view dotted) {
  const Object object = ParseOid(dotted);
  CHECK(object != nullptr);
  unsigned char* bytes = nullptr;
  const int length = i2d_ASN1_OBJECT(object.get(), &bytes);
  CHECK(length > 0);
  std::string encoded(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
  OPENSSL_free(bytes);
  return encoded;
}

std::string TimeWithMillis(Instant at) {
  std::string text = Digits(at, /*with_millis=*/true);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return Element(kGeneralizedTime, text + "Z");
}

std::string X509Time(Instant at) {
  const std::string text = Digits(at, /*with_millis=*/false) + "Z";
  const bool is_short = text >= "1950" && text < "2050";
  return is_short ? Element(kUtcTime, std::string_view(text).substr(2)) : Element(kGeneralizedTime, text);
}

std::optional<Instant> ParseGeneralizedTime(std::string_view content) {
  constexpr std::size_t kWholeChars = 14;
  if (content.size() <= kWholeChars || content.back() != 'Z' || !IsDigits(content.substr(0, kWholeChars))) {
    return std::nullopt;
  }
  const std::string_view fraction = content.substr(kWholeChars, content.size() - kWholeChars - 1);
  if (!fraction.empty() && (fraction.front() != '.' || !IsDigits(fraction.substr(1)))) return std::nullopt;
  std::string text(content);
  for (const std::size_t at : {12, 10}) text.insert(at, ":");
  text.insert(8, "T");
  for (const std::size_t at : {6, 4}) text.insert(at, "-");
  return ParseIso8601(text);
}

std::optional<Instant> ParseUtcTime(std::string_view content) {
  constexpr std::size_t kChars = 13;
  if (content.size() != kChars) return std::nullopt;
  return ParseGeneralizedTime((content < "50" ? "20" : "19") + std::string(content));
}

}  // namespace firmsign::crypto::der
