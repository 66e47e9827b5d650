// SPDX-License-Identifier: Apache-2.0
//
// However the input is split, the decoder gives the same data, the same trailers and the same error; and of signed
// chunks it hands out nothing, since nobody here can sign.
//
// Input: one byte of options and one of step size, then the body.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "aws/sigv4/chunked.h"
#include "base/check.h"

namespace firmsign::sigv4 {
namespace {

struct Outcome {
  std::string data;
  std::optional<Code> error;
  bool finished = false;
  std::vector<std::pair<std::string, std::string>> trailers;
  bool operator==(const Outcome&) const = default;
};

Outcome Decode(const ChunkedOptions& options, std::string_view body, std::size_t step) {
  ChunkedDecoder decoder(options);
  Outcome outcome;
  while (!body.empty() && !outcome.error) {
    const auto piece = body.substr(0, step);
    body.remove_prefix(piece.size());
    if (auto fed = decoder.Feed(piece, outcome.data); !fed) outcome.error = fed.error().code;
  }
  outcome.finished = decoder.finished();
  outcome.trailers = decoder.trailers();
  return outcome;
}

}  // namespace

// Inside a namespace for the names; its own name is C.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const ChunkedOptions options{.signed_chunks = (data[0] & 1) != 0,
                               .has_trailer = (data[0] & 2) != 0,
                               .signing_key = firmsign::SecretBytes("key that no input knows"),
                               .amz_date = "20130524T000000Z",
                               .scope = "20130524/us-east-1/s3/aws4_request",
                               .seed_signature = std::string(64, '0')};
  const std::string_view body(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto whole = Decode(options, body, body.size());
  CHECK(whole == Decode(options, body, 1));
  CHECK(whole == Decode(options, body, data[1] + std::size_t{1}));
  if (options.signed_chunks) CHECK(whole.data.empty() && !whole.finished);
  return 0;
}

}  // namespace firmsign::sigv4
