// SPDX-License-Identifier: Apache-2.0
//
// CreateAccount: makes an account and the first access key of its root, together or not at all.
//
// The secret is in the answer and nowhere else. A caller that loses the answer finds the account in ListAccounts;
// making it again with the same id is a conflict, not a second account.

#include "services/iam/operator_operations.h"

namespace firmsign::iam {
namespace {

constexpr SecretAccess kNewAccount("CreateAccount's answer, which shows a new secret once");

}  // namespace

aws::Result<operator_api::ops::CreateAccount> CreateAccount(
    Service& iam, const gateway::Authorized<operator_api::ops::CreateAccount>& call) {
  const operator_api::CreateAccountRequest& input = call.input();
  const AccountId id = input.account_id ? AccountId(*input.account_id) : MakeAccountId(iam.random);
  const StoredAccessKey key = MakeAccessKey(iam.random, id, call.facts().now);
  operator_api::CreateAccountResponse output{.account_id = id.str(),
                                             .name = input.name,
                                             .access_key_id = key.id.str(),
                                             .secret_access_key = std::string(key.secret.Reveal(kNewAccount)),
                                             .region = call.facts().region.str(),
                                             .created_at = key.created_at};
  bool is_taken = false;  // and no other conflict of the database
  const auto made = iam.store.database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    RETURN_IF_ERROR(Generation::BeginChange(transaction));
    const auto account = iam.store.CreateAccount(transaction, input.name, key.created_at, id);
    is_taken = !account && account.error().code == Code::kConflict;
    RETURN_IF_ERROR(account);
    RETURN_IF_ERROR(iam.store.AddAccessKey(transaction, key));
    return call.Record(transaction, output);
  });
  if (is_taken) {
    return aws::Refuse<operator_api::errors::ConflictException>("There is an account " + id.str() +
                                                                " already. Choose another id, or none.");
  }
  if (!made) return std::unexpected(made.error());
  iam.generation.Announce();
  return output;
}

}  // namespace firmsign::iam
