// SPDX-License-Identifier: Apache-2.0
//
// RotateMasterKey: the operator changes the key under which everything that is sealed at rest stands, because its time
// is over, or because it shall be kept elsewhere.

#include "services/iam/operator_operations.h"

namespace firmsign::iam {
namespace {

operator_api::RotateMasterKeyResponse AnswerOf(const ports::RotatedMasterKey& rotated) {
  operator_api::RotateMasterKeyResponse output{.master_key_id = rotated.id, .master_key_file = rotated.file};
  if (!rotated.previous_file.empty()) output.previous_key_file = rotated.previous_file;
  if (!rotated.warning.empty()) output.warning = rotated.warning;
  return output;
}

}  // namespace

aws::Result<operator_api::ops::RotateMasterKey> RotateMasterKey(
    Service& iam, const gateway::Authorized<operator_api::ops::RotateMasterKey>& call) {
  const operator_api::RotateMasterKeyRequest& input = call.input();
  if (input.token.has_value() != input.key_label.has_value()) {
    return aws::Refuse<operator_api::errors::ValidationException>("token and keyLabel belong together.");
  }
  const auto rotated = iam.master_keys.Rotate(
      {.to = input.to.value_or(""), .token = input.token.value_or(""), .key_label = input.key_label.value_or("")},
      [&](db::Transaction& transaction, const ports::RotatedMasterKey& done) {
        return call.Record(transaction, AnswerOf(done));
      });
  if (rotated) return AnswerOf(*rotated);
  // Whatever it is: nobody but the operator reads it, and nobody else can do something about it.
  return aws::Refuse<operator_api::errors::ValidationException>(rotated.error().message);
}

}  // namespace firmsign::iam
