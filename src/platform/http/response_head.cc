// SPDX-License-Identifier: Apache-2.0

#include "platform/http/response_head.h"

#include <algorithm>
#include <charconv>

#include "base/encoding.h"
#include "base/time.h"
#include "platform/http/characters.h"

namespace firmsign::http {
namespace {

std::string_view Reason(int status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 409: return "Conflict";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 416: return "Range Not Satisfiable";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    default: return "Status";
  }
}

bool IsFieldName(std::string_view name) { return !name.empty() && std::ranges::all_of(name, IsTokenChar); }

bool IsOurs(std::string_view name) {
  switch (name.size()) {
    case 4: return EqualsIgnoreCase(name, "date");
    case 10: return EqualsIgnoreCase(name, "connection");
    case 14: return EqualsIgnoreCase(name, "content-length");
    case 17: return EqualsIgnoreCase(name, "transfer-encoding");
    default: return false;
  }
}

void AppendNumber(std::uint64_t number, std::string& out) {
  char text[20];
  char* end = std::to_chars(text, text + sizeof text, number).ptr;
  out.append(text, end);
}

void AppendField(std::string_view name, std::string_view value, std::string& out) {
  out.append(name).append(": ");
  std::size_t start = out.size();
  out.append(value);
  for (std::size_t i = start; i < out.size(); ++i) {
    if (out[i] == '\r' || out[i] == '\n' || out[i] == '\0') out[i] = ' ';
  }
  out.append("\r\n");
}

}  // namespace

std::string_view DateText::At(std::time_t now) {
  if (now != second_) {
    second_ = now;
    text_ = FormatHttpDate(InstantFromSeconds(now));
  }
  return text_;
}

bool IsBodyless(int status) { return status < 200 || status == 204 || status == 304; }

void AppendResponseHead(const Response& response, std::string_view date, std::optional<std::uint64_t> length,
                        std::string_view connection, std::string& out) {
  out.append("HTTP/1.1 ");
  AppendNumber(static_cast<std::uint64_t>(response.status), out);
  out.append(" ").append(Reason(response.status)).append("\r\n");
  for (const Headers::Field& field : response.headers) {
    if (IsFieldName(field.name) && !IsOurs(field.name)) AppendField(field.name, field.value, out);
  }
  AppendField("Date", date, out);
  if (length) {
    out.append("Content-Length: ");
    AppendNumber(*length, out);
    out.append("\r\n");
  }
  if (!connection.empty()) AppendField("Connection", connection, out);
  out.append("\r\n");
}

}  // namespace firmsign::http
