// SPDX-License-Identifier: Apache-2.0
//
// Reading and changing what is kept of a bucket (store::Setting), with the refusals that go with it.

#pragma once

#include <expected>
#include <optional>
#include <string>

#include "aws/api_error.h"
#include "gateway/call.h"
#include "model/s3.h"
#include "services/s3/refuse.h"
#include "services/s3/service.h"
#include "services/s3/store.h"
#include "services/s3/transact.h"

namespace firmsign::s3 {

// What is said of public access; nullopt if that was removed. Without a document, what a new bucket has: all is
// blocked.
std::optional<PublicAccessBlockConfiguration> ParseBlock(const std::optional<std::string>& document);

template <class Op>
Expected<std::optional<std::string>> ReadSetting(Service& service, const gateway::Authorized<Op>& call,
                                                 store::Setting kind) {
  std::optional<std::string> document;
  RETURN_IF_ERROR(service.database.ReadOne([&](db::Reader& reader) -> Expected<void> {
    ASSIGN_OR_RETURN(document, store::FindSetting(reader, call.input().bucket, kind));
    return {};
  }));
  return document;
}

// Keeps `document`, or what a new bucket has for nullopt, and records the call.
template <class Op>
aws::Result<Op> ChangeSetting(Service& service, const gateway::Authorized<Op>& call, store::Setting kind,
                              const std::optional<std::string>& document) {
  const std::string& bucket = call.input().bucket;
  const auto changed = Write(service.database, [&](db::Transaction& transaction) -> Expected<void> {
    RETURN_IF_ERROR(store::FindSame(transaction, call.template resolved<store::Bucket>()));
    if (document) {
      RETURN_IF_ERROR(store::PutSetting(transaction, bucket, kind, *document));
    } else {
      RETURN_IF_ERROR(store::RemoveSetting(transaction, bucket, kind));
    }
    return call.Record(transaction, {});
  });
  if (changed) return typename Op::Output{};
  if (changed.error().code == Code::kNotFound) return RefuseNoSuchBucket(bucket);
  return std::unexpected(changed.error());
}

// Records a call that asks for what holds anyway.
template <class Op>
aws::Result<Op> ChangeNothing(Service& service, const gateway::Authorized<Op>& call) {
  const auto recorded =
      service.database.InTransaction([&](db::Transaction& transaction) { return call.Record(transaction, {}); });
  if (!recorded) return std::unexpected(recorded.error());
  return typename Op::Output{};
}

template <class E, class Op>
std::unexpected<aws::Refusal<E>> RefuseUnset(std::string message, const gateway::Authorized<Op>& call) {
  return RefuseWith<E>(std::move(message), {{"BucketName", call.input().bucket}});
}

inline auto RefuseMalformedXml() {
  return aws::Refuse<errors::MalformedXML>(
      "The XML you provided was not well-formed or did not validate against our published schema");
}

}  // namespace firmsign::s3
