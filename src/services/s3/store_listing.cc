// SPDX-License-Identifier: Apache-2.0
//
// Listings in the order of keys, bytewise.
//
// Rows are read in small runs from a lower bound. A group of keys that a delimiter rolls up is passed by seeking to the
// first key behind it, and so are the old versions of a key, so that the cost follows what is told, not what is stored.

#include <algorithm>

#include "services/s3/store.h"
#include "services/s3/store_rows.h"

namespace firmsign::s3::store {
namespace {

// Rows read at once: with a delimiter most of a run may belong to a group that is passed over.
constexpr std::int64_t kRunRows = 256;
constexpr std::int64_t kRunRowsWithDelimiter = 64;

// Above every key: keys have at most 1,024 bytes.
const std::string& Infinity() {
  static const std::string infinity(1025, '\xff');
  return infinity;
}

// The smallest string above every string that begins with `prefix`.
std::string BehindPrefix(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xff') prefix.pop_back();
  if (prefix.empty()) return Infinity();
  prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

// The smallest string above `key`.
std::string BehindKey(std::string_view key) {
  std::string next(key);
  next.push_back('\0');
  return next;
}

// The group that `key` is rolled up into; nullopt when it stands for itself.
std::optional<std::string> GroupOf(std::string_view key, std::string_view prefix, std::string_view delimiter) {
  if (delimiter.empty() || !key.starts_with(prefix)) return std::nullopt;
  const std::size_t at = key.find(delimiter, prefix.size());
  if (at == std::string_view::npos) return std::nullopt;
  return std::string(key.substr(0, at + delimiter.size()));
}

std::int64_t RunRows(std::int64_t wanted, std::string_view delimiter) {
  return std::min(wanted + 1, delimiter.empty() ? kRunRows : kRunRowsWithDelimiter);
}

std::string FirstBound(const ListQuery& query) {
  if (!query.after) return query.prefix;
  std::string lower = std::max(BehindKey(*query.after), query.prefix);
  if (!query.skip_group_of_after) return lower;
  const auto group = GroupOf(*query.after, query.prefix, query.delimiter);
  return group ? std::max(lower, BehindPrefix(*group)) : lower;
}

// What a listing has told so far, and whether there is room for more.
class Teller {
 public:
  explicit Teller(std::int64_t limit) : limit_(limit) {}

  bool TellVersion(Version version) {
    if (!TakePlace()) return false;
    listing_.last = version.key;
    listing_.last_is_group = false;
    listing_.last_version_id = version.version_id;
    listing_.versions.push_back(std::move(version));
    return true;
  }
  bool TellGroup(std::string group) {
    if (!TakePlace()) return false;
    listing_.last = group;
    listing_.last_is_group = true;
    listing_.last_version_id.clear();
    listing_.groups.push_back(std::move(group));
    return true;
  }
  std::int64_t room() const { return limit_ - told_; }
  Listing Take() { return std::move(listing_); }

 private:
  bool TakePlace() {
    listing_.is_truncated = told_ == limit_;
    if (!listing_.is_truncated) ++told_;
    return !listing_.is_truncated;
  }

  std::int64_t limit_;
  std::int64_t told_ = 0;
  Listing listing_;
};

// `rows` versions with lower <= key < upper, by key, newest first.
Expected<std::vector<Version>> ReadRun(db::Reader& reader, std::string_view bucket, std::string_view lower,
                                       std::string_view upper, std::int64_t rows) {
  std::vector<Version> run;
  RETURN_IF_ERROR(reader.Query(
      "SELECT " FIRMSIGN_S3_VERSION_COLUMNS
      " FROM s3_versions WHERE bucket = $1 AND key >= $2 AND key < $3 "
      "ORDER BY key, sequence DESC LIMIT $4",
      [&](const db::Row& row) { run.push_back(internal::VersionOf(row)); }, bucket, db::Blob{lower}, db::Blob{upper},
      rows));
  return run;
}

// `rows` versions of one key that are older than `sequence`, newest first.
Expected<std::vector<Version>> ReadOlder(db::Reader& reader, std::string_view bucket, std::string_view key,
                                         std::int64_t sequence, std::int64_t rows) {
  std::vector<Version> run;
  RETURN_IF_ERROR(reader.Query(
      "SELECT " FIRMSIGN_S3_VERSION_COLUMNS
      " FROM s3_versions WHERE bucket = $1 AND key = $2 AND sequence < $3 "
      "ORDER BY sequence DESC LIMIT $4",
      [&](const db::Row& row) { run.push_back(internal::VersionOf(row)); }, bucket, db::Blob{key}, sequence, rows));
  return run;
}

struct Place {
  std::string key;
  std::int64_t sequence = 0;
};

// Where `query` begins within the versions of one key; nullopt when it begins with a whole key.
Expected<std::optional<Place>> FirstPlace(db::Reader& reader, const ListQuery& query, std::string& lower) {
  if (!query.after || !query.after_version || !query.after->starts_with(query.prefix)) return std::nullopt;
  auto found = FindVersion(reader, query.bucket, *query.after, *query.after_version);
  if (found) return Place{.key = *query.after, .sequence = found->sequence};
  if (found.error().code != Code::kNotFound) return std::unexpected(std::move(found).error());
  lower = std::max(*query.after, query.prefix);
  return std::nullopt;
}

}  // namespace

Expected<Listing> ListCurrent(db::Reader& reader, const ListQuery& query) {
  Teller teller(query.limit);
  if (query.limit <= 0) return teller.Take();
  const std::string upper = BehindPrefix(query.prefix);
  std::string lower = FirstBound(query);
  while (true) {
    const std::int64_t rows = RunRows(teller.room(), query.delimiter);
    ASSIGN_OR_RETURN(std::vector<Version> run, ReadRun(reader, query.bucket, lower, upper, rows));
    const bool is_last_run = static_cast<std::int64_t>(run.size()) < rows;
    for (Version& version : run) {
      if (version.key < lower) continue;  // an older version, or in a group that was told
      lower = BehindKey(version.key);
      if (version.is_delete_marker) continue;
      version.is_latest = true;
      if (auto group = GroupOf(version.key, query.prefix, query.delimiter)) {
        lower = BehindPrefix(*group);
        if (!teller.TellGroup(*std::move(group))) return teller.Take();
      } else if (!teller.TellVersion(std::move(version))) {
        return teller.Take();
      }
    }
    if (is_last_run) return teller.Take();
  }
}

Expected<Listing> ListVersions(db::Reader& reader, const ListQuery& query) {
  Teller teller(query.limit);
  if (query.limit <= 0) return teller.Take();
  const std::string upper = BehindPrefix(query.prefix);
  std::string lower = FirstBound(query);
  // Set while the run begins within the versions of one key.
  ASSIGN_OR_RETURN(std::optional<Place> within, FirstPlace(reader, query, lower));
  while (true) {
    const std::int64_t rows = RunRows(teller.room(), query.delimiter);
    const bool is_within = within.has_value();
    ASSIGN_OR_RETURN(std::vector<Version> run,
                     is_within ? ReadOlder(reader, query.bucket, within->key, within->sequence, rows)
                               : ReadRun(reader, query.bucket, lower, upper, rows));
    const bool is_last_run = static_cast<std::int64_t>(run.size()) < rows;
    std::optional<std::string> previous_key;
    if (is_within) previous_key = within->key;
    for (Version& version : run) {
      if (!is_within && version.key < lower) continue;  // in a group that was told
      version.is_latest = version.key != previous_key;
      previous_key = version.key;
      if (auto group = GroupOf(version.key, query.prefix, query.delimiter)) {
        lower = BehindPrefix(*group);
        within.reset();
        if (!teller.TellGroup(*std::move(group))) return teller.Take();
        if (is_within) break;  // every further version of this key is in the group
        continue;
      }
      within = Place{.key = version.key, .sequence = version.sequence};
      if (!teller.TellVersion(std::move(version))) return teller.Take();
    }
    if (is_last_run && !is_within) return teller.Take();
    if (is_last_run && within) {
      lower = std::max(lower, BehindKey(within->key));
      within.reset();
    }
  }
}

Expected<UploadListing> ListUploads(db::Reader& reader, const UploadQuery& query) {
  UploadListing listing;
  if (query.limit <= 0) return listing;
  const std::string upper = BehindPrefix(query.prefix);
  std::string lower = query.prefix;
  // Uploads of this key up to this id were told; no key is empty.
  std::string told_key;
  std::string told_upload;
  if (query.after && query.after_upload) {
    told_key = *query.after;
    if (internal::IsPlain(*query.after_upload)) told_upload = *query.after_upload;
    lower = std::max(lower, told_key);
  } else if (query.after) {
    lower = std::max(lower, BehindKey(*query.after));
    if (const auto group = GroupOf(*query.after, query.prefix, query.delimiter)) {
      lower = std::max(lower, BehindPrefix(*group));
    }
  }
  std::int64_t room = query.limit;
  while (true) {
    const std::int64_t rows = RunRows(room, query.delimiter);
    std::vector<Upload> run;
    RETURN_IF_ERROR(reader.Query(
        "SELECT upload_id, bucket, key, initiator, initiated_at, headers, checksum_algorithm, checksum_type "
        "FROM s3_uploads WHERE bucket = $1 AND key >= $2 AND key < $3 AND (key <> $4 OR upload_id > $5) "
        "ORDER BY key, upload_id LIMIT $6",
        [&](const db::Row& row) { run.push_back(internal::UploadOf(row)); }, query.bucket, db::Blob{lower},
        db::Blob{upper}, db::Blob{told_key}, told_upload, rows));
    for (Upload& upload : run) {
      if (upload.key < lower) continue;
      if (room == 0) {
        listing.is_truncated = true;
        return listing;
      }
      --room;
      if (auto group = GroupOf(upload.key, query.prefix, query.delimiter)) {
        lower = BehindPrefix(*group);
        listing.last = *group;
        listing.last_upload_id.clear();
        listing.groups.push_back(*std::move(group));
        continue;
      }
      lower = told_key = listing.last = upload.key;
      told_upload = listing.last_upload_id = upload.upload_id;
      listing.uploads.push_back(std::move(upload));
    }
    if (static_cast<std::int64_t>(run.size()) < rows) return listing;
  }
}

}  // namespace firmsign::s3::store
