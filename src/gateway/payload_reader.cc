// SPDX-License-Identifier: Apache-2.0

#include "gateway/payload_reader.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/check.h"
#include "base/encoding.h"
#include "gateway/body_errors.h"

namespace firmsign::gateway {
namespace {

constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::size_t kHexDigestChars = 64;

aws::ApiError TransferProblem(const aws::ErrorShape& shape, std::string message) {
  return {.shape = &shape, .message = std::move(message)};
}

bool IsHexDigest(std::string_view text) { return text.size() == kHexDigestChars && DecodeHex(text).has_value(); }

std::optional<std::uint64_t> ParseLength(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

// A list of header names: "x-amz-checksum-crc32, x-amz-meta-a".
std::vector<std::string> ParseNames(std::string_view list) {
  std::vector<std::string> names;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    if (const auto name = TrimBlanks(list.substr(0, comma)); !name.empty()) names.push_back(ToLower(name));
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  }
  return names;
}

}  // namespace

std::expected<PayloadRules, aws::ApiError> MakePayloadRules(const http::RequestHead& head, const sigv4::Claim* claim,
                                                            const SecretBytes& signing_key) {
  PayloadRules rules;
  const std::string_view word = head.headers.Get("x-amz-content-sha256");
  if (!word.starts_with("STREAMING-")) {
    rules.declared_bytes = head.content_length;
    if (!word.empty() && word != sigv4::kUnsignedPayload) {
      if (!IsHexDigest(word)) {
        return std::unexpected(TransferProblem(
            kInvalidArgument,
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, "
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value."));
      }
      rules.sha256_hex = ToLower(word);
    }
    return rules;
  }

  sigv4::ChunkedOptions options;
  if (word == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD") {
    options.signed_chunks = true;
  } else if (word == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER") {
    options.signed_chunks = true;
    options.has_trailer = true;
  } else if (word == "STREAMING-UNSIGNED-PAYLOAD-TRAILER") {
    options.has_trailer = true;
  } else {
    return std::unexpected(TransferProblem(kNotImplemented, "This kind of streaming payload is not supported."));
  }
  if (options.signed_chunks) {
    if (claim == nullptr)
      return std::unexpected(TransferProblem(kInvalidRequest, "Signed chunks need a signed request."));
    options.signing_key = signing_key;
    options.amz_date = claim->amz_date;
    options.scope = claim->scope.str();
    options.seed_signature = claim->signature;
  }
  rules.declared_bytes = ParseLength(head.headers.Get("x-amz-decoded-content-length"));
  if (!rules.declared_bytes) {
    return std::unexpected(
        TransferProblem(kMissingContentLength, "You must provide the x-amz-decoded-content-length HTTP header."));
  }
  if (options.has_trailer) rules.announced_trailers = ParseNames(head.headers.Get("x-amz-trailer"));
  rules.chunked = std::move(options);
  return rules;
}

PayloadReader::PayloadReader(http::BodyReader& source, PayloadRules rules, const aws::ServiceDescriptor& service)
    : source_(source), rules_(std::move(rules)), service_(service) {
  if (rules_.chunked) decoder_.emplace(*rules_.chunked);
}

const std::vector<std::pair<std::string, std::string>>& PayloadReader::trailers() const {
  static const std::vector<std::pair<std::string, std::string>> kNone;
  return decoder_ ? decoder_->trailers() : kNone;
}

std::unexpected<Error> PayloadReader::Failed(const aws::ErrorShape& shape, std::string message, Error cause) {
  failure_ = TransferProblem(shape, std::move(message));
  failure_->cause = cause.message;
  return std::unexpected(std::move(cause));
}

Expected<std::size_t> PayloadReader::Read(std::span<char> out) {
  if (out.empty() || ended_) return std::size_t{0};
  CHECK(!failure_);  // a handler that goes on after an error is a bug
  ASSIGN_OR_RETURN(const std::size_t count, decoder_ ? ReadChunked(out) : ReadPlain(out));
  if (count == 0) return End();
  digest_.Update({out.data(), count});
  bytes_ += count;
  if (rules_.bytes_max && bytes_ > *rules_.bytes_max) {
    return Failed(kEntityTooLarge, "Your proposed upload exceeds the maximum allowed size",
                  {Code::kInvalid, "file larger than the form's policy allows"});
  }
  if (rules_.declared_bytes && bytes_ > *rules_.declared_bytes) {
    return Failed(kIncompleteBody, "The request body is longer than the length that was announced.",
                  {Code::kInvalid, "body longer than announced"});
  }
  return count;
}

Expected<std::size_t> PayloadReader::ReadPlain(std::span<char> out) {
  Expected<std::size_t> count = source_.Read(out);
  if (!count) {
    return Failed(kIncompleteBody,
                  "You did not provide the number of bytes specified by the Content-Length HTTP header.",
                  std::move(count).error());
  }
  return count;
}

Expected<std::size_t> PayloadReader::ReadChunked(std::span<char> out) {
  while (decoded_position_ == decoded_.size()) {
    decoded_.clear();
    decoded_position_ = 0;
    encoded_.resize(kReadBytes);
    Expected<std::size_t> count = source_.Read(encoded_);
    if (!count) return Failed(kIncompleteBody, "The request body ended early.", std::move(count).error());
    if (*count == 0) {
      if (!decoder_->finished()) {
        return Failed(kIncompleteBody, "The request body terminated unexpectedly.",
                      {Code::kInvalid, "aws-chunked body without its last chunk"});
      }
      return std::size_t{0};
    }
    if (auto fed = decoder_->Feed({encoded_.data(), *count}, decoded_); !fed) {
      if (fed.error().code == Code::kDenied) {
        return Failed(aws::CommonErrorShape(service_, aws::CommonError::kSignatureMismatch),
                      "The request signature we calculated does not match the signature you provided. Check your key "
                      "and signing method.",
                      std::move(fed).error());
      }
      std::string message = fed.error().message;
      return Failed(kInvalidRequest, std::move(message), std::move(fed).error());
    }
  }
  const std::size_t count = std::min(out.size(), decoded_.size() - decoded_position_);
  std::memcpy(out.data(), decoded_.data() + decoded_position_, count);
  decoded_position_ += count;
  return count;
}

Expected<std::size_t> PayloadReader::End() {
  if (rules_.bytes_min && bytes_ < *rules_.bytes_min) {
    return Failed(kEntityTooSmall, "Your proposed upload is smaller than the minimum allowed size",
                  {Code::kInvalid, "file smaller than the form's policy allows"});
  }
  if (rules_.declared_bytes && bytes_ != *rules_.declared_bytes) {
    return Failed(kIncompleteBody,
                  "You did not provide the number of bytes specified by the Content-Length HTTP header.",
                  {Code::kInvalid, "body shorter than announced"});
  }
  // What proves the body is not optional once it was announced: it may have been lost with the end of the body.
  for (const std::string& name : rules_.announced_trailers) {
    if (std::ranges::none_of(trailers(), [&](const auto& trailer) { return trailer.first == name; })) {
      return Failed(kMalformedTrailer,
                    "The request contained trailing data that was not well-formed or did not conform to our published "
                    "schema.",
                    {Code::kInvalid, "the trailer " + name + " did not come"});
    }
  }
  sha256_ = digest_.Finish();
  if (rules_.sha256_hex && EncodeHex(sha256_) != *rules_.sha256_hex) {
    return Failed(aws::CommonErrorShape(service_, aws::CommonError::kPayloadHashMismatch),
                  "The provided 'x-amz-content-sha256' header does not match what was computed.",
                  {Code::kInvalid, "payload hash differs"});
  }
  ended_ = true;
  return std::size_t{0};
}

}  // namespace firmsign::gateway
