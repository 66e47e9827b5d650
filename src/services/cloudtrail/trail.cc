// SPDX-License-Identifier: Apache-2.0

#include "services/cloudtrail/trail.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "base/check.h"
#include "base/thread_name.h"
#include "platform/json/json.h"
#include "platform/telemetry/log.h"

namespace firmsign::cloudtrail {
namespace {

constexpr std::string_view kSource = "cloudtrail.amazonaws.com";
constexpr std::string_view kLossEvent = "AuditRecordsLost";

bool MayWorkLater(Code code) { return code == Code::kUnavailable || code == Code::kExhausted; }

}  // namespace

Trail::Trail(Store& store, const Clock& clock, Random& random, const TrailOptions& options)
    : store_(store), clock_(clock), random_(random), options_(options) {
  CHECK(options_.batch_max > 0);
}

Trail::~Trail() { Stop(); }

void Trail::Start() {
  CHECK(!thread_.joinable());
  thread_ = std::thread([this] {
    NameThisThread("audit queue");
    Run();
  });
}

void Trail::Stop() {
  {
    const std::lock_guard lock(mutex_);
    if (is_stopping_) return;
    is_stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  if (const Expected<void> flushed = Flush(); !flushed) {
    std::vector<ports::AuditRecord> batch;
    Losses losses;
    while (TakeBatch(batch, losses) && !batch.empty()) Lose(batch, losses, flushed.error().message);
  }
  const std::lock_guard lock(mutex_);
  for (const auto& [account, loss] : losses_) {
    telemetry::Log(telemetry::Level::kError, "audit_loss_unrecorded",
                   {{"account", account.str()}, {"records", loss.records}});
  }
}

Expected<void> Trail::Write(db::Transaction& transaction, const ports::AuditRecord& record) {
  return store_.Insert(transaction, record);
}

Expected<void> Trail::WriteAlone(const ports::AuditRecord& record) {
  return store_.database().InTransaction(
      [&](db::Transaction& transaction) { return store_.Insert(transaction, record); });
}

void Trail::Queue(ports::AuditRecord record) {
  bool is_batch_full = false;
  bool begins_losing = false;
  {
    const std::lock_guard lock(mutex_);
    if (is_stopping_ || queue_.size() + in_flight_ >= options_.queue_max) {
      begins_losing = !std::exchange(is_losing_, true);
      CountLost(record);
    } else {
      queue_.push_back(std::move(record));
      is_batch_full = queue_.size() == options_.batch_max;
    }
  }
  if (is_batch_full) wake_.notify_all();
  // One line for an outage, not one for each record: the total follows when the loss is recorded.
  if (begins_losing) telemetry::Log(telemetry::Level::kError, "audit_records_lost", {{"cause", "the queue is full"}});
}

Expected<void> Trail::Flush() {
  const std::lock_guard flushing(flushing_);
  std::size_t remaining = 0;
  {
    const std::lock_guard lock(mutex_);
    remaining = queue_.size();
  }
  // What is queued meanwhile is left for the next time, so that this ends however many records arrive.
  while (true) {
    std::vector<ports::AuditRecord> batch;
    Losses losses;
    if (!TakeBatch(batch, losses)) return {};
    const Expected<void> written = WriteBatch(batch, losses);
    if (!written) {
      if (MayWorkLater(written.error().code)) {
        PutBack(std::move(batch), losses);
      } else {
        Lose(batch, losses, written.error().message);
      }
      return written;
    }
    {
      const std::lock_guard lock(mutex_);
      in_flight_ -= batch.size();
      if (losses_.empty()) is_losing_ = false;
    }
    for (const auto& [account, loss] : losses) {
      telemetry::Log(telemetry::Level::kError, "audit_loss_recorded",
                     {{"account", account.str()}, {"records", loss.records}});
    }
    if (batch.size() >= remaining) return {};
    remaining -= batch.size();
  }
}

TrailStatistics Trail::Statistics() const {
  const std::lock_guard lock(mutex_);
  return {.waiting = static_cast<std::int64_t>(queue_.size() + in_flight_), .lost = lost_};
}

void Trail::Run() {
  bool is_failing = false;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      // After a failure a full queue is no reason to hurry: the database gets the interval to recover.
      wake_.wait_for(lock, options_.flush_interval,
                     [&] { return is_stopping_ || (!is_failing && queue_.size() >= options_.batch_max); });
      if (is_stopping_) return;
    }
    const Expected<void> flushed = Flush();
    if (!flushed && !is_failing) {
      telemetry::Log(telemetry::Level::kWarning, "audit_flush_failed",
                     {{"code", CodeName(flushed.error().code)}, {"cause", flushed.error().message}});
    }
    is_failing = !flushed.has_value();
  }
}

