// SPDX-License-Identifier: Apache-2.0
//
// The operations of the token service: one handler each, in the file of its name. The table is operations.cc.

#pragma once

#include "aws/api_error.h"
#include "gateway/call.h"
#include "gateway/route_table.h"
#include "model/sts.h"
#include "services/sts/service.h"

namespace firmsign::sts {

aws::Result<ops::GetCallerIdentity> GetCallerIdentity(Service&, const gateway::Authorized<ops::GetCallerIdentity>&);

// The service as the gateway sees it. `service` outlives the result.
gateway::ServiceRoutes Routes(Service& service);

}  // namespace firmsign::sts
