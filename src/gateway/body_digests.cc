// SPDX-License-Identifier: Apache-2.0

#include "gateway/body_digests.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/encoding.h"
#include "gateway/body_errors.h"
#include "platform/crypto/checksum.h"

namespace firmsign::gateway {
namespace {

using Check = std::expected<void, aws::ApiError>;

constexpr std::string_view kPrefix = "x-amz-checksum-";

std::unexpected<aws::ApiError> Problem(const aws::ErrorShape& shape, std::string message,
                                       std::vector<std::pair<std::string, std::string>> extras = {}) {
  return std::unexpected(aws::ApiError{.shape = &shape, .message = std::move(message), .extras = std::move(extras)});
}

bool Binds(const aws::OperationDescriptor& operation, std::string_view header) {
  return std::ranges::any_of(operation.input->members, [&](const aws::Member& member) {
    return member.location == aws::Location::kHeader && EqualsIgnoreCase(member.wire_name, header);
  });
}

std::optional<crypto::ChecksumKind> KindOf(std::string_view name) {
  using enum crypto::ChecksumKind;
  for (const crypto::ChecksumKind kind : {kCrc32, kCrc32c, kCrc64Nvme, kSha1, kSha256}) {
    if (EqualsIgnoreCase(crypto::ChecksumName(kind), name)) return kind;
  }
  return std::nullopt;
}

Check CheckMd5(std::string_view claimed, std::string_view body) {
  const auto md5 = DecodeBase64(claimed);
  if (!md5 || md5->size() != crypto::DigestBytes(crypto::Hash::kMd5)) {
    return Problem(kInvalidDigest, "The Content-MD5 you specified was invalid.",
                   {{"Content-MD5", std::string(claimed)}});
  }
  const std::string computed = crypto::DigestOf(crypto::Hash::kMd5, body);
  if (*md5 != computed) {
    return Problem(kBadDigest, "The Content-MD5 you specified did not match what we received.",
                   {{"ExpectedDigest", std::string(claimed)}, {"CalculatedDigest", EncodeBase64(computed)}});
  }
  return {};
}

Check CheckChecksum(std::string_view name, std::string_view claimed, std::string_view body) {
  const auto kind = KindOf(name);
  if (!kind) {
    return Problem(kNotImplemented, "A header you provided implies functionality that is not implemented.",
                   {{"Header", std::string(kPrefix) + ToLower(name)}});
  }
  const auto checksum = DecodeBase64(claimed);
  if (!checksum || checksum->size() != crypto::ChecksumBytes(*kind)) {
    return Problem(kInvalidRequest, "Value for " + std::string(kPrefix) + ToLower(name) + " header is invalid.");
  }
  if (*checksum != crypto::ChecksumOf(*kind, body)) {
    return Problem(kBadDigest, "The " + std::string(crypto::ChecksumName(*kind)) +
                                   " you specified did not match the calculated checksum.");
  }
  return {};
}

// The header that claims a checksum of the body; nullptr when there is none.
std::expected<const http::Headers::Field*, aws::ApiError> FindChecksum(const http::RequestHead& head,
                                                                       const aws::OperationDescriptor& operation) {
  const http::Headers::Field* found = nullptr;
  for (const http::Headers::Field& field : head.headers) {
    if (!EqualsIgnoreCase(std::string_view(field.name).substr(0, kPrefix.size()), kPrefix)) continue;
    const std::string_view name = std::string_view(field.name).substr(kPrefix.size());
    // Three that begin like a checksum and are none.
    if (EqualsIgnoreCase(name, "algorithm") || EqualsIgnoreCase(name, "type") || EqualsIgnoreCase(name, "mode")) {
      continue;
    }
    if (Binds(operation, field.name)) continue;
    if (found != nullptr) {
      return Problem(kInvalidRequest,
                     "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
    }
    found = &field;
  }
  return found;
}

}  // namespace

Check CheckBodyDigests(const http::RequestHead& head, const aws::OperationDescriptor& operation,
                       std::string_view body) {
  const auto md5 = head.headers.Find("Content-MD5");
  if (md5) {
    if (Check check = CheckMd5(*md5, body); !check) return check;
  }
  const auto field = FindChecksum(head, operation);
  if (!field) return std::unexpected(field.error());
  std::string_view name;
  if (*field != nullptr) {
    name = std::string_view((*field)->name).substr(kPrefix.size());
    if (Check check = CheckChecksum(name, (*field)->value, body); !check) return check;
  }
  const auto announced = head.headers.Find("x-amz-sdk-checksum-algorithm");
  if (announced && Binds(operation, "x-amz-sdk-checksum-algorithm") && !EqualsIgnoreCase(*announced, name)) {
    return Problem(kInvalidRequest,
                   "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer "
                   "headers were found.");
  }
  if (operation.body_digest_required && !md5 && *field == nullptr) {
    return Problem(kInvalidRequest, "Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
  }
  return {};
}

}  // namespace firmsign::gateway
