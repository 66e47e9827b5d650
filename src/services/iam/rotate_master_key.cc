// SPDX-License-Identifier: Apache-2.0
//
// RotateMasterKey: the operator changes the key under which everything that is sealed at rest stands, because a copy of
// it may have leaked, or because its time is over.

#include "services/iam/operator_operations.h"

namespace firmsign::iam {
namespace {

operator_api::RotateMasterKeyResponse AnswerOf(const ports::RotatedMasterKey& rotated) {
  operator_api::RotateMasterKeyResponse output{.master_key_file = rotated.file};
  if (!rotated.previous_file.empty()) output.previous_key_file = rotated.previous_file;
  return output;
}

}  // namespace

aws::Result<operator_api::ops::RotateMasterKey> RotateMasterKey(
    Service& iam, const gateway::Authorized<operator_api::ops::RotateMasterKey>& call) {
  const auto rotated = iam.master_keys.Rotate(call.input().to.value_or(""),
                                              [&](db::Transaction& transaction, const ports::RotatedMasterKey& done) {
                                                return call.Record(transaction, AnswerOf(done));
                                              });
  if (rotated) return AnswerOf(*rotated);
  if (rotated.error().code != Code::kInvalid) return std::unexpected(rotated.error());
  return aws::Refuse<operator_api::errors::ValidationException>(rotated.error().message);
}

}  // namespace firmsign::iam
