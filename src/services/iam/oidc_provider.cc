// SPDX-License-Identifier: Apache-2.0

#include "services/iam/oidc_provider.h"

#include <algorithm>

#include "base/encoding.h"
#include "platform/json/json.h"

namespace firmsign::iam {
namespace {

constexpr std::string_view kHttps = "https://";

void WriteList(json::Writer& writer, std::string_view name, const std::vector<std::string>& list) {
  writer.Name(name);
  writer.BeginArray();
  for (const std::string& text : list) writer.String(text);
  writer.EndArray();
}

Expected<std::vector<std::string>> ReadList(const json::Value& document, std::string_view name) {
  const json::Value* list = document.Find(name);
  if (list == nullptr || list->AsArray() == nullptr) return Fail(Code::kCorrupt, "a provider's lists cannot be read");
  std::vector<std::string> texts;
  for (const json::Value& one : *list->AsArray()) {
    if (one.AsString() == nullptr) return Fail(Code::kCorrupt, "a provider's lists cannot be read");
    texts.push_back(*one.AsString());
  }
  return texts;
}

}  // namespace

std::optional<std::string> OidcProviderName(std::string_view url) {
  if (!EqualsIgnoreCase(url.substr(0, kHttps.size()), kHttps)) return std::nullopt;
  url.remove_prefix(kHttps.size());
  while (url.ends_with('/')) url.remove_suffix(1);
  const auto is_plain = [](char c) { return c > ' ' && c < '\x7f' && c != '?' && c != '#' && c != '@' && c != '\\'; };
  if (url.empty() || url.front() == '/' || !std::ranges::all_of(url, is_plain)) return std::nullopt;
  return std::string(url);
}

std::string FormatOidcLists(const OidcLists& lists) {
  std::string text;
  json::Writer writer(text);
  writer.BeginObject();
  WriteList(writer, "clientIds", lists.client_ids);
  WriteList(writer, "thumbprints", lists.thumbprints);
  writer.EndObject();
  return text;
}

Expected<OidcLists> ParseOidcLists(std::string_view document) {
  const auto json = json::Parse(document);
  if (!json) return Fail(Code::kCorrupt, "a provider's lists cannot be read: " + json.error().message);
  OidcLists lists;
  ASSIGN_OR_RETURN(lists.client_ids, ReadList(*json, "clientIds"));
  ASSIGN_OR_RETURN(lists.thumbprints, ReadList(*json, "thumbprints"));
  return lists;
}

}  // namespace firmsign::iam
