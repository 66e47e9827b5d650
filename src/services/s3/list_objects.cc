// SPDX-License-Identifier: Apache-2.0
//
// ListObjectsV2, ListObjects and ListObjectVersions: three spellings of store::Listing.

#include <algorithm>

#include "base/encoding.h"
#include "services/s3/handlers.h"
#include "services/s3/listing.h"
#include "services/s3/object_headers.h"
#include "services/s3/transact.h"

namespace firmsign::s3 {
namespace {

// A token is the last thing told, behind one letter for its kind; base64 keeps it opaque.
std::string MakeToken(const store::Listing& listing) {
  return EncodeBase64((listing.last_is_group ? "g" : "k") + listing.last);
}

// False when it is not one of ours.
bool ApplyToken(std::string_view token, store::ListQuery& query) {
  auto text = DecodeBase64(token);
  if (!text || text->size() < 2 || (text->front() != 'g' && text->front() != 'k')) return false;
  query.skip_group_of_after = text->front() == 'g';
  query.after = text->substr(1);
  return true;
}

Object TellObject(const store::Version& version, const NameEncoder& encode) {
  Object object{
      .key = encode(version.key),
      .last_modified = version.created_at,
      .etag = Quoted(version.etag),
      .size = static_cast<std::int64_t>(version.size),
      .storage_class = ParseHeaders(version.headers).storage_class.value_or(std::string(StorageClass::kStandard))};
  if (!version.checksum.algorithm.empty()) {
    object.checksum_algorithm = {version.checksum.algorithm};
    object.checksum_type = version.checksum.type;
  }
  return object;
}

// What V2, V1 and the versions' listing say alike.
template <class Output, class Input>
Output TellCommon(const Input& input, std::int64_t max_keys, const store::Listing& listing, const NameEncoder& encode) {
  Output output;
  output.name = input.bucket;
  output.prefix = encode(input.prefix.value_or(""));
  if (input.delimiter && !input.delimiter->empty()) output.delimiter = encode(*input.delimiter);
  output.max_keys = max_keys;
  output.is_truncated = listing.is_truncated;
  output.encoding_type = input.encoding_type;
  output.common_prefixes = TellGroups(listing.groups, encode);
  return output;
}

template <class Input>
store::ListQuery MakeQuery(const Input& input, std::int64_t limit) {
  return {.bucket = input.bucket,
          .prefix = input.prefix.value_or(""),
          .delimiter = input.delimiter.value_or(""),
          .limit = limit};
}

}  // namespace

aws::Result<ops::ListObjectsV2> ListObjectsV2(Service& service, const Call<ops::ListObjectsV2>& call) {
  const ListObjectsV2Request& input = call.input();
  const auto limit = PageLimit(input.max_keys);
  if (!limit) return RefusePageLimit("max-keys", *input.max_keys);
  store::ListQuery query = MakeQuery(input, *limit);
  if (input.continuation_token) {
    if (!ApplyToken(*input.continuation_token, query)) {
      return RefuseArgument("The continuation token provided is incorrect", "continuation-token",
                            *input.continuation_token);
    }
  } else if (input.start_after && !input.start_after->empty()) {
    query.after = input.start_after;
  }
  auto listing = Read(service.database, [&](db::Reader& reader) { return store::ListCurrent(reader, query); });
  if (!listing) return std::unexpected(std::move(listing).error());

  const NameEncoder encode{input.encoding_type.has_value()};
  auto output = TellCommon<ListObjectsV2Output>(input, *limit, *listing, encode);
  output.key_count = static_cast<std::int64_t>(listing->versions.size() + listing->groups.size());
  output.continuation_token = input.continuation_token;
  if (input.start_after) output.start_after = encode(*input.start_after);
  if (listing->is_truncated) output.next_continuation_token = MakeToken(*listing);
  auto& contents = output.contents.emplace();
  for (const store::Version& version : listing->versions) {
    contents.push_back(TellObject(version, encode));
    if (input.fetch_owner.value_or(false)) contents.back().owner = OwnerOf(call.resolved<store::Bucket>());
  }
  return output;
}

aws::Result<ops::ListObjects> ListObjects(Service& service, const Call<ops::ListObjects>& call) {
  const ListObjectsRequest& input = call.input();
  const auto limit = PageLimit(input.max_keys);
  if (!limit) return RefusePageLimit("max-keys", *input.max_keys);
  store::ListQuery query = MakeQuery(input, *limit);
  if (input.marker && !input.marker->empty()) {
    query.after = input.marker;
    query.skip_group_of_after = true;
  }
  auto listing = Read(service.database, [&](db::Reader& reader) { return store::ListCurrent(reader, query); });
  if (!listing) return std::unexpected(std::move(listing).error());

  const NameEncoder encode{input.encoding_type.has_value()};
  auto output = TellCommon<ListObjectsOutput>(input, *limit, *listing, encode);
  output.marker = encode(input.marker.value_or(""));
  // Without a delimiter clients go on from the last key.
  if (listing->is_truncated && output.delimiter) output.next_marker = encode(listing->last);
  auto& contents = output.contents.emplace();
  for (const store::Version& version : listing->versions) {
    contents.push_back(TellObject(version, encode));
    contents.back().owner = OwnerOf(call.resolved<store::Bucket>());
  }
  return output;
}

aws::Result<ops::ListObjectVersions> ListObjectVersions(Service& service, const Call<ops::ListObjectVersions>& call) {
  const ListObjectVersionsRequest& input = call.input();
  const auto limit = PageLimit(input.max_keys);
  if (!limit) return RefusePageLimit("max-keys", *input.max_keys);
  store::ListQuery query = MakeQuery(input, *limit);
  const bool has_version_marker = input.version_id_marker && !input.version_id_marker->empty();
  if (input.key_marker && !input.key_marker->empty()) {
    query.after = input.key_marker;
    query.skip_group_of_after = true;
    if (has_version_marker) query.after_version = input.version_id_marker;
  } else if (has_version_marker) {
    return RefuseArgument("A version-id marker cannot be specified without a key marker.", "version-id-marker",
                          *input.version_id_marker);
  }
  if (has_version_marker && !IsVersionId(*input.version_id_marker)) {
    return RefuseArgument("Invalid version id specified", "version-id-marker", *input.version_id_marker);
  }
  auto listing = Read(service.database, [&](db::Reader& reader) { return store::ListVersions(reader, query); });
  if (!listing) return std::unexpected(std::move(listing).error());

  const NameEncoder encode{input.encoding_type.has_value()};
  const Owner owner = OwnerOf(call.resolved<store::Bucket>());
  auto output = TellCommon<ListObjectVersionsOutput>(input, *limit, *listing, encode);
  output.key_marker = encode(input.key_marker.value_or(""));
  output.version_id_marker = input.version_id_marker.value_or("");
  if (listing->is_truncated) {
    output.next_key_marker = encode(listing->last);
    if (!listing->last_is_group) output.next_version_id_marker = listing->last_version_id;
  }
  auto& versions = output.versions.emplace();
  auto& markers = output.delete_markers.emplace();
  for (const store::Version& version : listing->versions) {
    if (version.is_delete_marker) {
      markers.push_back({.owner = owner,
                         .key = encode(version.key),
                         .version_id = version.version_id,
                         .is_latest = version.is_latest,
                         .last_modified = version.created_at});
      continue;
    }
    ObjectVersion told{.etag = Quoted(version.etag),
                       .size = static_cast<std::int64_t>(version.size),
                       .storage_class = std::string(ObjectVersionStorageClass::kStandard),
                       .key = encode(version.key),
                       .version_id = version.version_id,
                       .is_latest = version.is_latest,
                       .last_modified = version.created_at,
                       .owner = owner};
    if (!version.checksum.algorithm.empty()) {
      told.checksum_algorithm = {version.checksum.algorithm};
      told.checksum_type = version.checksum.type;
    }
    versions.push_back(std::move(told));
  }
  return output;
}

}  // namespace firmsign::s3
