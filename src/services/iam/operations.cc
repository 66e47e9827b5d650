// SPDX-License-Identifier: Apache-2.0

#include "services/iam/operations.h"

namespace firmsign::iam {
namespace {

using Table = gateway::RouteTable<Service, ops::All,                                //
                                  gateway::On<ops::CreateAccount, &CreateAccount>,  //
                                  gateway::On<ops::ListAccounts, &ListAccounts>,    //
                                  gateway::On<ops::RotateCodeSigningKey, &RotateCodeSigningKey>,
                                  gateway::On<ops::ReportStorage, &ReportStorage>,  //
                                  gateway::On<ops::ScrubStorage, &ScrubStorage>>;

}  // namespace

gateway::ServiceRoutes OperatorRoutes(Service& service) {
  return {.descriptor = &operator_api::kService, .service = &service, .handlers = Table::kHandlers};
}

}  // namespace firmsign::iam
