// SPDX-License-Identifier: Apache-2.0
//
// How an operation changes a certificate that is there.

#pragma once

#include <string>
#include <utility>

#include "services/acm/answers.h"
#include "services/acm/service.h"

namespace firmsign::acm {

// Reads the certificate, lets `change` change it (or refuse: it returns std::expected<void, aws::OperationError<Op>>),
// and stores it with the call's record. From then on no job of this process uses the material of before.
// ConflictException: somebody else changed it meanwhile.
template <class Op, class Change>
aws::Result<Op> ChangeCertificate(Service& acm, const gateway::Authorized<Op>& call, const std::string& arn,
                                  typename Op::Output output, const Change& change) {
  if (!IsCertificateArn(arn)) return BadArn(arn);
  auto stored = acm.store.Get(NameOf(call.facts(), arn));
  if (!stored) return std::unexpected(StoreError<Op>(std::move(stored).error(), arn));
  const std::expected<void, aws::OperationError<Op>> changed = change(*stored, output);
  if (!changed) return std::unexpected(changed.error());
  const auto replaced = acm.store.database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    RETURN_IF_ERROR(acm.store.Replace(transaction, *stored));
    return call.Record(transaction, output);
  });
  if (!replaced && replaced.error().code == Code::kConflict) {
    return aws::Refuse<errors::ConflictException>("The certificate was changed by another request. Try again.");
  }
  if (!replaced) return std::unexpected(replaced.error());
  acm.certificates.Forget(arn);
  return output;
}

}  // namespace firmsign::acm
