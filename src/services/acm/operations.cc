// SPDX-License-Identifier: Apache-2.0

#include "services/acm/operations.h"

#include "services/acm/resolve.h"

namespace firmsign::acm {
namespace {

using gateway::On;

using Table = gateway::RouteTable<
    Service, ops::All,                                                                                     //
    On<ops::ImportCertificate, &ResolveCertificate<ops::ImportCertificate>, &ImportCertificate>,           //
    On<ops::DescribeCertificate, &ResolveCertificate<ops::DescribeCertificate>, &DescribeCertificate>,     //
    On<ops::ListCertificates, &ListCertificates>,                                                          //
    On<ops::GetCertificate, &ResolveCertificate<ops::GetCertificate>, &GetCertificate>,                    //
    On<ops::DeleteCertificate, &ResolveCertificate<ops::DeleteCertificate>, &DeleteCertificate>,           //
    On<ops::AddTagsToCertificate, &ResolveCertificate<ops::AddTagsToCertificate>, &AddTagsToCertificate>,  //
    On<ops::RemoveTagsFromCertificate, &ResolveCertificate<ops::RemoveTagsFromCertificate>,
       &RemoveTagsFromCertificate>,  //
    On<ops::ListTagsForCertificate, &ResolveCertificate<ops::ListTagsForCertificate>, &ListTagsForCertificate>,
    On<ops::TagResource, &ResolveCertificate<ops::TagResource>, &TagResource>,
    On<ops::UntagResource, &ResolveCertificate<ops::UntagResource>, &UntagResource>,
    On<ops::ListTagsForResource, &ResolveCertificate<ops::ListTagsForResource>, &ListTagsForResource>,
    On<ops::RequestCertificate, &RequestCertificate>,
    On<ops::ResendValidationEmail, &ResolveCertificate<ops::ResendValidationEmail>, &ResendValidationEmail>,
    On<ops::ExportCertificate, &ResolveCertificate<ops::ExportCertificate>, &ExportCertificate>,
    On<ops::RenewCertificate, &ResolveCertificate<ops::RenewCertificate>, &RenewCertificate>,
    On<ops::RevokeCertificate, &ResolveCertificate<ops::RevokeCertificate>, &RevokeCertificate>,
    On<ops::UpdateCertificateOptions, &ResolveCertificate<ops::UpdateCertificateOptions>, &UpdateCertificateOptions>,
    On<ops::GetAccountConfiguration, &GetAccountConfiguration>,
    On<ops::PutAccountConfiguration, &PutAccountConfiguration>>;

}  // namespace

gateway::ServiceRoutes Routes(Service& service) {
  return {.descriptor = &kService, .service = &service, .handlers = Table::kHandlers};
}

}  // namespace firmsign::acm
