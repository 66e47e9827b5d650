// SPDX-License-Identifier: Apache-2.0
//
// GetObjectAttributes: what HeadObject tells and what ListParts told before the upload was complete, as a document.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "services/s3/handlers.h"
#include "services/s3/read_object.h"

namespace firmsign::s3 {
namespace {

using Op = ops::GetObjectAttributes;

constexpr std::int64_t kPartsPageMax = 1000;

// One more than asked for tells whether there are more.
Expected<std::vector<store::Part>> ReadParts(Service& service, const std::string& upload_id, std::int64_t after,
                                             std::int64_t limit) {
  return Read(service.database,
              [&](db::Reader& reader) { return store::ListParts(reader, upload_id, after, limit + 1); });
}

Expected<GetObjectAttributesParts> PartsOf(Service& service, const GetObjectAttributesRequest& input,
                                           const VersionWithBytes& found) {
  const std::int64_t after = input.part_number_marker.value_or(0);
  const std::int64_t limit = std::min(input.max_parts.value_or(kPartsPageMax), kPartsPageMax);
  ASSIGN_OR_RETURN(std::vector<store::Part> parts, ReadParts(service, found.version.upload_id, after, limit));
  GetObjectAttributesParts output{.total_parts_count = static_cast<std::int64_t>(found.bytes.size()),
                                  .part_number_marker = after,
                                  .max_parts = limit,
                                  .is_truncated = static_cast<std::int64_t>(parts.size()) > limit};
  if (*output.is_truncated) parts.pop_back();
  output.next_part_number_marker = parts.empty() ? after : parts.back().number;
  for (const store::Part& part : parts) {
    ObjectPart& told = output.parts ? output.parts->emplace_back() : output.parts.emplace().emplace_back();
    told.part_number = part.number;
    told.size = static_cast<std::int64_t>(part.size);
    TellChecksum(told, {.algorithm = found.version.checksum.algorithm, .value = part.checksum});
  }
  return output;
}

}  // namespace

aws::Result<Op> GetObjectAttributes(Service& service, const Call<Op>& call) {
  const GetObjectAttributesRequest& input = call.input();
  const auto& bucket = call.resolved<store::Bucket>();
  if (input.max_parts.value_or(0) < 0 || input.part_number_marker.value_or(0) < 0) {
    return RefuseArgument("Argument max-parts and part-number-marker must be integers from 0 on", "max-parts",
                          std::to_string(input.max_parts.value_or(0)));
  }
  auto found = FindReadable<Op>(service, call, bucket, input.key, input.version_id, store::Load::kSizes);
  if (!found) return std::unexpected(std::move(found).error());
  const store::Version& version = found->version;
  const auto wants = [&](std::string_view attribute) {
    return std::ranges::find(input.object_attributes, attribute) != input.object_attributes.end();
  };
  GetObjectAttributesOutput output{.last_modified = version.created_at};
  if (bucket.versioning != store::Versioning::kNever) output.version_id = version.version_id;
  if (wants(ObjectAttributes::kEtag)) output.etag = version.etag;
  if (wants(ObjectAttributes::kChecksum) && !version.checksum.value.empty()) {
    TellChecksum(output.checksum.emplace(), version.checksum);
  }
  if (wants(ObjectAttributes::kObjectParts) && !version.upload_id.empty()) {
    auto parts = PartsOf(service, input, *found);
    if (!parts) return std::unexpected(std::move(parts).error());
    output.object_parts = *std::move(parts);
  }
  if (wants(ObjectAttributes::kStorageClass)) {
    output.storage_class = ParseHeaders(version.headers).storage_class.value_or(std::string(StorageClass::kStandard));
  }
  if (wants(ObjectAttributes::kObjectSize)) output.object_size = static_cast<std::int64_t>(version.size);
  return output;
}

}  // namespace firmsign::s3
