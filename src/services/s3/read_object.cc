// SPDX-License-Identifier: Apache-2.0

#include "services/s3/read_object.h"

#include <algorithm>
#include <utility>

namespace firmsign::s3 {

Expected<VersionWithBytes> FindWithBytes(db::Reader& reader, std::string_view bucket, std::string_view key,
                                         const std::optional<std::string>& version_id) {
  VersionWithBytes found;
  if (version_id) {
    ASSIGN_OR_RETURN(found.version, store::FindVersion(reader, bucket, key, *version_id));
  } else {
    ASSIGN_OR_RETURN(found.version, store::FindCurrent(reader, bucket, key));
  }
  if (!found.version.is_delete_marker) {
    ASSIGN_OR_RETURN(found.bytes, store::FindBytes(reader, found.version));
  }
  return found;
}

Expected<http::Body> OpenBody(const Blobs& blobs, std::vector<store::StoredBlob> bytes, const ByteRange& range) {
  if (bytes.size() == 1 && !bytes.front().in_file) {
    std::string data = std::move(bytes.front().data);
    if (range.length == data.size()) return data;
    return data.substr(range.first, range.length);
  }
  std::vector<http::FileRange> pieces;
  std::uint64_t begin = 0;
  const std::uint64_t end = range.first + range.length;
  for (const store::StoredBlob& blob : bytes) {
    const std::uint64_t first = std::max(begin, range.first);
    const std::uint64_t last = std::min(begin + blob.size, end);
    if (first < last) {
      if (!blob.in_file) return Fail(Code::kCorrupt, "a part of an upload is not a file");
      ASSIGN_OR_RETURN(auto file, blobs.OpenFile(blob.blob_id, blob.size));
      pieces.push_back({.file = std::move(file), .offset = first - begin, .length = last - first});
    }
    begin += blob.size;
  }
  if (pieces.empty()) return std::string();
  return pieces;
}

}  // namespace firmsign::s3
