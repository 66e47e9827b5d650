// SPDX-License-Identifier: Apache-2.0

#include "services/acm/operations.h"

namespace firmsign::acm {
namespace {

using gateway::On;

using Table = gateway::RouteTable<
    Service, ops::All,                                               //
    On<ops::ImportCertificate, &ImportCertificate>,                  //
    On<ops::DescribeCertificate, &DescribeCertificate>,              //
    On<ops::ListCertificates, &ListCertificates>,                    //
    On<ops::GetCertificate, &GetCertificate>,                        //
    On<ops::DeleteCertificate, &DeleteCertificate>,                  //
    On<ops::AddTagsToCertificate, &AddTagsToCertificate>,            //
    On<ops::RemoveTagsFromCertificate, &RemoveTagsFromCertificate>,  //
    On<ops::ListTagsForCertificate, &ListTagsForCertificate>, On<ops::TagResource, &TagResource>,
    On<ops::UntagResource, &UntagResource>, On<ops::ListTagsForResource, &ListTagsForResource>,
    On<ops::RequestCertificate, &RequestCertificate>, On<ops::ResendValidationEmail, &ResendValidationEmail>,
    On<ops::ExportCertificate, &ExportCertificate>, On<ops::RenewCertificate, &RenewCertificate>,
    On<ops::RevokeCertificate, &RevokeCertificate>, On<ops::UpdateCertificateOptions, &UpdateCertificateOptions>,
    On<ops::GetAccountConfiguration, &GetAccountConfiguration>,
    On<ops::PutAccountConfiguration, &PutAccountConfiguration>>;

}  // namespace

gateway::ServiceRoutes Routes(Service& service) {
  return {.descriptor = &kService, .service = &service, .handlers = Table::kHandlers};
}

}  // namespace firmsign::acm
