// SPDX-License-Identifier: Apache-2.0
//
// Wiring: the objects of a running server and who knows whom. wiring.cc is the only file that names two services.

#pragma once

#include <memory>
#include <span>
#include <vector>

#include "apps/server/options.h"
#include "base/error.h"
#include "platform/db/database.h"
#include "platform/http/server.h"
#include "platform/telemetry/metrics.h"

namespace firmsign::server {

class Deployment;

// The schemas of all services and of what they share, each in its order.
std::vector<std::span<const db::Migration>> ServiceMigrations();

// Makes the root of the deployment's code-signing authority unless it is there.
Expected<void> MakeAuthority(const Deployment& deployment, const Options& options);

// Every service over one deployment, behind one pipeline. Thread safety: confined, but for handler().
class Services {
 public:
  // All of the arguments outlive the services.
  static Expected<std::unique_ptr<Services>> Make(const Options& options, Deployment& deployment,
                                                  telemetry::Metrics& metrics);
  virtual ~Services() = default;

  // Starts the background work: job workers, audit flusher.
  virtual Expected<void> Start() = 0;
  // Ends it; to be called when no request is in flight any more.
  virtual void Stop() = 0;
  virtual http::Handler& handler() = 0;
};

}  // namespace firmsign::server
