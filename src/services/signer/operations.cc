// SPDX-License-Identifier: Apache-2.0

#include "services/signer/operations.h"

namespace firmsign::signer {
namespace {

using gateway::NotYetBuilt;
using gateway::On;

using Table = gateway::RouteTable<Service, ops::All,                                                                 //
                                  On<ops::ListSigningPlatforms, &ListSigningPlatforms>,                              //
                                  On<ops::GetSigningPlatform, &GetSigningPlatform>,                                  //
                                  On<ops::PutSigningProfile, &PutSigningProfile>,                                    //
                                  On<ops::GetSigningProfile, &ResolveGetSigningProfile, &GetSigningProfile>,         //
                                  On<ops::CancelSigningProfile, &CancelSigningProfile>,                              //
                                  On<ops::ListSigningProfiles, &ListSigningProfiles>,                                //
                                  On<ops::StartSigningJob, &ResolveStartSigningJob, &StartSigningJob>,               //
                                  On<ops::DescribeSigningJob, &ResolveDescribeSigningJob, &DescribeSigningJob>,      //
                                  On<ops::ListSigningJobs, &ListSigningJobs>,                                        //
                                  NotYetBuilt<ops::RevokeSigningProfile>, NotYetBuilt<ops::RevokeSignature>,         //
                                  NotYetBuilt<ops::GetRevocationStatus>, NotYetBuilt<ops::SignPayload>,              //
                                  NotYetBuilt<ops::AddProfilePermission>, NotYetBuilt<ops::ListProfilePermissions>,  //
                                  NotYetBuilt<ops::RemoveProfilePermission>, NotYetBuilt<ops::TagResource>,          //
                                  NotYetBuilt<ops::UntagResource>, NotYetBuilt<ops::ListTagsForResource>>;

}  // namespace

gateway::ServiceRoutes Routes(Service& service) {
  return {.descriptor = &kService, .service = &service, .handlers = Table::kHandlers};
}

}  // namespace firmsign::signer
