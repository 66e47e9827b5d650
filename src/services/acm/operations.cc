// SPDX-License-Identifier: Apache-2.0

#include "services/acm/operations.h"

namespace firmsign::acm {
namespace {

using gateway::On;

using Table = gateway::RouteTable<Service, ops::All,                                               //
                                  On<ops::ImportCertificate, &ImportCertificate>,                  //
                                  On<ops::DescribeCertificate, &DescribeCertificate>,              //
                                  On<ops::ListCertificates, &ListCertificates>,                    //
                                  On<ops::GetCertificate, &GetCertificate>,                        //
                                  On<ops::DeleteCertificate, &DeleteCertificate>,                  //
                                  On<ops::AddTagsToCertificate, &AddTagsToCertificate>,            //
                                  On<ops::RemoveTagsFromCertificate, &RemoveTagsFromCertificate>,  //
                                  On<ops::ListTagsForCertificate, &ListTagsForCertificate>>;

}  // namespace

gateway::ServiceRoutes Routes(Service& service) {
  return {.descriptor = &kService, .service = &service, .handlers = Table::kHandlers};
}

}  // namespace firmsign::acm
