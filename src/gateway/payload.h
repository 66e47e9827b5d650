// SPDX-License-Identifier: Apache-2.0
//
// Payload: the body of a streaming request, decoded and verified while it is read.
//
// Which check applies is said by x-amz-content-sha256 (contract 08-s3 §8.4). Bytes handed out before the end are not
// yet proven: a caller stages them, and makes them visible only after Read returned 0.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/api_error.h"
#include "base/error.h"

namespace firmsign::gateway {

// Thread safety: confined.
class Payload {
 public:
  virtual ~Payload() = default;

  // At most out.size() decoded bytes; 0 at the end, when length, hash, chunk signatures and trailer signature all
  // agreed. After an error, failure() says what the client is told; handlers just pass the Error on.
  virtual Expected<std::size_t> Read(std::span<char> out) = 0;

  // The decoded length that the client announced; absent with chunked coding and no x-amz-decoded-content-length.
  virtual std::optional<std::uint64_t> declared_bytes() const = 0;
  // Raw SHA-256 of all decoded bytes. Valid after Read returned 0.
  virtual const std::string& sha256() const = 0;
  // Trailing headers, lower-case names. Valid after Read returned 0.
  virtual const std::vector<std::pair<std::string, std::string>>& trailers() const = 0;
  virtual const std::optional<aws::ApiError>& failure() const = 0;
};

}  // namespace firmsign::gateway
