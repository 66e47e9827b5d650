// SPDX-License-Identifier: Apache-2.0
//
// The admin listener: /healthz, /readyz and /metrics, apart from the API because bucket names share its paths.

#pragma once

#include "apps/server/deployment.h"
#include "platform/http/server.h"
#include "platform/telemetry/metrics.h"

namespace firmsign::server {

// Thread safety: safe.
class AdminHandler final : public http::Handler {
 public:
  // Both outlive the handler.
  AdminHandler(Deployment& deployment, const telemetry::Metrics& metrics)
      : deployment_(deployment), metrics_(metrics) {}

  http::Decision OnHead(http::RequestHead&& head) override;

 private:
  http::Response Ready() const;

  Deployment& deployment_;
  const telemetry::Metrics& metrics_;
};

}  // namespace firmsign::server
