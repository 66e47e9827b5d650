// SPDX-License-Identifier: Apache-2.0

#include "services/s3/headers.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"

namespace firmsign::s3 {
namespace {

struct StoredField {
  std::string_view name;
  std::optional<std::string> ObjectHeaders::* field;
};

constexpr std::array<StoredField, 9> kFields{{
    {"content-type", &ObjectHeaders::content_type},
    {"cache-control", &ObjectHeaders::cache_control},
    {"content-disposition", &ObjectHeaders::content_disposition},
    {"content-encoding", &ObjectHeaders::content_encoding},
    {"content-language", &ObjectHeaders::content_language},
    {"expires", &ObjectHeaders::expires},
    {"x-amz-storage-class", &ObjectHeaders::storage_class},
    {"x-amz-website-redirect-location", &ObjectHeaders::website_redirect_location},
    {"x-amz-tagging", &ObjectHeaders::tagging},
}};

constexpr std::string_view kMetadataPrefix = "x-amz-meta-";

void AppendLine(std::string& out, std::string_view prefix, std::string_view name, std::string_view value) {
  out.append(prefix).append(name).append(":").append(value).append("\n");
}

}  // namespace

std::string FormatHeaders(const ObjectHeaders& headers) {
  std::string out;
  for (const StoredField& stored : kFields) {
    const auto& value = headers.*stored.field;
    if (value) AppendLine(out, "", stored.name, *value);
  }
  for (const auto& [name, value] : headers.metadata) AppendLine(out, kMetadataPrefix, ToLower(name), value);
  return out;
}

ObjectHeaders ParseHeaders(std::string_view text) {
  ObjectHeaders headers;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = line.substr(colon + 1);
    if (name.starts_with(kMetadataPrefix)) {
      headers.metadata.emplace(name.substr(kMetadataPrefix.size()), value);
      continue;
    }
    for (const StoredField& stored : kFields) {
      if (stored.name == name) headers.*stored.field = std::string(value);
    }
  }
  return headers;
}

std::size_t MetadataBytes(const ObjectHeaders& headers) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : headers.metadata) bytes += name.size() + value.size();
  return bytes;
}

std::optional<std::string> WithoutAwsChunked(std::string_view content_encoding) {
  std::string kept;
  while (!content_encoding.empty()) {
    const std::size_t comma = content_encoding.find(',');
    const std::string_view token = TrimBlanks(content_encoding.substr(0, comma));
    content_encoding = comma == std::string_view::npos ? std::string_view() : content_encoding.substr(comma + 1);
    if (token.empty() || EqualsIgnoreCase(token, "aws-chunked")) continue;
    if (!kept.empty()) kept += ",";
    kept.append(token);
  }
  if (kept.empty()) return std::nullopt;
  return kept;
}

}  // namespace firmsign::s3