bool Trail::TakeBatch(std::vector<ports::AuditRecord>& batch, Losses& losses) {
  const std::lock_guard lock(mutex_);
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(std::min(queue_.size(), options_.batch_max));
  batch.assign(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
  queue_.erase(queue_.begin(), end);
  in_flight_ += batch.size();
  losses = std::exchange(losses_, {});
  return !batch.empty() || !losses.empty();
}

Expected<void> Trail::WriteBatch(const std::vector<ports::AuditRecord>& batch, const Losses& losses) {
  std::vector<ports::AuditRecord> loss_records;
  for (const auto& [account, loss] : losses) loss_records.push_back(MakeLossRecord(account, loss));
  return store_.database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    for (const ports::AuditRecord& record : batch) RETURN_IF_ERROR(store_.InsertUnlessThere(transaction, record));
    for (const ports::AuditRecord& record : loss_records) RETURN_IF_ERROR(store_.Insert(transaction, record));
    return {};
  });
}

void Trail::PutBack(std::vector<ports::AuditRecord> batch, const Losses& losses) {
  const std::lock_guard lock(mutex_);
  in_flight_ -= batch.size();
  queue_.insert(queue_.begin(), std::make_move_iterator(batch.begin()), std::make_move_iterator(batch.end()));
  Merge(losses);
}

void Trail::Lose(const std::vector<ports::AuditRecord>& batch, const Losses& losses, std::string_view cause) {
  {
    const std::lock_guard lock(mutex_);
    in_flight_ -= batch.size();
    Merge(losses);
    for (const ports::AuditRecord& record : batch) CountLost(record);
    is_losing_ = true;
  }
  telemetry::Log(telemetry::Level::kError, "audit_records_lost", {{"records", batch.size()}, {"cause", cause}});
}

void Trail::CountLost(const ports::AuditRecord& record) {
  ++lost_;
  Merge({{record.account, {.region = record.region, .records = 1, .first = record.time, .last = record.time}}});
}

void Trail::Merge(const Losses& losses) {
  for (const auto& [account, loss] : losses) {
    const auto [known, is_new] = losses_.try_emplace(account, loss);
    if (is_new) continue;
    known->second.records += loss.records;
    known->second.first = std::min(known->second.first, loss.first);
    known->second.last = std::max(known->second.last, loss.last);
  }
}

ports::AuditRecord Trail::MakeLossRecord(const AccountId& account, const Loss& loss) {
  ports::AuditRecord record{.event_id = MakeUuid(random_),
                            .time = clock_.Now(),
                            .account = account,
                            .region = loss.region,
                            .event_source = std::string(kSource),
                            .event_name = std::string(kLossEvent),
                            .read_only = false};
  json::Writer writer(record.json);
  const auto member = [&](std::string_view name, std::string_view value) {
    writer.Name(name);
    writer.String(value);
  };
  writer.BeginObject();
  member("eventVersion", "1.11");
  writer.Name("userIdentity");
  writer.BeginObject();
  member("type", "AWSService");
  member("invokedBy", kSource);
  writer.EndObject();
  member("eventTime", FormatIso8601(record.time));
  member("eventSource", kSource);
  member("eventName", kLossEvent);
  member("awsRegion", loss.region.str());
  member("sourceIPAddress", kSource);
  member("userAgent", kSource);
  writer.Name("requestParameters");
  writer.Null();
  writer.Name("responseElements");
  writer.Null();
  member("eventID", record.event_id);
  writer.Name("readOnly");
  writer.Bool(false);
  member("eventType", "AwsServiceEvent");
  writer.Name("managementEvent");
  writer.Bool(true);
  member("recipientAccountId", account.str());
  writer.Name("serviceEventDetails");
  writer.BeginObject();
  writer.Name("lostRecords");
  writer.Int(loss.records);
  member("firstLostTime", FormatIso8601(loss.first));
  member("lastLostTime", FormatIso8601(loss.last));
  writer.EndObject();
  member("eventCategory", "Management");
  writer.EndObject();
  return record;
}

}  // namespace firmsign::cloudtrail
