// SPDX-License-Identifier: Apache-2.0
//
// Reads requests from bytes (RFC 9112), without sockets, so that a fuzzer can drive it.
//
// Boost.Beast's parser does the syntax of heads. It is only shown a head that is complete, after our own scan of the
// raw bytes; what it would let pass is refused around it. Chunked bodies are decoded by chunks.h. So the outcome
// depends on the bytes alone, never on how they were split into packets.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "platform/http/chunks.h"
#include "platform/http/message.h"

namespace firmsign::http {

struct HeadLimits {
  std::size_t bytes_max = 32 * 1024;  // with the empty line at its end
  std::size_t fields_max = 100;       // of the head, and once more of a chunked body's trailer
};

struct ParsedHead {
  RequestHead head;         // without peer
  bool is_http10 = false;   // the client speaks HTTP/1.0
  bool keep_alive = false;  // the client will take another response on this connection
};

// The parser of one connection. Thread safety: confined.
class RequestParser {
 public:
  enum class Outcome {
    kNeedMore,   // all is well so far
    kComplete,   // the head, or the body, has ended
    kNoRoom,     // ParseChunks only: the sink is full
    kMalformed,  // answer 400 and close: nothing after this can be trusted
    kTooLarge,   // ParseHead only: the head is longer than HeadLimits::bytes_max
  };
  struct Step {
    Outcome outcome = Outcome::kNeedMore;
    std::size_t consumed = 0;  // bytes of the input that are done with; 0 unless stated
  };

  explicit RequestParser(const HeadLimits& limits);
  ~RequestParser();

  // Gets ready for the next request.
  void Reset();
  // `bytes` begins with the first byte of the request and holds everything received since; call again with more after
  // kNeedMore. With kComplete, `consumed` is the length of the head and head() is set.
  Step ParseHead(std::string_view bytes);
  ParsedHead& head();
  // Only after a head with `chunked`: decodes as much of `bytes` as possible. `consumed` counts with every outcome;
  // show the rest again, with more behind it. kComplete includes the trailer, whose fields are checked and dropped.
  Step ParseChunks(std::string_view bytes, ChunkSink& sink);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace firmsign::http
