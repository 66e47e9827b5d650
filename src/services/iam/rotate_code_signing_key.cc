// SPDX-License-Identifier: Apache-2.0
//
// RotateCodeSigningKey: the operator lets the code-signing authority sign with a new key, because the present one is
// feared to have leaked (then it is revoked), or to show that it works.

#include "services/iam/operator_operations.h"

namespace firmsign::iam {
namespace {

constexpr int kTries = 5;  // against other nodes that issue a key at the same moment

ports::OldKeys OldKeysOf(const std::optional<std::string>& revokes) {
  if (revokes == operator_api::RevokedKeys::kLast) return ports::OldKeys::kLastRevoked;
  return revokes == operator_api::RevokedKeys::kAll ? ports::OldKeys::kAllRevoked : ports::OldKeys::kStay;
}

}  // namespace

aws::Result<operator_api::ops::RotateCodeSigningKey> RotateCodeSigningKey(
    Service& iam, const gateway::Authorized<operator_api::ops::RotateCodeSigningKey>& call) {
  operator_api::RotateCodeSigningKeyResponse output;
  const ports::AlsoDo record = [&](db::Transaction& transaction, const std::string& certificate) {
    output.signing_certificate = certificate;
    return call.Record(transaction, output);
  };
  Expected<std::string> rotated;
  for (int i = 0; i < kTries; ++i) {
    rotated = iam.authority.Rotate(OldKeysOf(call.input().revokes), record);
    if (rotated || rotated.error().code != Code::kConflict) break;
  }
  if (!rotated) return std::unexpected(std::move(rotated).error());
  return output;
}

}  // namespace firmsign::iam
