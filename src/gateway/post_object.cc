// SPDX-License-Identifier: Apache-2.0

#include "gateway/post_object.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/encoding.h"
#include "gateway/body_errors.h"
#include "platform/xml/xml.h"

namespace firmsign::gateway {
namespace {

constexpr std::string_view kFileNamePlace = "${filename}";

aws::ApiError FormError(const aws::ErrorShape& shape, std::string message) {
  return {.shape = &shape, .message = std::move(message)};
}

// The header that a field of the form becomes; empty: none. Those that would make another request of it, a copy for
// instance, are not among them.
std::string HeaderOf(const std::string& field) {
  constexpr std::array kSame{"cache-control",
                             "content-type",
                             "content-disposition",
                             "content-encoding",
                             "content-language",
                             "expires",
                             "x-amz-sdk-checksum-algorithm",
                             "x-amz-storage-class",
                             "x-amz-website-redirect-location"};
  constexpr std::array kBeginnings{"x-amz-meta-", "x-amz-checksum-", "x-amz-grant-", "x-amz-object-lock-",
                                   "x-amz-server-side-encryption"};
  if (field == "acl") return "x-amz-acl";
  const bool is_passed = std::ranges::find(kSame, field) != kSame.end() ||
                         std::ranges::any_of(kBeginnings, [&](const char* begin) { return field.starts_with(begin); });
  return is_passed ? field : "";
}

// Fields that mean something elsewhere, or on AWS nothing.
bool IsKnown(const std::string& field) {
  constexpr std::array kOthers{"key",
                               "policy",
                               "bucket",
                               "redirect",
                               "success_action_redirect",
                               "success_action_status",
                               "x-amz-algorithm",
                               "x-amz-credential",
                               "x-amz-date",
                               "x-amz-signature",
                               "x-amz-security-token"};
  return std::ranges::find(kOthers, field) != kOthers.end() ||
         !(field.starts_with("x-amz-") || field == "tagging" || field == "awsaccesskeyid" || field == "signature");
}

bool HasControls(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; });
}

std::string KeyOf(const FormFields& form) {
  std::string key(form.Find("key").value_or(""));
  const std::size_t at = key.find(kFileNamePlace);
  if (at != std::string::npos) key.replace(at, kFileNamePlace.size(), form.file_name);
  return key;
}

}  // namespace

bool IsPostForm(const http::RequestHead& head) {
  return head.method == "POST" && head.query().empty() && FormBoundary(head.headers.Get("Content-Type")).has_value();
}

aws::ApiError PostReadProblem(const Error& error) {
  switch (error.code) {
    case Code::kInvalid:
      return FormError(kMalformedPostRequest, "The body of your POST request is not well-formed multipart/form-data.");
    case Code::kNotFound: return FormError(kInvalidArgument, "POST requires exactly one file upload per request.");
    case Code::kExhausted:
      return FormError(kPostFieldsTooLarge, "Your POST request fields preceding the upload file were too large.");
    default: return FormError(kIncompleteBody, "The request body terminated unexpectedly.");
  }
}

std::expected<http::RequestHead, aws::ApiError> PutOfPost(const http::RequestHead& head, const FormFields& form) {
  const std::string key = KeyOf(form);
  if (key.empty()) {
    return std::unexpected(
        FormError(kInvalidArgument,
                  "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the "
                  "fields."));
  }
  http::RequestHead put;
  put.method = "PUT";
  std::string_view path = head.path();
  while (path.ends_with('/')) path.remove_suffix(1);
  put.target = std::string(path) + "/" + EncodePercent(key, /*keep_slash=*/true);
  put.peer = head.peer;
  for (const char* kept : {"Host", "User-Agent"}) {
    if (const auto value = head.headers.Find(kept)) put.headers.Add(kept, std::string(*value));
  }
  for (const auto& [field, value] : form.fields) {
    const std::string header = HeaderOf(field);
    if (header.empty() && IsKnown(field)) continue;
    if (header.empty()) {
      return std::unexpected(
          FormError(kNotImplemented, "The field " + field + " implies functionality that is not implemented."));
    }
    if (HasControls(value)) {
      return std::unexpected(
          FormError(kInvalidArgument, "The field " + field + " has characters that no header can have."));
    }
    put.headers.Add(header, std::string(TrimBlanks(value)));
  }
  return put;
}

http::Response AnswerPost(http::Response answer, const http::RequestHead& put, const FormFields& form,
                          std::string_view bucket) {
  const std::string etag(answer.headers.Get("ETag"));
  const std::string location =
      (put.peer.tls ? "https://" : "http://") + std::string(put.headers.Get("Host")) + put.target;
  auto redirect = form.Find("success_action_redirect");
  if (!redirect) redirect = form.Find("redirect");
  const bool is_address =
      redirect && !HasControls(*redirect) && (redirect->starts_with("http://") || redirect->starts_with("https://"));
  if (is_address) {
    answer.status = 303;
    answer.headers.Set(
        "Location", std::string(*redirect) + (redirect->find('?') == std::string_view::npos ? "?" : "&") + "bucket=" +
                        EncodePercent(bucket) + "&key=" + EncodePercent(KeyOf(form)) + "&etag=" + EncodePercent(etag));
    return answer;
  }
  answer.headers.Set("Location", location);
  const auto wanted = form.Find("success_action_status");
  answer.status = wanted == "200" ? 200 : wanted == "201" ? 201 : 204;
  if (answer.status == 201) {
    answer.headers.Set("Content-Type", "application/xml");
    std::string document;
    xml::Writer writer(document);
    writer.Declaration();
    writer.Begin("PostResponse");
    writer.Leaf("Location", location);
    writer.Leaf("Bucket", bucket);
    writer.Leaf("Key", KeyOf(form));
    writer.Leaf("ETag", etag);
    writer.End();
    answer.body = std::move(document);
  }
  return answer;
}

}  // namespace firmsign::gateway
