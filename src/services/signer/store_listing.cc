// SPDX-License-Identifier: Apache-2.0
//
// ListJobs: a page of jobs by any filters, at the price of a page.
//
// A list follows one index, that of the filter which leaves least, in the index's order; other filters are checked on
// the way. So that two filters which each let much through and together nothing cost no more, one call looks through at
// most JobFilter::scan_max rows, and its page may be short.

#include <algorithm>
#include <array>
#include <span>

#include "model/signer.h"
#include "services/signer/store.h"
#include "services/signer/store_rows.h"

namespace firmsign::signer {
namespace {

// The statements that follow one index. Both begin strictly after ($3, $4) and go down.
struct Path {
  std::string_view page;   // down to and with ($10, $11)
  std::string_view floor;  // the position that lies $9 rows further down
};

// Statements must be literals (platform/db/database.h), hence a macro. `where` names the index's own columns; the terms
// that a partial index is made with have to be there.
#define FIRMSIGN_PATH(where, at)                                                                                   \
  {.page = "SELECT " FIRMSIGN_JOB_COLUMNS " FROM signer_jobs WHERE " where " AND region = $2 AND (" at             \
           ", id) < ($3, $4) AND (" at                                                                             \
           ", id) >= ($10, $11) AND ($5 = '' OR status = $5) AND ($6 = '' OR platform_id = $6) AND ($7 = '' OR "   \
           "requested_by = $7) AND ($8 = '' OR invoker = $8) AND ($9 < 0 OR ($9 = 1) = (revoked_at IS NOT NULL)) " \
           "ORDER BY " at " DESC, id DESC LIMIT $12",                                                              \
   .floor = "SELECT " at ", id FROM signer_jobs WHERE " where " AND region = $2 AND (" at                          \
            ", id) < ($3, $4) ORDER BY " at " DESC, id DESC LIMIT 1 OFFSET $9"}

constexpr Path kNewest = FIRMSIGN_PATH("owner = $1", "created_at");
constexpr Path kByStatus = FIRMSIGN_PATH("owner = $1 AND status = $5 AND status <> 'Succeeded'", "created_at");
constexpr Path kByPlatform = FIRMSIGN_PATH("owner = $1 AND platform_id = $6", "created_at");
constexpr Path kByRequester = FIRMSIGN_PATH("owner = $1 AND requested_by = $7", "created_at");
constexpr Path kByInvoker = FIRMSIGN_PATH("owner = $1 AND invoker = $8 AND invoker <> owner", "created_at");
constexpr Path kRevoked = FIRMSIGN_PATH("owner = $1 AND revoked_at IS NOT NULL", "created_at");
constexpr Path kExpiring = FIRMSIGN_PATH("owner = $1 AND signature_expires_at IS NOT NULL", "signature_expires_at");
constexpr Path kElsewhere = FIRMSIGN_PATH("invoker = $1 AND invoker <> owner", "created_at");
constexpr Path kExpiringElsewhere =
    FIRMSIGN_PATH("invoker = $1 AND invoker <> owner AND signature_expires_at IS NOT NULL", "signature_expires_at");

// The index that leaves least, and how many of the filters it answers by itself.
struct Choice {
  const Path& path;
  int filters = 0;
};

Choice ChooseOwn(const JobFilter& filter) {
  if (filter.is_by_expiry()) return {kExpiring, 1};
  if (filter.is_revoked == true) return {kRevoked, 1};
  if (!filter.invoker.empty() && filter.invoker != filter.account.str()) return {kByInvoker, 1};
  if (!filter.requested_by.empty()) return {kByRequester, 1};
  // Nearly every job succeeded, so for that the index of all jobs is as good.
  if (!filter.status.empty() && filter.status != SigningStatus::kSucceeded) return {kByStatus, 1};
  if (!filter.platform_id.empty()) return {kByPlatform, 1};
  return {kNewest, 0};
}

int CountFilters(const JobFilter& filter) {
  return static_cast<int>(!filter.status.empty()) + static_cast<int>(!filter.platform_id.empty()) +
         static_cast<int>(!filter.requested_by.empty()) + static_cast<int>(!filter.invoker.empty()) +
         static_cast<int>(filter.is_revoked.has_value()) + static_cast<int>(filter.is_by_expiry());
}

JobPosition PositionOf(const Job& job, bool is_by_expiry) {
  return {.at = is_by_expiry ? job.signature_expires_at.value_or(Instant()) : job.created_at, .id = job.id.str()};
}

// What one path found, and from where on it may have more.
struct Found {
  std::vector<Job> jobs;
  std::optional<JobPosition> cut;
};

Expected<Found> Follow(db::Reader& reader, const Choice& choice, const JobFilter& filter) {
  JobPosition begin = filter.after.value_or(JobPosition{.at = Instant{INT64_MAX}, .id = ""});
  if (filter.expires_before) begin = std::min(begin, JobPosition{.at = *filter.expires_before, .id = ""});
  Found found;
  if (CountFilters(filter) > choice.filters) {
    RETURN_IF_ERROR(reader.Query(
        choice.path.floor, [&](const db::Row& row) { found.cut = JobPosition{.at = row.Time(0), .id = row.String(1)}; },
        filter.account.str(), filter.region.str(), begin.at, begin.id, filter.status, filter.platform_id,
        filter.requested_by, filter.invoker, filter.scan_max));
  }
  JobPosition floor{.at = Instant{INT64_MIN}, .id = ""};
  if (filter.expires_after) floor.at = *filter.expires_after + Duration(1);
  if (found.cut && *found.cut <= floor) found.cut.reset();  // the list ends before
  if (found.cut) floor = *found.cut;
  const int revoked = filter.is_revoked ? static_cast<int>(*filter.is_revoked) : -1;
  RETURN_IF_ERROR(reader.Query(
      choice.path.page, [&](const db::Row& row) { found.jobs.push_back(internal::ReadJob(row)); }, filter.account.str(),
      filter.region.str(), begin.at, begin.id, filter.status, filter.platform_id, filter.requested_by, filter.invoker,
      revoked, floor.at, floor.id, filter.limit + 1));
  if (found.jobs.size() > static_cast<std::size_t>(filter.limit)) {
    found.cut = PositionOf(found.jobs.back(), filter.is_by_expiry());
  }
  return found;
}

// Both in their order, down to where either of them was cut.
JobPage Merge(Found own, Found elsewhere, const JobFilter& filter) {
  const bool is_by_expiry = filter.is_by_expiry();
  JobPage page{.jobs = std::move(own.jobs), .next = {}};
  page.jobs.insert(page.jobs.end(), std::move_iterator(elsewhere.jobs.begin()),
                   std::move_iterator(elsewhere.jobs.end()));
  std::ranges::sort(page.jobs, std::greater(), [&](const Job& job) { return PositionOf(job, is_by_expiry); });
  const std::optional<JobPosition> cut = std::max(own.cut, elsewhere.cut);
  if (cut) std::erase_if(page.jobs, [&](const Job& job) { return PositionOf(job, is_by_expiry) < *cut; });
  const auto limit = static_cast<std::size_t>(filter.limit);
  if (page.jobs.size() > limit) {
    page.jobs.resize(limit);
    page.next = PositionOf(page.jobs.back(), is_by_expiry);
  } else {
    page.next = cut;
  }
  return page;
}

}  // namespace

Expected<JobPage> Store::ListJobs(const JobFilter& filter) {
  Found own;
  Found elsewhere;
  RETURN_IF_ERROR(database_.Read([&](db::Reader& reader) -> Expected<void> {
    ASSIGN_OR_RETURN(own, Follow(reader, ChooseOwn(filter), filter));
    // Who started a job with another account's profile sees it, too.
    if (!filter.invoker.empty() && filter.invoker != filter.account.str()) return {};
    const bool is_by_expiry = filter.is_by_expiry();
    const int answered = static_cast<int>(is_by_expiry) + static_cast<int>(!filter.invoker.empty());
    ASSIGN_OR_RETURN(elsewhere, Follow(reader, {is_by_expiry ? kExpiringElsewhere : kElsewhere, answered}, filter));
    return {};
  }));
  return Merge(std::move(own), std::move(elsewhere), filter);
}

}  // namespace firmsign::signer
