// SPDX-License-Identifier: Apache-2.0

#include "platform/http/parser.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <charconv>
#include <cstring>
#include <limits>
#include <optional>
#include <string>

#include "base/check.h"
#include "base/encoding.h"
#include "platform/http/characters.h"

namespace firmsign::http {
namespace {

namespace beast = boost::beast;
using BeastError = beast::error_code;

bool IsHost(std::string_view value) {
  return std::ranges::all_of(value, [](char c) { return kHostCharacters.Has(c); });
}

// Makes the origin form of the absolute form, as clients send it when they take this server for their proxy. What it
// names must be the host of the header: nobody downstream has to ask which of two is meant (RFC 9112, 3.2.2).
void StripHost(std::string& target, std::string_view host) {
  constexpr std::string_view kScheme = "http://";
  if (!EqualsIgnoreCase(std::string_view(target).substr(0, kScheme.size()), kScheme)) return;
  const std::size_t end = std::min(target.find_first_of("/?", kScheme.size()), target.size());
  const auto named = std::string_view(target).substr(kScheme.size(), end - kScheme.size());
  if (named.empty() || !EqualsIgnoreCase(named, host)) return;
  const bool has_path = end < target.size() && target[end] == '/';
  target.replace(0, end, has_path ? "" : "/");
}

// Origin form, or `*` for OPTIONS. CONNECT's is no path.
bool IsTarget(std::string_view method, std::string_view target) {
  if (!std::ranges::all_of(target, [](char c) { return c > ' ' && c < '\x7f'; })) return false;
  return target.starts_with('/') || (method == "OPTIONS" && target == "*");
}

// Collects what Beast finds. One object lives for one request.
class Collector final : public beast::http::basic_parser<true> {
 public:
  explicit Collector(const HeadLimits& limits) : limits_(limits) {
    // Our own scan limits the length, before Beast sees the head.
    header_limit(
        static_cast<std::uint32_t>(std::min<std::size_t>(limits.bytes_max, std::numeric_limits<std::uint32_t>::max())));
    body_limit(boost::none);
  }

  ParsedHead parsed;

 private:
  void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target, int version,
                       BeastError&) override {
    parsed.head.method.assign(method.data(), method.size());
    parsed.head.target.assign(target.data(), target.size());
    parsed.is_http10 = version < 11;
  }
  void on_response_impl(int, beast::string_view, int, BeastError&) override {}
  void on_field_impl(beast::http::field, beast::string_view name, beast::string_view value, BeastError& ec) override {
    if (++fields_ > limits_.fields_max) {
      ec = beast::http::error::header_limit;
      return;
    }
    parsed.head.headers.Add(std::string(name.data(), name.size()), std::string(value.data(), value.size()));
  }
  void on_header_impl(BeastError&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, BeastError&) override {}
  // Bodies never pass through the parser.
  std::size_t on_body_impl(beast::string_view, BeastError&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, BeastError&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view, BeastError&) override { return 0; }
  void on_finish_impl(BeastError&) override {}

  const HeadLimits limits_;
  std::size_t fields_ = 0;
};

// What Beast lets pass and we do not (see server.h). Sets the fields of the head that follow from its headers.
bool Accept(ParsedHead& parsed) {
  RequestHead& head = parsed.head;
  int hosts = 0;
  int lengths = 0;
  int codings = 0;
  for (const Headers::Field& field : head.headers) {
    if (EqualsIgnoreCase(field.name, "host")) {
      if (++hosts > 1 || !IsHost(field.value)) return false;
      StripHost(head.target, field.value);
    } else if (EqualsIgnoreCase(field.name, "content-length")) {
      std::uint64_t length = 0;
      const char* end = field.value.data() + field.value.size();
      auto [stop, error] = std::from_chars(field.value.data(), end, length);
      if (++lengths > 1 || field.value.empty() || error != std::errc() || stop != end) return false;
      head.content_length = length;
    } else if (EqualsIgnoreCase(field.name, "transfer-encoding")) {
      if (++codings > 1 || !EqualsIgnoreCase(field.value, "chunked") || parsed.is_http10) return false;
      head.chunked = true;
    } else if (EqualsIgnoreCase(field.name, "expect")) {
      head.expects_continue = !parsed.is_http10 && EqualsIgnoreCase(field.value, "100-continue");
    }
  }
  return hosts == 1 && IsTarget(head.method, head.target) && (lengths == 0 || codings == 0);
}

}  // namespace

