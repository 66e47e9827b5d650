// SPDX-License-Identifier: Apache-2.0
//
// The operations of ACM: one handler each, in the file of its name. The table is operations.cc.

#pragma once

#include "aws/api_error.h"
#include "gateway/call.h"
#include "gateway/route_table.h"
#include "model/acm.h"
#include "services/acm/service.h"

namespace firmsign::acm {

aws::Result<ops::ImportCertificate> ImportCertificate(Service&, const gateway::Authorized<ops::ImportCertificate>&);
aws::Result<ops::DescribeCertificate> DescribeCertificate(Service&,
                                                          const gateway::Authorized<ops::DescribeCertificate>&);
aws::Result<ops::ListCertificates> ListCertificates(Service&, const gateway::Authorized<ops::ListCertificates>&);
aws::Result<ops::GetCertificate> GetCertificate(Service&, const gateway::Authorized<ops::GetCertificate>&);
aws::Result<ops::DeleteCertificate> DeleteCertificate(Service&, const gateway::Authorized<ops::DeleteCertificate>&);
aws::Result<ops::AddTagsToCertificate> AddTagsToCertificate(Service&,
                                                            const gateway::Authorized<ops::AddTagsToCertificate>&);
aws::Result<ops::RemoveTagsFromCertificate> RemoveTagsFromCertificate(
    Service&, const gateway::Authorized<ops::RemoveTagsFromCertificate>&);
aws::Result<ops::ListTagsForCertificate> ListTagsForCertificate(
    Service&, const gateway::Authorized<ops::ListTagsForCertificate>&);
aws::Result<ops::TagResource> TagResource(Service&, const gateway::Authorized<ops::TagResource>&);
aws::Result<ops::UntagResource> UntagResource(Service&, const gateway::Authorized<ops::UntagResource>&);
aws::Result<ops::ListTagsForResource> ListTagsForResource(Service&,
                                                          const gateway::Authorized<ops::ListTagsForResource>&);
aws::Result<ops::RequestCertificate> RequestCertificate(Service&, const gateway::Authorized<ops::RequestCertificate>&);
aws::Result<ops::ResendValidationEmail> ResendValidationEmail(Service&,
                                                              const gateway::Authorized<ops::ResendValidationEmail>&);
aws::Result<ops::ExportCertificate> ExportCertificate(Service&, const gateway::Authorized<ops::ExportCertificate>&);
aws::Result<ops::RenewCertificate> RenewCertificate(Service&, const gateway::Authorized<ops::RenewCertificate>&);
aws::Result<ops::RevokeCertificate> RevokeCertificate(Service&, const gateway::Authorized<ops::RevokeCertificate>&);
aws::Result<ops::UpdateCertificateOptions> UpdateCertificateOptions(
    Service&, const gateway::Authorized<ops::UpdateCertificateOptions>&);
aws::Result<ops::GetAccountConfiguration> GetAccountConfiguration(
    Service&, const gateway::Authorized<ops::GetAccountConfiguration>&);
aws::Result<ops::PutAccountConfiguration> PutAccountConfiguration(
    Service&, const gateway::Authorized<ops::PutAccountConfiguration>&);

// The service as the gateway sees it. `service` outlives the result.
gateway::ServiceRoutes Routes(Service& service);

}  // namespace firmsign::acm
