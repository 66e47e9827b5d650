// SPDX-License-Identifier: Apache-2.0
//
// ListAccounts: the accounts of this deployment, page by page.
//
// The token of a page is the id of the last account on the page before, in the clear: who may list accounts may see all
// of them, and an account never goes away.

#include "services/iam/operator_operations.h"

namespace firmsign::iam {
namespace {

constexpr std::int64_t kAccountsOnAPage = 1000;

}  // namespace

aws::Result<operator_api::ops::ListAccounts> ListAccounts(
    Service& iam, const gateway::Authorized<operator_api::ops::ListAccounts>& call) {
  const operator_api::ListAccountsRequest& input = call.input();
  const std::int64_t wanted = input.max_results.value_or(kAccountsOnAPage);
  std::optional<AccountId> after;
  if (input.next_token) {
    after.emplace(*input.next_token);
    const auto found = iam.store.FindAccount(*after);
    if (!found && found.error().code == Code::kNotFound) {
      return aws::Refuse<operator_api::errors::ValidationException>("nextToken is not one that ListAccounts gave out.");
    }
    if (!found) return std::unexpected(found.error());
  }
  // One more than wanted, to know whether any follow.
  ASSIGN_OR_RETURN(std::vector<Account> accounts, iam.store.ListAccounts(after, wanted + 1));
  operator_api::ListAccountsResponse output;
  if (std::ssize(accounts) > wanted) {
    accounts.resize(static_cast<std::size_t>(wanted));
    output.next_token = accounts.back().id.str();
  }
  for (Account& account : accounts) {
    output.accounts.push_back(
        {.account_id = account.id.str(), .name = std::move(account.name), .created_at = account.created_at});
  }
  return output;
}

}  // namespace firmsign::iam
