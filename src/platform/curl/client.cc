// SPDX-License-Identifier: Apache-2.0

#include "platform/curl/client.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <mutex>
#include <optional>
#include <span>
#include <utility>

#include "base/check.h"
#include "base/encoding.h"

namespace firmsign::curl {
namespace {

void InitialiseOnce() {
  static std::once_flag once;
  std::call_once(once, [] { CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK); });
}

class HeaderList {
 public:
  ~HeaderList() { curl_slist_free_all(list_); }
  void Add(const std::string& line) {
    curl_slist* longer = curl_slist_append(list_, line.c_str());
    CHECK(longer != nullptr);
    list_ = longer;
  }
  curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

// The state of one exchange, which libcurl's callbacks see.
struct Exchange {
  const ClientRequest& request;
  const Transfer& transfer;
  ClientResponse response;
  std::uint64_t body_bytes = 0;
  std::uint64_t sent = 0;  // position in the body
  std::optional<Error> error;
};

std::uint64_t LengthOf(const ClientRequest& request) {
  if (const auto* text = std::get_if<std::string>(&request.body)) return text->size();
  return std::get<http::FileRange>(request.body).length;
}

std::size_t ReadBody(char* out, std::size_t size, std::size_t count, void* user) {
  Exchange& exchange = *static_cast<Exchange*>(user);
  std::size_t wanted =
      static_cast<std::size_t>(std::min<std::uint64_t>(size * count, exchange.body_bytes - exchange.sent));
  if (wanted == 0) return 0;
  if (const auto* text = std::get_if<std::string>(&exchange.request.body)) {
    std::memcpy(out, text->data() + exchange.sent, wanted);
    exchange.sent += wanted;
    return wanted;
  }
  const auto& range = std::get<http::FileRange>(exchange.request.body);
  auto read = range.file->ReadAt(range.offset + exchange.sent, std::span<char>(out, wanted));
  if (read && *read == 0) {
    read = Fail(Code::kCorrupt, range.file->path() + " has become shorter while it was sent");
  }
  if (!read) {
    exchange.error = std::move(read).error();
    return CURL_READFUNC_ABORT;
  }
  exchange.sent += *read;
  return *read;
}

// libcurl starts the body again when a kept connection turns out to be dead.
int SeekBody(void* user, curl_off_t offset, int origin) {
  Exchange& exchange = *static_cast<Exchange*>(user);
  if (origin != SEEK_SET || offset < 0 || static_cast<std::uint64_t>(offset) > exchange.body_bytes) {
    return CURL_SEEKFUNC_FAIL;
  }
  exchange.sent = static_cast<std::uint64_t>(offset);
  return CURL_SEEKFUNC_OK;
}

std::size_t TakeHeader(char* text, std::size_t size, std::size_t count, void* user) {
  Exchange& exchange = *static_cast<Exchange*>(user);
  std::string_view line(text, size * count);
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  if (line.starts_with("HTTP/")) {
    // Also after an interim response such as 100: only the last head counts.
    exchange.response = {};
    std::size_t blank = line.find(' ');
    if (blank != std::string_view::npos) {
      std::from_chars(line.data() + blank + 1, line.data() + line.size(), exchange.response.status);
    }
  } else if (std::size_t colon = line.find(':'); colon != std::string_view::npos) {
    exchange.response.headers.Add(std::string(line.substr(0, colon)), std::string(TrimBlanks(line.substr(colon + 1))));
  }
  return size * count;
}

std::size_t TakeBody(char* bytes, std::size_t size, std::size_t count, void* user) {
  Exchange& exchange = *static_cast<Exchange*>(user);
  std::string_view piece(bytes, size * count);
  if (exchange.transfer.sink && exchange.response.status / 100 == 2) {
    auto taken = exchange.transfer.sink(piece);
    if (taken) return piece.size();
    exchange.error = std::move(taken).error();
    return CURL_WRITEFUNC_ERROR;
  }
  if (piece.size() > exchange.transfer.response_bytes_max - exchange.response.body.size()) {
    exchange.error = Error{
        .code = Code::kExhausted,
        .message = "the response has more than " + std::to_string(exchange.transfer.response_bytes_max) + " bytes"};
    return CURL_WRITEFUNC_ERROR;
  }
  exchange.response.body.append(piece);
  return piece.size();
}

int Report(void* user, curl_off_t down_total, curl_off_t down, curl_off_t up_total, curl_off_t up) {
  Exchange& exchange = *static_cast<Exchange*>(user);
  if (!exchange.transfer.progress) return 0;
  bool is_up = exchange.body_bytes > 0;
  exchange.transfer.progress(static_cast<std::uint64_t>(is_up ? up : down),
                             static_cast<std::uint64_t>(is_up ? up_total : down_total));
  return 0;
}

bool IsSendable(std::string_view text) { return text.find_first_of(std::string_view("\r\n\0", 3)) == text.npos; }

// libcurl removes a header of its own when given "Name:", and sends an empty one when given "Name;".
Expected<void> AddHeaders(const http::Headers& headers, HeaderList& list) {
  for (const http::Headers::Field& field : headers) {
    if (EqualsIgnoreCase(field.name, "Content-Length") || EqualsIgnoreCase(field.name, "Transfer-Encoding")) continue;
    if (field.name.empty() || field.name.find(':') != std::string::npos || !IsSendable(field.name) ||
        !IsSendable(field.value)) {
      return Fail(Code::kInvalid, "the header " + field.name + " holds a line break or has no name");
    }
    list.Add(field.value.empty() ? field.name + ";" : field.name + ": " + field.value);
  }
  for (const char* name : {"Accept", "Content-Type", "Expect", "User-Agent"}) {
    if (!headers.Find(name)) list.Add(std::string(name) + ":");
  }
  return {};
}

Error Explain(CURLcode code, const char* detail, const ClientRequest& request, const ClientOptions& options) {
  const std::string& where = request.unix_socket.empty() ? request.url_base : request.unix_socket;
  std::string reason = detail[0] != '\0' ? detail : curl_easy_strerror(code);
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return {.code = Code::kInvalid,
              .message = "\"" + where + "\" is no address; write one such as https://host:8443"};
    case CURLE_COULDNT_RESOLVE_HOST:
      return {.code = Code::kUnavailable,
              .message = "no such host: " + where + "; check the address and the name service (" + reason + ")"};
    case CURLE_COULDNT_CONNECT:
      return {.code = Code::kUnavailable,
              .message = "cannot connect to " + where + "; check that the server runs there (" + reason + ")"};
    case CURLE_OPERATION_TIMEDOUT:
      return {.code = Code::kUnavailable,
              .message =
                  where + " did not answer in time; check the network and the server, then try again (" + reason + ")"};
    case CURLE_PEER_FAILED_VERIFICATION:
      return {.code = Code::kUnavailable,
              .message = "the certificate of " + where +
                         " is not trusted; name its authority's PEM file as CA bundle (" + reason + ")"};
    case CURLE_SSL_CACERT_BADFILE:
      return {.code = Code::kUnavailable,
              .message = "cannot read the CA bundle " + options.ca_bundle + "; check the path (" + reason + ")"};
    default:
      return {.code = Code::kUnavailable,
              .message = "the exchange with " + where + " broke off; try again (" + reason + ")"};
  }
}

}  // namespace

