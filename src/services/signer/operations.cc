// SPDX-License-Identifier: Apache-2.0

#include "services/signer/operations.h"

#include "services/signer/find_profile.h"

namespace firmsign::signer {
namespace {

using gateway::On;

using Table = gateway::RouteTable<
    Service, ops::All,                                                                                             //
    On<ops::ListSigningPlatforms, &ListSigningPlatforms>,                                                          //
    On<ops::GetSigningPlatform, &GetSigningPlatform>,                                                              //
    On<ops::PutSigningProfile, &PutSigningProfile>,                                                                //
    On<ops::GetSigningProfile, &ResolveGetSigningProfile, &GetSigningProfile>,                                     //
    On<ops::CancelSigningProfile, &ResolveOwnProfile<ops::CancelSigningProfile>, &CancelSigningProfile>,           //
    On<ops::ListSigningProfiles, &ListSigningProfiles>,                                                            //
    On<ops::StartSigningJob, &ResolveStartSigningJob, &StartSigningJob>,                                           //
    On<ops::SignPayload, &ResolveSignPayload, &SignPayload>,                                                       //
    On<ops::DescribeSigningJob, &ResolveDescribeSigningJob, &DescribeSigningJob>,                                  //
    On<ops::ListSigningJobs, &ListSigningJobs>,                                                                    //
    On<ops::RevokeSigningProfile, &ResolveOwnProfile<ops::RevokeSigningProfile>, &RevokeSigningProfile>,           //
    On<ops::RevokeSignature, &ResolveRevokeSignature, &RevokeSignature>,                                           //
    On<ops::GetRevocationStatus, &GetRevocationStatus>,                                                            //
    On<ops::AddProfilePermission, &ResolveOwnProfile<ops::AddProfilePermission>, &AddProfilePermission>,           //
    On<ops::ListProfilePermissions, &ResolveOwnProfile<ops::ListProfilePermissions>, &ListProfilePermissions>,     //
    On<ops::RemoveProfilePermission, &ResolveOwnProfile<ops::RemoveProfilePermission>, &RemoveProfilePermission>,  //
    On<ops::TagResource, &ResolveTagResource, &TagResource>,                                                       //
    On<ops::UntagResource, &ResolveUntagResource, &UntagResource>,                                                 //
    On<ops::ListTagsForResource, &ResolveListTagsForResource, &ListTagsForResource>,                               //
    On<ops::GetCodeSigningAuthority, &GetCodeSigningAuthority>>;

}  // namespace

gateway::ServiceRoutes Routes(Service& service) {
  return {.descriptor = &kService, .service = &service, .handlers = Table::kHandlers};
}

}  // namespace firmsign::signer
