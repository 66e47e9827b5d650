// SPDX-License-Identifier: Apache-2.0

#include "services/s3/read_object.h"

#include <algorithm>
#include <utility>

namespace firmsign::s3 {

Expected<VersionWithBytes> FindWithBytes(db::Reader& reader, std::string_view bucket, std::string_view key,
                                         const std::optional<std::string>& version_id, store::Load load) {
  VersionWithBytes found;
  if (version_id) {
    ASSIGN_OR_RETURN(found.version, store::FindVersion(reader, bucket, key, *version_id));
  } else {
    ASSIGN_OR_RETURN(found.version, store::FindCurrent(reader, bucket, key));
  }
  if (!found.version.is_delete_marker) {
    ASSIGN_OR_RETURN(found.bytes, store::FindBytes(reader, found.version, load));
  }
  return found;
}

Expected<http::Body> OpenBody(Service& service, std::vector<store::StoredBlob> bytes, const ByteRange& range) {
  for (store::StoredBlob& blob : bytes) {
    if (!blob.in_file) RETURN_IF_ERROR(service.blobs.Decrypt(blob.blob_id, blob.data));
  }
  if (bytes.size() == 1 && !bytes.front().in_file) {
    std::string data = std::move(bytes.front().data);
    if (range.length == data.size()) return data;
    return data.substr(range.first, range.length);
  }
  // The parts of an upload: files, or runs in the database, or, where a deployment got its folder meanwhile, both. A
  // body is either, so among files a run becomes a file, too.
  std::vector<http::FileRange> pieces;
  std::string gathered;
  std::uint64_t begin = 0;
  const std::uint64_t end = range.first + range.length;
  for (store::StoredBlob& blob : bytes) {
    const std::uint64_t first = std::max(begin, range.first);
    const std::uint64_t last = std::min(begin + blob.size, end);
    if (first < last && blob.in_file) {
      if (!gathered.empty()) {
        ASSIGN_OR_RETURN(auto before, service.blobs.AsNamelessFile(gathered, service.clock.Now()));
        pieces.push_back({.file = std::move(before), .offset = 0, .length = gathered.size()});
        gathered.clear();
      }
      ASSIGN_OR_RETURN(auto file, service.blobs.OpenFile(blob.blob_id, blob.size));
      pieces.push_back({.file = std::move(file), .offset = first - begin, .length = last - first});
    } else if (first < last) {
      gathered.append(blob.data, first - begin, last - first);
      blob.data = std::string();
    }
    begin += blob.size;
  }
  if (pieces.empty()) return gathered;
  if (!gathered.empty()) {
    ASSIGN_OR_RETURN(auto after, service.blobs.AsNamelessFile(gathered, service.clock.Now()));
    pieces.push_back({.file = std::move(after), .offset = 0, .length = gathered.size()});
  }
  return pieces;
}

}  // namespace firmsign::s3
