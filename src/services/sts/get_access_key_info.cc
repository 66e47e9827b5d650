// SPDX-License-Identifier: Apache-2.0
//
// GetAccessKeyInfo: to which account a long-term access key belongs. The key of a session says it only together with
// its token.

#include "services/sts/operations.h"
#include "services/sts/session.h"

namespace firmsign::sts {

aws::Result<ops::GetAccessKeyInfo> GetAccessKeyInfo(Service& sts, const Call<ops::GetAccessKeyInfo>& call) {
  const auto account = sts.identities.AccountOf(AccessKeyId(call.input().access_key_id));
  if (account) return GetAccessKeyInfoResponse{.account = account->str()};
  if (account.error().code != Code::kNotFound) return std::unexpected(account.error());
  return aws::Refuse<errors::ValidationError>(
      fmt::format("{} is not a long-term access key of this deployment.", call.input().access_key_id));
}

}  // namespace firmsign::sts
