// SPDX-License-Identifier: Apache-2.0

#include "aws/protocol/rest_binding.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "aws/protocol/scalar_text.h"
#include "base/encoding.h"

namespace firmsign::aws {
namespace {

using Labels = std::map<std::string, std::string, std::less<>>;
using QueryFields = std::vector<std::pair<std::string, std::string>>;

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

// The values of the labels of `uri`. Segments are split before they are decoded, so that an encoded slash stays inside
// its label.
std::expected<Labels, Malformed> MatchPath(std::string_view uri, std::string_view path) {
  const auto wanted = Split(uri.substr(0, uri.find('?')), '/');
  Labels labels;
  std::size_t begin = 0;  // of the current segment in `path`
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (begin > path.size()) {
      // A path without its last label, as `/bucket` for `/{Bucket}/{Key+}`: the label is absent.
      break;
    }
    const auto end = std::min(path.find('/', begin), path.size());
    auto segment = path.substr(begin, end - begin);
    begin = end + 1;
    if (!wanted[i].starts_with('{')) {
      if (segment != wanted[i]) return Refuse("The path does not fit the operation.");
      continue;
    }
    auto name = wanted[i].substr(1, wanted[i].size() - 2);
    if (name.ends_with('+')) {
      name.remove_suffix(1);
      // As many segments as the template leaves over.
      for (auto count = wanted.size() - 1 - i;;) {
        const auto rest = begin > path.size() ? std::string_view() : path.substr(begin);
        const auto left =
            begin > path.size() ? 0 : 1 + static_cast<std::size_t>(std::count(rest.begin(), rest.end(), '/'));
        if (left <= count) break;
        const auto next = std::min(path.find('/', begin), path.size());
        segment = std::string_view(segment.data(), static_cast<std::size_t>(path.data() + next - segment.data()));
        begin = next + 1;
      }
    }
    auto decoded = DecodePercent(segment);
    if (!decoded) return Refuse("The path is not percent-encoded.");
    labels.insert_or_assign(std::string(name), *std::move(decoded));
  }
  return labels;
}

std::expected<QueryFields, Malformed> SplitQuery(std::string_view query) {
  QueryFields parameters;
  if (query.empty()) return parameters;
  for (const auto piece : Split(query, '&')) {
    if (piece.empty()) continue;
    const auto equals = piece.find('=');
    auto name = DecodePercent(piece.substr(0, equals), true);
    auto value = DecodePercent(equals == std::string_view::npos ? std::string_view() : piece.substr(equals + 1), true);
    if (!name || !value) return Refuse("The query is not percent-encoded.");
    parameters.emplace_back(*std::move(name), *std::move(value));
  }
  return parameters;
}

std::string_view KindRule(Kind kind) {
  switch (kind) {
    case Kind::kBoolean: return "Member must be a boolean";
    case Kind::kLong: return "Member must be an integer";
    case Kind::kTimestamp: return "Member must be a timestamp";
    default: return "Member must be of its modelled type";
  }
}

class Binder {
 public:
  Binder(void* input, std::vector<Violation>& violations) : input_(input), violations_(violations) {}

  void BindText(const Member& member, const std::optional<std::string_view> text) {
    if (!text) return Missing(member);
    // An Instant that is no time is left for the caller to see as absent in conditional headers (RFC 9110 §13.1.3).
    if (member.shape->kind == Kind::kTimestamp && member.location == Location::kHeader && !ParseTimestamp(*text)) {
      return Missing(member);
    }
    BindElement(member, *member.shape, *text, member.emplace(input_));
  }

  void BindTexts(const Member& member, const std::vector<std::string_view>& texts) {
    if (texts.empty()) return Missing(member);
    void* list = member.emplace(input_);
    for (const auto text : texts) {
      BindElement(member, *member.shape->element, text, member.shape->list->append(list));
    }
  }

  void BindMap(const Member& member, StringMap map) {
    if (map.empty()) return Missing(member);
    *static_cast<StringMap*>(member.emplace(input_)) = std::move(map);
  }

 private:
  void Missing(const Member& member) {
    if (member.required) violations_.push_back(NullViolation({}, member.name));
  }

  void BindElement(const Member& member, const Shape& shape, std::string_view text, void* value) {
    if (ParseScalar(shape, text, value)) return;
    violations_.push_back({std::string(text), JoinPath({}, member.name), std::string(KindRule(shape.kind)), false});
  }

