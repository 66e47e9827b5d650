// SPDX-License-Identifier: Apache-2.0
//
// GetObject and HeadObject: the same answer, with and without the bytes.
//
// A file can vanish between the row's reading and its opening, when the version is deleted at that moment. Then the row
// is read again; a row that is still there while its file is not means lost bytes, and nothing is sent.

#include "services/s3/handlers.h"
#include "services/s3/read_object.h"

namespace firmsign::s3 {

aws::Result<ops::GetObject> GetObject(Service& service, const Call<ops::GetObject>& call) {
  const GetObjectRequest& input = call.input();
  const auto& bucket = call.resolved<store::Bucket>();
  if (input.sse_customer_algorithm) return RefuseNotImplemented("x-amz-server-side-encryption-customer-algorithm");
  for (int attempt = 0; attempt < kReadAttempts; ++attempt) {
    auto found = FindReadable<ops::GetObject>(service, call, bucket, input.key, input.version_id, store::Load::kData);
    if (!found) return std::unexpected(std::move(found).error());
    auto selection = Select<ops::GetObject>(input, *found);
    if (!selection) return std::unexpected(std::move(selection).error());
    auto body = OpenBody(service, std::move(found->bytes), selection->range);
    if (!body && body.error().code == Code::kNotFound) continue;
    if (!body) return std::unexpected(std::move(body).error());
    GetObjectOutput output = Describe<ops::GetObject>(input, bucket, found->version, *selection);
    if (auto told = TellTagCount(call, found->version, output); !told) return std::unexpected(told.error());
    output.body = *std::move(body);
    return output;
  }
  return std::unexpected(Error{.code = Code::kCorrupt, .message = "the file of a stored object is missing"});
}

aws::Result<ops::HeadObject> HeadObject(Service& service, const Call<ops::HeadObject>& call) {
  const HeadObjectRequest& input = call.input();
  const auto& bucket = call.resolved<store::Bucket>();
  if (input.sse_customer_algorithm) return RefuseNotImplemented("x-amz-server-side-encryption-customer-algorithm");
  auto found = FindReadable<ops::HeadObject>(service, call, bucket, input.key, input.version_id, store::Load::kSizes);
  if (!found) return std::unexpected(std::move(found).error());
  auto selection = Select<ops::HeadObject>(input, *found);
  if (!selection) return std::unexpected(std::move(selection).error());
  HeadObjectOutput output = Describe<ops::HeadObject>(input, bucket, found->version, *selection);
  if (auto told = TellTagCount(call, found->version, output); !told) return std::unexpected(told.error());
  return output;
}

}  // namespace firmsign::s3
