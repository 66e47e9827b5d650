// SPDX-License-Identifier: Apache-2.0
//
// A writer of DER (X.690), for the files of this folder that build a structure which OpenSSL can only build together
// with a private key. Nobody else includes this. Reading is OpenSSL's.

#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace firmsign::crypto::der {

// Identifier octets.
enum Tag : unsigned char {
  kBoolean = 0x01,
  kInteger = 0x02,
  kBitString = 0x03,
  kOctetString = 0x04,
  kUtf8String = 0x0c,
  kUtcTime = 0x17,
  kGeneralizedTime = 0x18,
  kSequence = 0x30,
  kSet = 0x31,
};
// [number], constructed: explicit, or implicit of something constructed.
constexpr unsigned char Context(unsigned number) { return static_cast<unsigned char>(0xa0U + number); }
// [number], primitive: implicit of something primitive.
constexpr unsigned char ContextPrimitive(unsigned number) { return static_cast<unsigned char>(0x80U + number); }

std::string Element(unsigned char tag, std::string_view content);
std::string Sequence(std::initializer_list<std::string_view> elements);
// SET OF, its elements in the order that DER demands.
std::string SetOf(std::vector<std::string> elements);
// A number that is not negative, from its big-endian bytes.
std::string Unsigned(std::string_view big_endian);
std::string SmallInteger(std::uint8_t number);

bool IsOid(std::string_view dotted);
// CHECKs that it is one.
std::string Oid(std::string_view dotted);

// GeneralizedTime with milliseconds, without zeros at the end of the fraction (X.690 §11.7).
std::string TimeWithMillis(Instant at);
// UTCTime before 2050, then GeneralizedTime, whole seconds (RFC 5280 §4.1.2.5).
std::string X509Time(Instant at);

// The content of a GeneralizedTime ("20260928091926.806Z") or of an UTCTime ("260928091926Z").
std::optional<Instant> ParseGeneralizedTime(std::string_view content);
std::optional<Instant> ParseUtcTime(std::string_view content);

}  // namespace firmsign::crypto::der
