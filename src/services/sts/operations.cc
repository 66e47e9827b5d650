// SPDX-License-Identifier: Apache-2.0

#include "services/sts/operations.h"

namespace firmsign::sts {
namespace {

using gateway::On;

using Table = gateway::RouteTable<
    Service, ops::All,                                                                                  //
    On<ops::GetCallerIdentity, &GetCallerIdentity>,                                                     //
    On<ops::AssumeRole, &ResolveAssumeRole, &AssumeRole>,                                               //
    On<ops::AssumeRoleWithWebIdentity, &ResolveAssumeRoleWithWebIdentity, &AssumeRoleWithWebIdentity>,  //
    On<ops::AssumeRoleWithSAML, &ResolveAssumeRoleWithSAML, &AssumeRoleWithSAML>,
    On<ops::GetSessionToken, &GetSessionToken>,        //
    On<ops::GetFederationToken, &GetFederationToken>,  //
    On<ops::GetAccessKeyInfo, &GetAccessKeyInfo>,      //
    On<ops::DecodeAuthorizationMessage, &DecodeAuthorizationMessage>>;

}  // namespace

gateway::ServiceRoutes Routes(Service& service) {
  return {.descriptor = &kService, .service = &service, .handlers = Table::kHandlers};
}

}  // namespace firmsign::sts
