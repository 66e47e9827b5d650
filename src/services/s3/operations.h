// SPDX-License-Identifier: Apache-2.0
//
// The routing table of the object store.

#pragma once

#include "gateway/route_table.h"
#include "services/s3/service.h"

namespace firmsign::s3 {

// `service` outlives what is returned.
gateway::ServiceRoutes Routes(Service& service);

}  // namespace firmsign::s3
