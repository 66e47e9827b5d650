// SPDX-License-Identifier: Apache-2.0

#include "services/acm/expiry_watch.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "platform/crypto/key.h"
#include "platform/json/json.h"
#include "platform/telemetry/log.h"

namespace firmsign::acm {
namespace {

constexpr Duration kLease = std::chrono::minutes(5);
constexpr Duration kDay = std::chrono::hours(24);
constexpr std::int64_t kToldOver = -1;  // schema.cc

// Days that are not over count.
std::int64_t DaysUntil(Instant end, Instant now) { return (end - now + kDay - Duration(1)) / kDay; }

std::string ApproachingDetail(const crypto::CertificateInfo& info, Instant now) {
  std::string detail;
  json::Writer writer(detail);
  writer.BeginObject();
  writer.Name("DaysToExpiry");
  writer.Int(DaysUntil(info.not_after, now));
  writer.Name("CommonName");
  writer.String(info.common_name);
  writer.EndObject();
  return detail;
}

std::string ExpiredDetail(const StoredCertificate& stored, const crypto::CertificateInfo& info, bool is_used) {
  std::string detail;
  json::Writer writer(detail);
  const auto text = [&](std::string_view name, std::string_view value) {
    writer.Name(name);
    writer.String(value);
  };
  writer.BeginObject();
  text("CertificateType", stored.type);
  text("CommonName", info.common_name);
  text("CertificateCreatedDate", FormatIso8601(stored.created_at));
  text("CertificateExpirationDate", FormatIso8601(info.not_after));
  writer.Name("InUse");
  writer.Bool(is_used);
  writer.Name("Exported");
  writer.Bool(stored.is_exported);
  writer.EndObject();
  return detail;
}

}  // namespace

// What is seen in one look.
struct ExpiryWatch::Sight {
  struct Ending {
    StoredCertificate stored;
    crypto::CertificateInfo info;
    bool is_used = false;
  };

  Instant now;
  std::int64_t first_end = kNoEnd;
  std::vector<Ending> endings;
};

Expected<void> ExpiryWatch::LookAt(const Store::Place& place, Sight& sight) const {
  ASSIGN_OR_RETURN(const std::optional<std::int64_t> wanted, acm_.store.DaysBeforeExpiry(place.account, place.region));
  ASSIGN_OR_RETURN(const auto users, acm_.users.ByCertificate(place.account, place.region));
  const std::int64_t days = wanted.value_or(kDaysBeforeExpiry);
  return acm_.store.Scan(place.account, place.region, std::nullopt, false,
                         [&](const StoredCertificate& stored) -> Expected<bool> {
                           if (stored.revoked_at) return true;
                           const auto certificate = crypto::Certificate::FromPem(stored.certificate_pem);
                           if (!certificate) {  // the others are told of all the same
                             telemetry::Log(telemetry::Level::kError, "certificate_not_readable",
                                            {{"certificate", stored.arn}, {"cause", certificate.error().message}});
                             return true;
                           }
                           const crypto::CertificateInfo& info = certificate->info();
                           const bool is_used = users.contains(stored.arn);
                           if (is_used) sight.first_end = std::min(sight.first_end, info.not_after.micros);
                           if (DaysUntil(info.not_after, sight.now) <= days) {
                             sight.endings.push_back({.stored = stored, .info = info, .is_used = is_used});
                           }
                           return !repeater_.is_stopping();
                         });
}

ExpiryWatch::Told ExpiryWatch::ToldOf(const crypto::CertificateInfo& info, Instant now) {
  return {.not_after = info.not_after.micros,
          .told = info.not_after < now ? kToldOver : now.micros / Duration(kDay).count()};
}

Expected<bool> ExpiryWatch::Send(const StoredCertificate& stored, const crypto::CertificateInfo& info, bool is_used,
                                 Instant now) {
  const Told told = ToldOf(info, now);
  const bool is_over = told.told == kToldOver;
  bool is_new = false;
  RETURN_IF_ERROR(acm_.store.database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    ASSIGN_OR_RETURN(is_new, acm_.store.NoteExpiryEvent(transaction, stored.arn, info.not_after, told.told));
    if (!is_new) return {};
    return events_.Announce(
        transaction, {.id = MakeOrderedUuid(acm_.random, now),
                      .detail_type = is_over ? "ACM Certificate Expired" : "ACM Certificate Approaching Expiration",
                      .source = "aws.acm",
                      .account = stored.account,
                      .region = stored.region,
                      .time = now,
                      .resources = {stored.arn},
                      .detail_json = is_over ? ExpiredDetail(stored, info, is_used) : ApproachingDetail(info, now)});
  }));
  told_[stored.arn] = told;
  if (is_new) {
    telemetry::Log(telemetry::Level::kWarning, is_over ? "certificate_expired" : "certificate_expires",
                   {{"certificate", stored.arn},
                    {"name", info.common_name},
                    {"at", FormatIso8601(info.not_after)},
                    {"in_use", is_used}});
  }
  return is_new;
}

Expected<std::int64_t> ExpiryWatch::Look() {
  Sight sight{.now = acm_.store.database().Now(), .endings = {}};
  ASSIGN_OR_RETURN(const std::vector<Store::Place> places, acm_.store.Places());
  for (const Store::Place& place : places) RETURN_IF_ERROR(LookAt(place, sight));
  if (repeater_.is_stopping()) return 0;
  first_end_ = sight.first_end;
  std::erase_if(sight.endings, [&](const Sight::Ending& ending) {
    const auto told = told_.find(ending.stored.arn);
    return told != told_.end() && told->second == ToldOf(ending.info, sight.now);
  });
  if (sight.endings.empty()) return 0;
  ASSIGN_OR_RETURN(const bool is_ours, lease_.Take(kLease));
  if (!is_ours) return 0;
  std::int64_t sent = 0;
  Expected<void> all_sent;
  for (const Sight::Ending& ending : sight.endings) {
    if (repeater_.is_stopping()) break;
    const auto is_new = Send(ending.stored, ending.info, ending.is_used, sight.now);
    if (!is_new) all_sent = std::unexpected(is_new.error());  // the others are told of all the same
    if (is_new && *is_new) ++sent;
  }
  // A lease that cannot be given back ends by itself.
  static_cast<void>(lease_.Release());
  RETURN_IF_ERROR(all_sent);
  return sent;
}

double ExpiryWatch::DaysLeft() const {
  const std::int64_t end = first_end_;
  if (end == kNoEnd) return std::numeric_limits<double>::quiet_NaN();
  const Duration left = Instant{end} - acm_.store.database().Now();
  return static_cast<double>(left.count()) / static_cast<double>(kDay.count());
}

void ExpiryWatch::Start() {
  repeater_.Start("expiry", options_.interval, [this] {
    const auto sent = Look();
    if (options_.on_looked) options_.on_looked();
    if (sent) return;
    telemetry::Log(telemetry::Level::kWarning, "certificates_not_looked_at", {{"cause", sent.error().message}});
  });
}

}  // namespace firmsign::acm
