// SPDX-License-Identifier: Apache-2.0
//
// Drives the request parser with bytes in any split, for its tests and its fuzzer.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "platform/http/parser.h"

namespace firmsign::http::testing {

// What came of one request.
struct Fed {
  RequestParser::Outcome head = RequestParser::Outcome::kNeedMore;
  RequestParser::Outcome body = RequestParser::Outcome::kNeedMore;  // of a chunked one
  std::string shown;                                                // the head, as text
  std::string decoded;                                              // the chunked body
  std::string rest;                                                 // what follows the request

  friend bool operator==(const Fed&, const Fed&) = default;
};

class AppendSink final : public ChunkSink {
 public:
  explicit AppendSink(std::string& out) : out_(out) {}
  std::size_t Take(std::string_view piece) override {
    out_.append(piece);
    return piece.size();
  }

 private:
  std::string& out_;
};

// `next(at)` says how many bytes the packet that begins at `at` has, at least 1.
template <class Next>
Fed FeedSplit(std::string_view bytes, const HeadLimits& limits, Next next) {
  Fed fed;
  RequestParser parser(limits);
  AppendSink sink(fed.decoded);
  std::size_t begin = 0;  // of what is not consumed
  std::size_t end = 0;    // of what has arrived
  while (end < bytes.size()) {
    std::size_t count = next(end);
    end = count < bytes.size() - end ? end + count : bytes.size();
    if (fed.head == RequestParser::Outcome::kNeedMore) {
      RequestParser::Step step = parser.ParseHead(bytes.substr(begin, end - begin));
      fed.head = step.outcome;
      begin += step.consumed;
      if (fed.head == RequestParser::Outcome::kNeedMore) continue;
      if (fed.head != RequestParser::Outcome::kComplete) return fed;
      const RequestHead& head = parser.head().head;
      fed.shown = head.method + " " + head.target + (parser.head().keep_alive ? " keep" : " close");
      for (const auto& field : head.headers) fed.shown += "\n" + field.name + ": " + field.value;
      if (!head.chunked) {
        fed.rest = bytes.substr(begin);
        return fed;
      }
    }
    RequestParser::Step step = parser.ParseChunks(bytes.substr(begin, end - begin), sink);
    begin += step.consumed;
    fed.body = step.outcome;
    if (fed.body != RequestParser::Outcome::kNeedMore) {
      // How much of a broken body was looked at is no property of it.
      if (fed.body == RequestParser::Outcome::kComplete) fed.rest = bytes.substr(begin);
      return fed;
    }
  }
  return fed;
}

inline Fed FeedWhole(std::string_view bytes, const HeadLimits& limits) {
  return FeedSplit(bytes, limits, [&](std::size_t) { return bytes.size(); });
}

}  // namespace firmsign::http::testing