class Client::Impl {
 public:
  explicit Impl(const ClientOptions& options) : options_(options) {
    InitialiseOnce();
    handle_ = curl_easy_init();
    CHECK(handle_ != nullptr);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { curl_easy_cleanup(handle_); }

  Expected<ClientResponse> Send(const ClientRequest& request, const Transfer& transfer) {
    if (!IsSendable(request.head.target) || !request.head.target.starts_with('/') ||
        request.head.target.find(' ') != std::string::npos) {
      return Fail(Code::kInvalid,
                  "\"" + request.head.target + "\" is no request target; it begins with / and is encoded");
    }
    Exchange exchange{.request = request, .transfer = transfer, .body_bytes = LengthOf(request)};
    HeaderList headers;
    RETURN_IF_ERROR(AddHeaders(request.head.headers, headers));
    char detail[CURL_ERROR_SIZE] = "";
    curl_easy_reset(handle_);  // keeps the connection
    Set(CURLOPT_ERRORBUFFER, detail);
    Configure(exchange, headers);
    CURLcode code = curl_easy_perform(handle_);
    if (exchange.error) return std::unexpected(*std::move(exchange.error));
    if (code != CURLE_OK) return std::unexpected(Explain(code, detail, request, options_));
    return std::move(exchange.response);
  }

 private:
  // Fails only for an option that this libcurl does not know, which is a fault of the build.
  template <class Value>
  void Set(CURLoption option, Value value) {
    CHECK(curl_easy_setopt(handle_, option, value) == CURLE_OK);
  }

  void Configure(Exchange& exchange, const HeaderList& headers) {
    const ClientRequest& request = exchange.request;
    Set(CURLOPT_URL, (request.url_base + "/").c_str());
    Set(CURLOPT_REQUEST_TARGET, request.head.target.c_str());
    Set(CURLOPT_PATH_AS_IS, 1L);
    Set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    Set(CURLOPT_PROTOCOLS_STR, "http,https");
    Set(CURLOPT_FOLLOWLOCATION, 0L);
    Set(CURLOPT_NOSIGNAL, 1L);
    Set(CURLOPT_CONNECTTIMEOUT, static_cast<long>(options_.connect_seconds_max.count()));
    Set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    Set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(options_.stall_seconds_max.count()));
    Set(CURLOPT_TIMEOUT, static_cast<long>(options_.total_seconds_max.count()));
    if (!options_.uses_proxy_from_environment) Set(CURLOPT_NOPROXY, "*");
    if (!options_.ca_bundle.empty()) Set(CURLOPT_CAINFO, options_.ca_bundle.c_str());
    if (!request.unix_socket.empty()) Set(CURLOPT_UNIX_SOCKET_PATH, request.unix_socket.c_str());
    Set(CURLOPT_HTTPHEADER, headers.get());
    SetMethod(exchange);
    Set(CURLOPT_HEADERFUNCTION, TakeHeader);
    Set(CURLOPT_HEADERDATA, static_cast<void*>(&exchange));
    Set(CURLOPT_WRITEFUNCTION, TakeBody);
    Set(CURLOPT_WRITEDATA, static_cast<void*>(&exchange));
    Set(CURLOPT_XFERINFOFUNCTION, Report);
    Set(CURLOPT_XFERINFODATA, static_cast<void*>(&exchange));
    Set(CURLOPT_NOPROGRESS, exchange.transfer.progress ? 0L : 1L);
  }

