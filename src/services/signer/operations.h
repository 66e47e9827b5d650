// SPDX-License-Identifier: Apache-2.0
//
// The operations of Signer: one handler each, in the file of its name. The table is operations.cc.

#pragma once

#include <expected>

#include "aws/api_error.h"
#include "gateway/call.h"
#include "gateway/route_table.h"
#include "model/signer.h"
#include "services/signer/service.h"

namespace firmsign::signer {

template <class Op>
using Resolved = std::expected<gateway::Resolution, aws::OperationError<Op>>;

aws::Result<ops::ListSigningPlatforms> ListSigningPlatforms(Service&,
                                                            const gateway::Authorized<ops::ListSigningPlatforms>&);
aws::Result<ops::GetSigningPlatform> GetSigningPlatform(Service&, const gateway::Authorized<ops::GetSigningPlatform>&);

aws::Result<ops::PutSigningProfile> PutSigningProfile(Service&, const gateway::Authorized<ops::PutSigningProfile>&);
Resolved<ops::GetSigningProfile> ResolveGetSigningProfile(Service&, const gateway::CallFacts&,
                                                          const GetSigningProfileRequest&);
aws::Result<ops::GetSigningProfile> GetSigningProfile(Service&, const gateway::Authorized<ops::GetSigningProfile>&);
aws::Result<ops::CancelSigningProfile> CancelSigningProfile(Service&,
                                                            const gateway::Authorized<ops::CancelSigningProfile>&);
aws::Result<ops::ListSigningProfiles> ListSigningProfiles(Service&,
                                                          const gateway::Authorized<ops::ListSigningProfiles>&);

Resolved<ops::StartSigningJob> ResolveStartSigningJob(Service&, const gateway::CallFacts&,
                                                      const StartSigningJobRequest&);
aws::Result<ops::StartSigningJob> StartSigningJob(Service&, const gateway::Authorized<ops::StartSigningJob>&);
Resolved<ops::DescribeSigningJob> ResolveDescribeSigningJob(Service&, const gateway::CallFacts&,
                                                            const DescribeSigningJobRequest&);
aws::Result<ops::DescribeSigningJob> DescribeSigningJob(Service&, const gateway::Authorized<ops::DescribeSigningJob>&);
aws::Result<ops::ListSigningJobs> ListSigningJobs(Service&, const gateway::Authorized<ops::ListSigningJobs>&);

aws::Result<ops::RevokeSigningProfile> RevokeSigningProfile(Service&,
                                                            const gateway::Authorized<ops::RevokeSigningProfile>&);
Resolved<ops::RevokeSignature> ResolveRevokeSignature(Service&, const gateway::CallFacts&,
                                                      const RevokeSignatureRequest&);
aws::Result<ops::RevokeSignature> RevokeSignature(Service&, const gateway::Authorized<ops::RevokeSignature>&);
aws::Result<ops::GetRevocationStatus> GetRevocationStatus(Service&,
                                                          const gateway::Authorized<ops::GetRevocationStatus>&);

Resolved<ops::SignPayload> ResolveSignPayload(Service&, const gateway::CallFacts&, const SignPayloadRequest&);
aws::Result<ops::SignPayload> SignPayload(Service&, const gateway::Authorized<ops::SignPayload>&);
aws::Result<ops::GetCodeSigningAuthority> GetCodeSigningAuthority(
    Service&, const gateway::Authorized<ops::GetCodeSigningAuthority>&);

aws::Result<ops::AddProfilePermission> AddProfilePermission(Service&,
                                                            const gateway::Authorized<ops::AddProfilePermission>&);
aws::Result<ops::ListProfilePermissions> ListProfilePermissions(
    Service&, const gateway::Authorized<ops::ListProfilePermissions>&);
aws::Result<ops::RemoveProfilePermission> RemoveProfilePermission(
    Service&, const gateway::Authorized<ops::RemoveProfilePermission>&);

Resolved<ops::TagResource> ResolveTagResource(Service&, const gateway::CallFacts&, const TagResourceRequest&);
aws::Result<ops::TagResource> TagResource(Service&, const gateway::Authorized<ops::TagResource>&);
Resolved<ops::UntagResource> ResolveUntagResource(Service&, const gateway::CallFacts&, const UntagResourceRequest&);
aws::Result<ops::UntagResource> UntagResource(Service&, const gateway::Authorized<ops::UntagResource>&);
Resolved<ops::ListTagsForResource> ResolveListTagsForResource(Service&, const gateway::CallFacts&,
                                                              const ListTagsForResourceRequest&);
aws::Result<ops::ListTagsForResource> ListTagsForResource(Service&,
                                                          const gateway::Authorized<ops::ListTagsForResource>&);

// The service as the gateway sees it. `service` outlives the result.
gateway::ServiceRoutes Routes(Service& service);

}  // namespace firmsign::signer
