// SPDX-License-Identifier: Apache-2.0
//
// The server's pipeline without a server: what a command of the operator uses when nothing serves the data folder.
//
// A call takes the same way as over DIR/admin.sock, so it is validated, authorised and audited as there. No listener
// and no background work is started: signing jobs wait for a server.

#pragma once

#include <memory>
#include <string>

#include "apps/server/deployment.h"
#include "apps/server/options.h"
#include "apps/server/wiring.h"
#include "base/error.h"
#include "base/time.h"
#include "platform/http/message.h"
#include "platform/telemetry/metrics.h"

namespace firmsign::server {

// Holds the data folder as long as it lives. Thread safety: confined.
class InProcess {
 public:
  // Codes as Deployment::Open with IfAbsent::kRefuse, and as Services::Make.
  static Expected<std::unique_ptr<InProcess>> Open(Options options);
  ~InProcess();
  InProcess(const InProcess&) = delete;
  InProcess& operator=(const InProcess&) = delete;

  // The answer to a request of this process's user as operator. The body of the answer is in memory.
  http::Response Send(http::RequestHead head, std::string body);

 private:
  explicit InProcess(Options options) : options_(std::move(options)) {}

  const Options options_;
  const SystemClock clock_;
  telemetry::Metrics metrics_;
  std::unique_ptr<Deployment> deployment_;
  std::unique_ptr<Services> services_;
};

}  // namespace firmsign::server