  void* input_;
  std::vector<Violation>& violations_;
};

void BindQuery(const Member& member, const QueryFields& query, Binder& binder) {
  std::vector<std::string_view> values;
  for (const auto& [name, value] : query) {
    if (name == WireName(member)) values.push_back(value);
  }
  if (member.shape->kind == Kind::kList) return binder.BindTexts(member, values);
  binder.BindText(member, values.empty() ? std::nullopt : std::optional(values.front()));
}

void BindHeader(const Member& member, const http::Headers& headers, Binder& binder) {
  if (member.shape->kind != Kind::kList) return binder.BindText(member, headers.Find(WireName(member)));
  std::vector<std::string_view> values;
  for (const auto& field : headers) {
    if (!EqualsIgnoreCase(field.name, WireName(member))) continue;
    for (const auto part : Split(field.value, ',')) values.push_back(TrimBlanks(part));
  }
  binder.BindTexts(member, values);
}

void BindPrefixHeaders(const Member& member, const http::Headers& headers, Binder& binder) {
  const auto prefix = member.wire_name;
  StringMap map;
  for (const auto& field : headers) {
    if (field.name.size() <= prefix.size() || !EqualsIgnoreCase(field.name.substr(0, prefix.size()), prefix)) continue;
    auto& value = map[ToLower(std::string_view(field.name).substr(prefix.size()))];
    if (!value.empty()) value += ',';
    value += field.value;
  }
  binder.BindMap(member, std::move(map));
}

}  // namespace

Violation NullViolation(std::string_view path, std::string_view member) {
  return {"null", JoinPath(path, member), "Member must not be null", false};
}

std::expected<void, Malformed> BindRequest(const OperationDescriptor& operation, const WireRequest& request,
                                           void* input, std::vector<Violation>& violations) {
  ASSIGN_OR_RETURN(const auto labels, MatchPath(operation.uri, request.path));
  ASSIGN_OR_RETURN(const auto query, SplitQuery(request.query));
  Binder binder(input, violations);
  for (const auto& member : operation.input->members) {
    switch (member.location) {
      case Location::kPath:
      case Location::kGreedyPath: {
        const auto label = labels.find(member.name);
        binder.BindText(member, label == labels.end() ? std::nullopt : std::optional<std::string_view>(label->second));
        break;
      }
      case Location::kQuery: BindQuery(member, query, binder); break;
      case Location::kHeader: BindHeader(member, request.head.headers, binder); break;
      case Location::kPrefixHeaders: BindPrefixHeaders(member, request.head.headers, binder); break;
      case Location::kBody:
      case Location::kPayload: break;
    }
  }
  return {};
}

void WriteHeaders(const Shape& shape, const void* output, http::Response& response) {
  for (const auto& member : shape.members) {
    if (member.location != Location::kHeader && member.location != Location::kPrefixHeaders) continue;
    const void* value = member.get(output);
    if (value == nullptr) continue;
    if (member.location == Location::kPrefixHeaders) {
      for (const auto& [name, text] : *static_cast<const StringMap*>(value)) {
        response.headers.Add(std::string(member.wire_name) + name, text);
      }
      continue;
    }
    const auto name = WireName(member);
    if (EqualsIgnoreCase(name, "content-length") && member.shape->kind == Kind::kLong) {
      response.content_length = static_cast<std::uint64_t>(*static_cast<const std::int64_t*>(value));
      continue;
    }
    std::string text;
    if (member.shape->kind == Kind::kList) {
      for (std::size_t i = 0; i < member.shape->list->size(value); ++i) {
        if (i > 0) text += ",";
        text += FormatScalar(*member.shape->element, member.shape->list->at(value, i), member.timestamp_format,
                             TimestampFormat::kHttpDate);
      }
    } else {
      text = FormatScalar(*member.shape, value, member.timestamp_format, TimestampFormat::kHttpDate);
    }
    response.headers.Set(name, std::move(text));
  }
}

const Member* PayloadMember(const Shape& shape) {
  const auto found = std::find_if(shape.members.begin(), shape.members.end(),
                                  [](const Member& member) { return member.location == Location::kPayload; });
  return found == shape.members.end() ? nullptr : &*found;
}

bool HasBodyMembers(const Shape& shape) {
  return std::any_of(shape.members.begin(), shape.members.end(),
                     [](const Member& member) { return member.location == Location::kBody; });
}

}  // namespace firmsign::aws
