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
std::expected<gateway::Resolution, aws::OperationError<ops::AssumeRole>> ResolveAssumeRole(Service&,
                                                                                           const gateway::CallFacts&,
                                                                                           const AssumeRoleRequest&);
aws::Result<ops::AssumeRole> AssumeRole(Service&, const gateway::Authorized<ops::AssumeRole>&);
std::expected<gateway::Resolution, aws::OperationError<ops::AssumeRoleWithWebIdentity>>
ResolveAssumeRoleWithWebIdentity(Service&, const gateway::CallFacts&, const AssumeRoleWithWebIdentityRequest&);
aws::Result<ops::AssumeRoleWithWebIdentity> AssumeRoleWithWebIdentity(
    Service&, const gateway::Authorized<ops::AssumeRoleWithWebIdentity>&);
std::expected<gateway::Resolution, aws::OperationError<ops::AssumeRoleWithSAML>> ResolveAssumeRoleWithSAML(
    Service&, const gateway::CallFacts&, const AssumeRoleWithSAMLRequest&);
aws::Result<ops::AssumeRoleWithSAML> AssumeRoleWithSAML(Service&, const gateway::Authorized<ops::AssumeRoleWithSAML>&);
aws::Result<ops::GetSessionToken> GetSessionToken(Service&, const gateway::Authorized<ops::GetSessionToken>&);
aws::Result<ops::GetFederationToken> GetFederationToken(Service&, const gateway::Authorized<ops::GetFederationToken>&);
aws::Result<ops::GetAccessKeyInfo> GetAccessKeyInfo(Service&, const gateway::Authorized<ops::GetAccessKeyInfo>&);
aws::Result<ops::DecodeAuthorizationMessage> DecodeAuthorizationMessage(
    Service&, const gateway::Authorized<ops::DecodeAuthorizationMessage>&);

// The service as the gateway sees it. `service` outlives the result.
gateway::ServiceRoutes Routes(Service& service);

}  // namespace firmsign::sts
