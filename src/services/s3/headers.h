// SPDX-License-Identifier: Apache-2.0
//
// The headers that a client stores with an object and gets back with it.
//
// At rest: one line "name:value\n" for each, names in lower case. A header value can hold any byte except line breaks
// and NUL (the HTTP parser refuses those), so the form needs no escapes.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace firmsign::s3 {

struct ObjectHeaders {
  std::optional<std::string> content_type;
  std::optional<std::string> cache_control;
  std::optional<std::string> content_disposition;
  std::optional<std::string> content_encoding;
  std::optional<std::string> content_language;
  std::optional<std::string> expires;  // as sent
  std::optional<std::string> storage_class;
  std::optional<std::string> website_redirect_location;
  std::optional<std::string> tagging;           // tags.h; absent when there are none
  std::map<std::string, std::string> metadata;  // x-amz-meta-*, names in lower case without the prefix

  friend bool operator==(const ObjectHeaders&, const ObjectHeaders&) = default;
};

std::string FormatHeaders(const ObjectHeaders& headers);
// Lines that nobody knows are passed over, so that an older program reads what a newer one wrote.
ObjectHeaders ParseHeaders(std::string_view text);

// The bytes that count against the limit of user metadata: names and values.
std::size_t MetadataBytes(const ObjectHeaders& headers);
inline constexpr std::size_t kMetadataBytesMax = 2048;

// "aws-chunked" says how the request was framed, not what the object is: without it; nullopt when nothing remains.
std::optional<std::string> WithoutAwsChunked(std::string_view content_encoding);

}  // namespace firmsign::s3
