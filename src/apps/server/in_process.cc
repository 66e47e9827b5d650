// SPDX-License-Identifier: Apache-2.0

#include "apps/server/in_process.h"

#include <unistd.h>

#include <utility>
#include <variant>

#include "base/check.h"

namespace firmsign::server {

Expected<std::unique_ptr<InProcess>> InProcess::Open(Options options) {
  // Nothing flushes a queue here, and nobody waits for a quick answer.
  options.audit.strict_reads = true;
  std::unique_ptr<InProcess> process(new InProcess(std::move(options)));
  ASSIGN_OR_RETURN(process->deployment_, Deployment::Open(process->options_, process->clock_, IfAbsent::kRefuse));
  ASSIGN_OR_RETURN(process->services_, Services::Make(process->options_, *process->deployment_, process->metrics_));
  return process;
}

InProcess::~InProcess() {
  if (services_) services_->Stop();
}

http::Response InProcess::Send(http::RequestHead head, std::string body) {
  head.peer.uid = geteuid();
  if (!body.empty()) head.content_length = body.size();
  http::Decision decision = services_->handler().OnHead(std::move(head));
  if (auto* refuse = std::get_if<http::Refuse>(&decision)) return std::move(refuse->response);
  auto* buffer = std::get_if<http::Buffer>(&decision);
  CHECK(buffer != nullptr);  // the operator's commands upload nothing
  return body.size() > buffer->body_bytes_max ? buffer->too_large() : buffer->run(std::move(body));
}

}  // namespace firmsign::server
