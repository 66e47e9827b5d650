// SPDX-License-Identifier: Apache-2.0
//
// Scrubbing goes through all versions, of those in parts through their hashes alone, then through the parts of uploads,
// complete or not. Its place
// is "v", bucket, key and sequence, or "p", upload and number, in hexadecimal with colons between.

#include "services/s3/stored_bytes.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <memory>
#include <utility>

#include "base/encoding.h"
#include "services/s3/checksums.h"
#include "services/s3/digesting.h"
#include "services/s3/names.h"
#include "services/s3/part_hashes.h"
#include "services/s3/store.h"
#include "services/s3/transact.h"

namespace firmsign::s3 {
namespace {

constexpr std::size_t kReadBytes = 256 * 1024;
constexpr std::int64_t kScrubBytes = 64 << 20;
constexpr std::int64_t kScrubRows = 200;

// Where a scrub goes on.
struct Place {
  bool is_in_parts = false;
  store::VersionPlace version;
  store::PartPlace part;
};

std::string Format(const Place& place) {
  if (place.is_in_parts) return "p:" + EncodeHex(place.part.upload_id) + ":" + std::to_string(place.part.number);
  return "v:" + EncodeHex(place.version.bucket) + ":" + EncodeHex(place.version.key) + ":" +
         std::to_string(place.version.sequence);
}

std::optional<std::int64_t> ParseNumber(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<Place> ParsePlace(std::string_view text) {
  if (text.empty()) return Place{};
  std::vector<std::string_view> words;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(':', begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  const auto number = ParseNumber(words.back());
  if (!number) return std::nullopt;
  if (words.size() == 3 && words[0] == "p") {
    const auto upload = DecodeHex(words[1]);
    if (!upload) return std::nullopt;
    return Place{.is_in_parts = true, .part = {.upload_id = *upload, .number = *number}};
  }
  if (words.size() != 4 || words[0] != "v") return std::nullopt;
  const auto bucket = DecodeHex(words[1]);
  const auto key = DecodeHex(words[2]);
  if (!bucket || !key) return std::nullopt;
  return Place{.version = {.bucket = *bucket, .key = *key, .sequence = *number}};
}

// What is known of a run of bytes.
struct Known {
  std::string etag;
  std::optional<std::string> sha256;
  store::Checksum checksum;  // empty: none
};

Expected<void> ReadInto(Service& service, const store::StoredBlob& blob,
                        const std::function<void(std::string_view)>& take) {
  if (!blob.in_file) {
    std::string data = blob.data;
    RETURN_IF_ERROR(service.blobs.Decrypt(blob.blob_id, data));
    if (data.size() != blob.size) return Fail(Code::kCorrupt, "it has another length than its row says");
    take(data);
    return {};
  }
  ASSIGN_OR_RETURN(const auto file, service.blobs.OpenFile(blob.blob_id, blob.size));
  const auto buffer = std::make_unique_for_overwrite<char[]>(kReadBytes);
  for (std::uint64_t done = 0; done < blob.size;) {
    ASSIGN_OR_RETURN(const std::size_t count, file->ReadAt(done, {buffer.get(), kReadBytes}));
    if (count == 0) return Fail(Code::kCorrupt, "it became shorter");
    take({buffer.get(), count});
    done += count;
  }
  return {};
}

// What is wrong with the bytes; empty: nothing.
std::string Examine(Service& service, const store::StoredBlob& blob, const Known& known) {
  Digesting digesting(ParseChecksumName(known.checksum.algorithm).value_or(kDefaultChecksum));
  crypto::Digest sha256(crypto::Hash::kSha256);
  const auto read = ReadInto(service, blob, [&](std::string_view bytes) {
    digesting.Update(bytes);
    sha256.Update(bytes);
  });
  if (!read) return read.error().code == Code::kNotFound ? "its file is missing" : read.error().message;
  const std::string digest = sha256.Finish();
  const Digests digests = digesting.Finish(digest);
  if (known.sha256 && *known.sha256 != digest) return "its SHA-256 is another one";
  const std::string etag = known.etag.ends_with(kSignerEtagEnd) ? SignerEtag(digest) : EncodeHex(digests.md5);
  if (known.etag != etag) return "its ETag is that of other bytes";
  if (!known.checksum.value.empty() && known.checksum.value != EncodeBase64(digests.checksum)) {
    return "its " + known.checksum.algorithm + " is another one";
  }
  return "";
}

// One page. Thread safety: confined.
class Scrubbing {
 public:
  explicit Scrubbing(Service& service) : service_(service) {}

  Expected<void> Versions(store::VersionPlace& place) {
    ASSIGN_OR_RETURN(const auto versions, Read(service_.database, [&](db::Reader& reader) {
                       return store::ListAllVersions(reader, place, kScrubRows);
                     }));
    is_last_ = versions.empty();
    for (const store::BucketAndKept& one : versions) {
      const store::Version& version = one.version;
      place = {.bucket = one.bucket, .key = version.key, .sequence = version.sequence};
      ASSIGN_OR_RETURN(std::string problem, version.upload_id.empty() ? LookAtWhole(version) : LookAtHashes(version));
      if (!problem.empty()) {
        ASSIGN_OR_RETURN(const bool is_there,
                         Read(service_.database, [&](db::Reader& reader) { return store::HasVersion(reader, place); }));
        if (is_there) page_.damaged.push_back({one.bucket, version.key, version.version_id, 0, std::move(problem)});
      }
      if (page_.read.bytes >= kScrubBytes) break;
    }
    return {};
  }

  Expected<void> Parts(store::PartPlace& place) {
    ASSIGN_OR_RETURN(const auto parts, Read(service_.database, [&](db::Reader& reader) {
                       return store::ListAllParts(reader, place, kScrubRows);
                     }));
    is_last_ = parts.empty();
    for (const store::PlaceAndPart& one : parts) {
      place = one.place;
      const store::Checksum checksum{.algorithm = one.checksum_algorithm, .type = "", .value = one.part.checksum};
      ASSIGN_OR_RETURN(std::string problem, Look(one.part.blob_id, one.part.size,
                                                 {.etag = one.part.etag, .sha256 = {}, .checksum = checksum}));
      if (!problem.empty()) {
        // None if the upload was completed without this part, aborted or deleted.
        ASSIGN_OR_RETURN(const auto owner, Read(service_.database, [&](db::Reader& reader) {
                           return store::FindOwnerOfPart(reader, place, one.part.blob_id);
                         }));
        if (owner) {
          page_.damaged.push_back({owner->bucket, owner->key, owner->version_id, place.number, std::move(problem)});
        }
      }
      if (page_.read.bytes >= kScrubBytes) break;
    }
    return {};
  }

  bool is_last() const { return is_last_; }
  ports::ScrubPage& page() { return page_; }

 private:
  // What is wrong; empty: nothing.
  Expected<std::string> LookAtWhole(const store::Version& version) {
    return Look(version.blob_id, version.size,
                {.etag = version.etag, .sha256 = version.sha256, .checksum = version.checksum});
  }
  // The bytes come with the parts.
  Expected<std::string> LookAtHashes(const store::Version& version) {
    ASSIGN_OR_RETURN(const auto parts, Read(service_.database, [&](db::Reader& reader) {
                       return store::ListParts(reader, version.upload_id, 0, store::kPartsMax);
                     }));
    if (parts.empty()) return "its parts are missing";
    if (EtagOfParts(parts) != version.etag) return "its ETag is not that of its parts";
    const store::Checksum& checksum = version.checksum;
    if (ChecksumOfParts(checksum.algorithm, checksum.type, parts).value == checksum.value) return "";
    return "its " + checksum.algorithm + " is not that of its parts";
  }
  Expected<std::string> Look(const std::string& blob_id, std::uint64_t size, const Known& known) {
    ASSIGN_OR_RETURN(const auto blob,
                     Read(service_.database, [&](db::Reader& reader) { return store::FindBlob(reader, blob_id); }));
    ++page_.read.count;
    page_.read.bytes += static_cast<std::int64_t>(size);
    if (!blob || blob->size != size) return "its bytes are missing";
    return Examine(service_, *blob, known);
  }

  Service& service_;
  bool is_last_ = false;
  ports::ScrubPage page_;
};

}  // namespace

Expected<std::vector<ports::BucketUsage>> EmbeddedStoredBytes::ListUsage(const std::string& after, std::int64_t limit) {
  return Read(service_.database, [&](db::Reader& reader) { return store::ListUsage(reader, after, limit); });
}

Expected<ports::ScrubPage> EmbeddedStoredBytes::Scrub(const std::string& from) {
  auto place = ParsePlace(from);
  if (!place) return Fail(Code::kInvalid, "this is not where a scrub goes on");
  Scrubbing scrub(service_);
  if (place->is_in_parts) {
    RETURN_IF_ERROR(scrub.Parts(place->part));
    if (!scrub.is_last()) scrub.page().next = Format(*place);
    return std::move(scrub.page());
  }
  RETURN_IF_ERROR(scrub.Versions(place->version));
  scrub.page().next = Format(scrub.is_last() ? Place{.is_in_parts = true} : *place);
  return std::move(scrub.page());
}

}  // namespace firmsign::s3
