// SPDX-License-Identifier: Apache-2.0
//
// Changing and listing tags, which ACM offers under two names each, with errors of their own.

#pragma once

#include <string>
#include <utility>
#include <vector>

#include "services/acm/answers.h"
#include "services/acm/service.h"

namespace firmsign::acm {

// `TooMany`: the error when the certificate would have more than kTagsMax.
template <class TooMany, class Op>
aws::Result<Op> AddTags(Service& acm, const gateway::Authorized<Op>& call, const std::string& arn,
                        const std::vector<StoredTag>& tags) {
  bool is_full = false;
  auto added = acm.store.database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    ASSIGN_OR_RETURN(const std::int64_t count, acm.store.AddTags(transaction, NameOf(call.facts(), arn), tags));
    is_full = count > kTagsMax;
    if (is_full) return Fail(Code::kExhausted, "the certificate would have too many tags");
    return call.Record(transaction, {});
  });
  if (is_full) return aws::Refuse<TooMany>(kTooManyTags);
  if (!added) return std::unexpected(StoreError<Op>(std::move(added).error(), arn));
  return typename Op::Output{};
}

template <class Op>
aws::Result<Op> RemoveTags(Service& acm, const gateway::Authorized<Op>& call, const std::string& arn,
                           const std::vector<StoredTag>& tags) {
  auto removed = acm.store.database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    RETURN_IF_ERROR(acm.store.RemoveTags(transaction, NameOf(call.facts(), arn), tags));
    return call.Record(transaction, {});
  });
  if (!removed) return std::unexpected(StoreError<Op>(std::move(removed).error(), arn));
  return typename Op::Output{};
}

template <class Op>
aws::Result<Op> ListTags(Service& acm, const gateway::Authorized<Op>& call, const std::string& arn) {
  auto stored = acm.store.Tags(NameOf(call.facts(), arn));
  if (!stored) return std::unexpected(StoreError<Op>(std::move(stored).error(), arn));
  return typename Op::Output{.tags = AnswerOf(*std::move(stored))};
}

}  // namespace firmsign::acm
