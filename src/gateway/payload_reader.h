// SPDX-License-Identifier: Apache-2.0
//
// PayloadReader: the Payload of a request that is being received.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aws/protocol/codec.h"
#include "aws/sigv4/chunked.h"
#include "gateway/payload.h"
#include "platform/crypto/digest.h"
#include "platform/http/message.h"

namespace firmsign::gateway {

// How a streaming body is encoded and what proves it, read from x-amz-content-sha256.
struct PayloadRules {
  std::optional<std::string> sha256_hex;         // the hash that the whole body must have
  std::optional<sigv4::ChunkedOptions> chunked;  // aws-chunked around the data
  std::optional<std::uint64_t> declared_bytes;
  std::optional<std::uint64_t> bytes_min;  // that a browser's form may have, both inclusive
  std::optional<std::uint64_t> bytes_max;
  std::vector<std::string> announced_trailers;  // by x-amz-trailer, in lower case: each has to come
};

// kInvalid: an unknown word in x-amz-content-sha256, or a chunked body without x-amz-decoded-content-length.
// `claim` is null for anonymous requests; `signing_key` is used for signed chunks only.
std::expected<PayloadRules, aws::ApiError> MakePayloadRules(const http::RequestHead& head, const sigv4::Claim* claim,
                                                            const SecretBytes& signing_key);

class PayloadReader final : public Payload {
 public:
  // `source` outlives the reader.
  PayloadReader(http::BodyReader& source, PayloadRules rules, const aws::ServiceDescriptor& service);

  Expected<std::size_t> Read(std::span<char> out) override;
  std::optional<std::uint64_t> declared_bytes() const override { return rules_.declared_bytes; }
  const std::string& sha256() const override { return sha256_; }
  const std::vector<std::pair<std::string, std::string>>& trailers() const override;
  const std::optional<aws::ApiError>& failure() const override { return failure_; }

 private:
  Expected<std::size_t> ReadPlain(std::span<char> out);
  Expected<std::size_t> ReadChunked(std::span<char> out);
  Expected<std::size_t> End();
  std::unexpected<Error> Failed(const aws::ErrorShape& shape, std::string message, Error cause);

  http::BodyReader& source_;
  PayloadRules rules_;
  const aws::ServiceDescriptor& service_;
  std::optional<sigv4::ChunkedDecoder> decoder_;
  std::string encoded_;  // scratch for ReadChunked
  std::string decoded_;  // decoded and not yet handed out
  std::size_t decoded_position_ = 0;
  crypto::Digest digest_{crypto::Hash::kSha256};
  std::uint64_t bytes_ = 0;
  std::string sha256_;
  bool ended_ = false;
  std::optional<aws::ApiError> failure_;
};

}  // namespace firmsign::gateway
