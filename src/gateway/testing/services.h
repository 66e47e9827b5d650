// SPDX-License-Identifier: Apache-2.0
//
// For tests of the gateway: every modelled service, routed but without behaviour.

#pragma once

#include <memory>
#include <vector>

#include "gateway/route_table.h"
#include "model/acm.h"
#include "model/iam.h"
#include "model/operator_api.h"
#include "model/s3.h"
#include "model/signer.h"
#include "model/sts.h"

namespace firmsign::gateway {

template <class... Ops>
std::vector<Handler> HandlersOf(aws::TypeList<Ops...>) {
  return {Handler{.operation = &Ops::kDescriptor, .is_built = true, .make_input = []() -> std::shared_ptr<void> {
                    return std::make_shared<typename Ops::Input>();
                  }}...};
}

// The result refers to tables that live as long as the program.
inline std::vector<ServiceRoutes> AllServices() {
  static const std::vector<Handler> signer = HandlersOf(signer::ops::All{});
  static const std::vector<Handler> s3 = HandlersOf(s3::ops::All{});
  static const std::vector<Handler> acm = HandlersOf(acm::ops::All{});
  static const std::vector<Handler> sts = HandlersOf(sts::ops::All{});
  static const std::vector<Handler> iam = HandlersOf(iam::ops::All{});
  static const std::vector<Handler> operator_api = HandlersOf(operator_api::ops::All{});
  return {{.descriptor = &signer::kService, .service = nullptr, .handlers = signer},
          {.descriptor = &s3::kService, .service = nullptr, .handlers = s3},
          {.descriptor = &acm::kService, .service = nullptr, .handlers = acm},
          {.descriptor = &sts::kService, .service = nullptr, .handlers = sts},
          {.descriptor = &iam::kService, .service = nullptr, .handlers = iam},
          {.descriptor = &operator_api::kService, .service = nullptr, .handlers = operator_api}};
}

}  // namespace firmsign::gateway