  // POST and PUT always announce a length, also 0; other methods only when they carry a body.
  void SetMethod(Exchange& exchange) {
    const std::string& method = exchange.request.head.method;
    if (method == "HEAD") {
      Set(CURLOPT_NOBODY, 1L);
      return;
    }
    Set(CURLOPT_HTTPGET, 1L);
    if (exchange.body_bytes > 0 || method == "POST" || method == "PUT") {
      Set(CURLOPT_UPLOAD, 1L);
      Set(CURLOPT_UPLOAD_BUFFERSIZE, 256L * 1024);
      Set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(exchange.body_bytes));
      Set(CURLOPT_READFUNCTION, ReadBody);
      Set(CURLOPT_READDATA, static_cast<void*>(&exchange));
      Set(CURLOPT_SEEKFUNCTION, SeekBody);
      Set(CURLOPT_SEEKDATA, static_cast<void*>(&exchange));
    }
    Set(CURLOPT_CUSTOMREQUEST, method.c_str());
  }

  const ClientOptions options_;
  CURL* handle_ = nullptr;
};

Client::Client(const ClientOptions& options) : impl_(std::make_unique<Impl>(options)) {}
Client::~Client() = default;
Expected<ClientResponse> Client::Send(const ClientRequest& request, const Transfer& transfer) {
  return impl_->Send(request, transfer);
}

bool Client::IsListening(const std::string& unix_socket) {
  InitialiseOnce();
  CURL* handle = curl_easy_init();
  CHECK(handle != nullptr);
  const bool is_listening = curl_easy_setopt(handle, CURLOPT_URL, "http://localhost/") == CURLE_OK &&
                            curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
                            curl_easy_setopt(handle, CURLOPT_UNIX_SOCKET_PATH, unix_socket.c_str()) == CURLE_OK &&
                            curl_easy_setopt(handle, CURLOPT_CONNECT_ONLY, 1L) == CURLE_OK &&
                            curl_easy_perform(handle) == CURLE_OK;
  curl_easy_cleanup(handle);
  return is_listening;
}

}  // namespace firmsign::curl
