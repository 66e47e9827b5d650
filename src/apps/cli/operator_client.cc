// SPDX-License-Identifier: Apache-2.0

#include "apps/cli/operator_client.h"

#include <chrono>
#include <thread>
#include <variant>

#include "apps/cli/client.h"
#include "base/secret.h"

namespace firmsign::cli {
namespace {

constexpr std::chrono::seconds kWaitMax{5};
constexpr std::chrono::milliseconds kPause{100};

}  // namespace

Expected<std::unique_ptr<OperatorClient>> OperatorClient::Open(const server::Options& options) {
  const std::string socket = options.data + "/admin.sock";
  const auto deadline = std::chrono::steady_clock::now() + kWaitMax;
  while (true) {
    // The server removes its socket and a crash leaves it, so only whether somebody listens counts.
    if (!options.data.empty() && curl::Client::IsListening(socket)) {
      return std::unique_ptr<OperatorClient>(new OperatorClient(socket));
    }
    auto process = server::InProcess::Open(options);
    if (process) return std::unique_ptr<OperatorClient>(new OperatorClient(*std::move(process)));
    if (process.error().code != Code::kUnavailable || std::chrono::steady_clock::now() > deadline) {
      return std::unexpected(std::move(process).error());
    }
    std::this_thread::sleep_for(kPause);
  }
}

Expected<json::Value> OperatorClient::Call(const OperatorRequest& request) {
  curl::ClientRequest message{.url_base = "http://localhost", .unix_socket = socket_, .body = request.body};
  http::RequestHead& head = message.head;
  head.method = request.method;
  head.target = request.target;
  head.headers.Add("Host", request.service);
  head.headers.Add("User-Agent", "firmsign");
  if (!request.body.empty()) head.headers.Add("Content-Type", "application/json");
  if (!request.account.empty()) head.headers.Add("X-Firmsign-Account", request.account);
  for (const auto& [name, value] : request.headers) head.headers.Set(name, value);

  curl::ClientResponse answer;
  if (process_) {
    http::Response response = process_->Send(std::move(head), request.body);
    answer.status = response.status;
    if (auto* body = std::get_if<std::string>(&response.body)) answer.body = std::move(*body);
  } else {
    ASSIGN_OR_RETURN(answer, curl_.Send(message));
  }
  if (answer.status < 200 || answer.status >= 300) return std::unexpected(ErrorOf(answer));
  auto value = json::Parse(answer.body);
  Wipe(answer.body);
  return value;
}

}  // namespace firmsign::cli
