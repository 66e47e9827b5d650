// SPDX-License-Identifier: Apache-2.0
//
// What only the operator may do, with accounts, with the keys of the code-signing authority and with what is stored:
// one handler each, in the file of its name. The table is operations.cc.

#pragma once

#include "aws/api_error.h"
#include "gateway/call.h"
#include "gateway/route_table.h"
#include "model/operator_api.h"
#include "services/iam/service.h"

namespace firmsign::iam {

namespace ops = operator_api::ops;

aws::Result<ops::CreateAccount> CreateAccount(Service&, const gateway::Authorized<ops::CreateAccount>&);
aws::Result<ops::ListAccounts> ListAccounts(Service&, const gateway::Authorized<ops::ListAccounts>&);
aws::Result<ops::RotateCodeSigningKey> RotateCodeSigningKey(Service&,
                                                            const gateway::Authorized<ops::RotateCodeSigningKey>&);

aws::Result<ops::ReportStorage> ReportStorage(Service&, const gateway::Authorized<ops::ReportStorage>&);
aws::Result<ops::ScrubStorage> ScrubStorage(Service&, const gateway::Authorized<ops::ScrubStorage>&);

// The operator's API as the gateway sees it. `service` outlives the result.
gateway::ServiceRoutes OperatorRoutes(Service& service);

}  // namespace firmsign::iam
