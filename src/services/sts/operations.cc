// SPDX-License-Identifier: Apache-2.0

#include "services/sts/operations.h"

namespace firmsign::sts {
namespace {

using Table = gateway::RouteTable<Service, ops::All, gateway::On<ops::GetCallerIdentity, &GetCallerIdentity>>;

}  // namespace

gateway::ServiceRoutes Routes(Service& service) {
  return {.descriptor = &kService, .service = &service, .handlers = Table::kHandlers};
}

}  // namespace firmsign::sts
