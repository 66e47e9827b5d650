// SPDX-License-Identifier: Apache-2.0
//
// What only the operator may do, with accounts, with the keys of the code-signing authority, with what is stored, with
// tokens and with the master key: one handler each, in the file of its name. The table is operations.cc.

#pragma once

#include "aws/api_error.h"
#include "gateway/call.h"
#include "gateway/route_table.h"
#include "model/operator_api.h"
#include "services/iam/service.h"

namespace firmsign::iam {

aws::Result<operator_api::ops::CreateAccount> CreateAccount(
    Service&, const gateway::Authorized<operator_api::ops::CreateAccount>&);
aws::Result<operator_api::ops::ListAccounts> ListAccounts(Service&,
                                                          const gateway::Authorized<operator_api::ops::ListAccounts>&);
aws::Result<operator_api::ops::RotateCodeSigningKey> RotateCodeSigningKey(
    Service&, const gateway::Authorized<operator_api::ops::RotateCodeSigningKey>&);

aws::Result<operator_api::ops::ReportStorage> ReportStorage(
    Service&, const gateway::Authorized<operator_api::ops::ReportStorage>&);
aws::Result<operator_api::ops::ScrubStorage> ScrubStorage(Service&,
                                                          const gateway::Authorized<operator_api::ops::ScrubStorage>&);

aws::Result<operator_api::ops::AttachCertificate> AttachCertificate(
    Service&, const gateway::Authorized<operator_api::ops::AttachCertificate>&);

aws::Result<operator_api::ops::RotateMasterKey> RotateMasterKey(
    Service&, const gateway::Authorized<operator_api::ops::RotateMasterKey>&);

// The operator's API as the gateway sees it. `service` outlives the result.
gateway::ServiceRoutes OperatorRoutes(Service& service);

}  // namespace firmsign::iam
