// SPDX-License-Identifier: Apache-2.0

#include "services/iam/operator_operations.h"

namespace firmsign::iam {
namespace {

using OperatorTable = gateway::RouteTable<Service, operator_api::ops::All,                                //
                                          gateway::On<operator_api::ops::CreateAccount, &CreateAccount>,  //
                                          gateway::On<operator_api::ops::ListAccounts, &ListAccounts>,    //
                                          gateway::On<operator_api::ops::RotateCodeSigningKey, &RotateCodeSigningKey>,
                                          gateway::On<operator_api::ops::ReportStorage, &ReportStorage>,  //
                                          gateway::On<operator_api::ops::ScrubStorage, &ScrubStorage>,    //
                                          gateway::On<operator_api::ops::AttachCertificate, &AttachCertificate>,
                                          gateway::On<operator_api::ops::RotateMasterKey, &RotateMasterKey>>;

}  // namespace

gateway::ServiceRoutes OperatorRoutes(Service& service) {
  return {.descriptor = &operator_api::kService, .service = &service, .handlers = OperatorTable::kHandlers};
}

}  // namespace firmsign::iam
