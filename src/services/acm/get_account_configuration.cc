// SPDX-License-Identifier: Apache-2.0
//
// GetAccountConfiguration: from how many days before its end on a certificate's events are sent.
//
// https://docs.aws.amazon.com/acm/latest/APIReference/API_GetAccountConfiguration.html

#include "services/acm/operations.h"

namespace firmsign::acm {

aws::Result<ops::GetAccountConfiguration> GetAccountConfiguration(
    Service& acm, const gateway::Authorized<ops::GetAccountConfiguration>& call) {
  ASSIGN_OR_RETURN(const auto days, acm.store.DaysBeforeExpiry(call.facts().account(), call.facts().region));
  GetAccountConfigurationResponse output;
  output.expiry_events = ExpiryEventsConfiguration{.days_before_expiry = days.value_or(kDaysBeforeExpiry)};
  return output;
}

}  // namespace firmsign::acm
