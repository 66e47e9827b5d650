// SPDX-License-Identifier: Apache-2.0
//
// The canonical request: the one text that client and server hash, whatever a proxy did to the request between them.
//
//   method \n canonical path \n canonical query \n (name:value\n)* \n signed header names \n payload hash
//
// It is made on every request, so text is appended to one string and nothing is decoded into copies.

#include <algorithm>
#include <utility>

#include "aws/sigv4/sigv4.h"
#include "base/encoding.h"

namespace firmsign::sigv4 {
namespace {

constexpr char kUpperHex[] = "0123456789ABCDEF";

constexpr bool IsUnreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

constexpr int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

void AppendEncoded(char c, bool keep_slash, std::string& out) {
  if (IsUnreserved(c) || (keep_slash && c == '/')) {
    out += c;
    return;
  }
  const auto byte = static_cast<unsigned char>(c);
  out += '%';
  out += kUpperHex[byte >> 4];
  out += kUpperHex[byte & 15];
}

enum class Part { kPath, kQuery };

// Decoded once, encoded once. A '%' that begins no escape stands for itself. A '+' in a query is a blank, as in HTML
// forms: AWS's SDK for Java 1.x sends it so, and signs %20.
void AppendRecoded(std::string_view text, Part part, std::string& out) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+' && part == Part::kQuery) {
      c = ' ';
    } else if (c == '%' && i + 2 < text.size()) {
      const int high = HexValue(text[i + 1]);
      const int low = HexValue(text[i + 2]);
      if (high >= 0 && low >= 0) {
        c = static_cast<char>(high * 16 + low);
        i += 2;
      }
    }
    AppendEncoded(c, part == Part::kPath, out);
  }
}

// Without empty and dot segments; a slash at the end stays when anything is left. The path is encoded once more as it
// is, so that %2F becomes %252F.
void AppendNormalized(std::string_view path, std::string& out) {
  std::vector<std::string_view> segments;
  for (std::size_t begin = 0; begin <= path.size();) {
    const auto end = std::min(path.find('/', begin), path.size());
    const auto segment = path.substr(begin, end - begin);
    begin = end + 1;
    if (segment.empty() || segment == ".") continue;
    if (segment != "..") {
      segments.push_back(segment);
    } else if (!segments.empty()) {
      segments.pop_back();
    }
  }
  for (const auto segment : segments) {
    out += '/';
    for (const char c : segment) AppendEncoded(c, false, out);
  }
  if (segments.empty() || path.ends_with('/')) out += '/';
}

void AppendPath(std::string_view path, PathRule rule, std::string& out) {
  if (path.empty()) {
    out += '/';
  } else if (rule == PathRule::kS3) {
    AppendRecoded(path, Part::kPath, out);
  } else {
    AppendNormalized(path, out);
  }
}

// Sorted by encoded name, then by encoded value; the signature of a presigned URL does not sign itself.
void AppendQuery(std::string_view query, bool presigned, std::string& out) {
  struct Parameter {
    std::string name;
    std::string value;
    auto operator<=>(const Parameter&) const = default;
  };
  std::vector<Parameter> parameters;
  while (!query.empty()) {
    const auto piece = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(piece.size() + 1, query.size()));
    if (piece.empty()) continue;
    const auto name = piece.substr(0, piece.find('='));
    auto& parameter = parameters.emplace_back();
    AppendRecoded(name, Part::kQuery, parameter.name);
    if (name.size() < piece.size()) AppendRecoded(piece.substr(name.size() + 1), Part::kQuery, parameter.value);
    if (presigned && parameter.name == "X-Amz-Signature") parameters.pop_back();
  }
  std::sort(parameters.begin(), parameters.end());
  bool first = true;
  for (const auto& [name, value] : parameters) {
    if (!std::exchange(first, false)) out += '&';
    out.append(name).append(1, '=').append(value);
  }
}

// Trimmed, and every run of blanks inside becomes one.
void AppendCollapsed(std::string_view value, std::string& out) {
  bool blank = false;
  bool begun = false;
  for (const char c : value) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      blank = begun;
      continue;
    }
    if (blank) out += ' ';
    blank = false;
    begun = true;
    out += c;
  }
}

void AppendHeaders(const http::Headers& headers, const std::vector<std::string>& names, std::string& out) {
  for (const auto& name : names) {
    out.append(name).append(1, ':');
    bool first = true;
    for (const auto& field : headers) {
      if (field.name.size() != name.size() || !EqualsIgnoreCase(field.name, name)) continue;
      if (!std::exchange(first, false)) out += ',';
      AppendCollapsed(field.value, out);
    }
    out += '\n';
  }
}

}  // namespace

std::string CanonicalRequest(const http::RequestHead& head, const Claim& claim, PathRule rule,
                             std::string_view payload_hash) {
  std::string out;
  out.reserve(head.target.size() + 1024);
  out.append(head.method).append(1, '\n');
  AppendPath(head.path(), rule, out);
  out += '\n';
  AppendQuery(head.query(), claim.presigned, out);
  out += '\n';
  AppendHeaders(head.headers, claim.signed_headers, out);
  out += '\n';
  bool first = true;
  for (const auto& name : claim.signed_headers) {
    if (!std::exchange(first, false)) out += ';';
    out += name;
  }
  out.append(1, '\n').append(payload_hash);
  return out;
}

}  // namespace firmsign::sigv4