class RequestParser::Impl {
 public:
  explicit Impl(const HeadLimits& limits) : limits_(limits) {}

  void Reset() {
    collector_.emplace(limits_);
    chunks_.reset();
    scanned_ = 0;
  }

  // Finds the end of the head, line by line. A line ends in CR LF and does not begin with a blank (that would be a
  // folded field); the first byte belongs to a method, so that a TLS greeting on a plain port fails at once.
  Step Scan(std::string_view bytes) {
    std::string_view seen = bytes.substr(0, limits_.bytes_max);
    if (!seen.empty() && !IsTokenChar(seen.front())) return {Outcome::kMalformed};
    while (scanned_ < seen.size()) {
      if (scanned_ > 0 && seen[scanned_ - 1] == '\n' && (seen[scanned_] == ' ' || seen[scanned_] == '\t')) {
        return {Outcome::kMalformed};
      }
      const void* found = std::memchr(seen.data() + scanned_, '\n', seen.size() - scanned_);
      if (found == nullptr) {
        scanned_ = seen.size();
        break;
      }
      std::size_t at = static_cast<std::size_t>(static_cast<const char*>(found) - seen.data());
      if (seen[at - 1] != '\r') return {Outcome::kMalformed};  // at > 0: the first byte is a letter
      scanned_ = at + 1;
      if (at >= 3 && seen[at - 2] == '\n') return {Outcome::kComplete, at + 1};
    }
    return {bytes.size() >= limits_.bytes_max ? Outcome::kTooLarge : Outcome::kNeedMore};
  }

  Step ParseHead(std::string_view bytes) {
    Step scan = Scan(bytes);
    if (scan.outcome != Outcome::kComplete) return scan;
    BeastError ec;
    std::size_t used = collector_->put(boost::asio::const_buffer(bytes.data(), scan.consumed), ec);
    // The scan and Beast must agree on where the head ends, else one of them was deceived.
    if (ec || used != scan.consumed || !collector_->is_header_done()) return {Outcome::kMalformed};
    if (!Accept(collector_->parsed)) return {Outcome::kMalformed};
    collector_->parsed.keep_alive = collector_->keep_alive();
    if (collector_->parsed.head.chunked) chunks_.emplace(limits_.bytes_max, limits_.fields_max);
    return scan;
  }

  Step ParseChunks(std::string_view bytes, ChunkSink& sink) {
    CHECK(chunks_.has_value());
    Step step;
    step.consumed = chunks_->Decode(bytes, sink);
    switch (chunks_->state()) {
      case ChunkDecoder::State::kDone: step.outcome = Outcome::kComplete; break;
      case ChunkDecoder::State::kMalformed: step.outcome = Outcome::kMalformed; break;
      default: step.outcome = step.consumed < bytes.size() ? Outcome::kNoRoom : Outcome::kNeedMore;
    }
    return step;
  }

  ParsedHead& head() { return collector_->parsed; }

 private:
  const HeadLimits limits_;
  std::optional<Collector> collector_;
  std::optional<ChunkDecoder> chunks_;
  std::size_t scanned_ = 0;
};

RequestParser::RequestParser(const HeadLimits& limits) : impl_(std::make_unique<Impl>(limits)) { impl_->Reset(); }
RequestParser::~RequestParser() = default;
void RequestParser::Reset() { impl_->Reset(); }
RequestParser::Step RequestParser::ParseHead(std::string_view bytes) { return impl_->ParseHead(bytes); }
ParsedHead& RequestParser::head() { return impl_->head(); }
RequestParser::Step RequestParser::ParseChunks(std::string_view bytes, ChunkSink& sink) {
  return impl_->ParseChunks(bytes, sink);
}

}  // namespace firmsign::http
