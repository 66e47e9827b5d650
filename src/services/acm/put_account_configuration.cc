// SPDX-License-Identifier: Apache-2.0
//
// PutAccountConfiguration: sets what GetAccountConfiguration shows. The same twice is the same, with any token.
//
// https://docs.aws.amazon.com/acm/latest/APIReference/API_PutAccountConfiguration.html

#include "services/acm/operations.h"

namespace firmsign::acm {

aws::Result<ops::PutAccountConfiguration> PutAccountConfiguration(
    Service& acm, const gateway::Authorized<ops::PutAccountConfiguration>& call) {
  const ExpiryEventsConfiguration wanted = call.input().expiry_events.value_or(ExpiryEventsConfiguration());
  const std::int64_t days = wanted.days_before_expiry.value_or(kDaysBeforeExpiry);
  RETURN_IF_ERROR(acm.store.database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    RETURN_IF_ERROR(acm.store.SetDaysBeforeExpiry(transaction, call.facts().account(), call.facts().region, days));
    return call.Record(transaction, {});
  }));
  return PutAccountConfigurationResponse{};
}

}  // namespace firmsign::acm
