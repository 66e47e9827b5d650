// SPDX-License-Identifier: Apache-2.0

#include "services/acm/expiry_watch.h"

#include <gmock/gmock.h>

#include <array>
#include <cmath>
#include <latch>

#include "ports/testing/event_bus.h"
#include "services/acm/testing/acm_fixture.h"

namespace firmsign::acm {
namespace {

using ::testing::SizeIs;

constexpr Duration kDay = std::chrono::hours(24);

class ExpiryWatchTest : public AcmTest {
 protected:
  ExpiryWatchTest() {
    constexpr std::array kFakes{ports::kFakeEventsMigration};
    CHECK(db::Migrate(*database, kFakes).has_value());
    CHECK(db::Migrate(*database, db::LeaseMigrations()).has_value());
  }

  std::int64_t Look() {
    const auto sent = watch.Look();
    CHECK(sent.has_value());
    return *sent;
  }
  std::vector<ports::FakeEventBus::Row> Sent() { return ports::FakeEventBus::AllAnnounced(*database); }

  const Instant end = crypto::Certificate::FromPem(Pem("p256.crt"))->info().not_after;
  ports::FakeEventBus events;
  ExpiryWatch watch{service, events, {}};
};

TEST_F(ExpiryWatchTest, SendsOneEventADayFromTheFortyFifthBeforeTheEnd) {
  const std::string arn = MustImport("p256");
  clock.Set(end - 45 * kDay - Duration(1));
  EXPECT_EQ(Look(), 0);
  clock.Set(end - 45 * kDay);
  EXPECT_EQ(Look(), 1);
  EXPECT_EQ(Look(), 0) << "once a day";
  clock.Advance(kDay);
  EXPECT_EQ(Look(), 1);
  const auto sent = Sent();
  ASSERT_THAT(sent, SizeIs(2));
  EXPECT_EQ(sent[0].type, "ACM Certificate Approaching Expiration");
  EXPECT_EQ(sent[0].account, "111122223333");
  EXPECT_EQ(sent[0].resource, arn);
  EXPECT_EQ(sent[0].detail, R"({"DaysToExpiry":45,"CommonName":"Device Signer"})");
  EXPECT_EQ(sent[1].detail, R"({"DaysToExpiry":44,"CommonName":"Device Signer"})");
}

TEST_F(ExpiryWatchTest, SaysOnceThatACertificateHasExpired) {
  const std::string arn = MustImport("p256");
  clock.Set(end);
  EXPECT_EQ(Look(), 1);
  clock.Advance(Duration(1));
  EXPECT_EQ(Look(), 1);
  clock.Advance(2 * kDay);
  EXPECT_EQ(Look(), 0);
  const auto sent = Sent();
  ASSERT_THAT(sent, SizeIs(2));
  EXPECT_EQ(sent[0].detail, R"({"DaysToExpiry":0,"CommonName":"Device Signer"})");
  EXPECT_EQ(sent[1].type, "ACM Certificate Expired");
  const auto detail = json::Parse(sent[1].detail);
  ASSERT_TRUE(detail);
  EXPECT_EQ(*detail->Find("CertificateType")->AsString(), "IMPORTED");
  EXPECT_EQ(*detail->Find("CertificateExpirationDate")->AsString(), FormatIso8601(end));
}

TEST_F(ExpiryWatchTest, HeedsTheDaysOfTheAccountAndForgetsWhatIsDeleted) {
  const std::string arn = MustImport("p256");
  PutAccountConfigurationRequest request{.expiry_events = ExpiryEventsConfiguration{.days_before_expiry = 10},
                                         .idempotency_token = "token"};
  ASSERT_TRUE((Call<ops::PutAccountConfiguration, &PutAccountConfiguration>(request)));
  clock.Set(end - 11 * kDay);
  EXPECT_EQ(Look(), 0);
  clock.Set(end - 10 * kDay);
  EXPECT_EQ(Look(), 1);
  const auto count = [&] {
    std::int64_t rows = 0;
    CHECK(database
              ->Read([&](db::Reader& reader) {
                return reader.Query("SELECT COUNT(*) FROM acm_expiry_events",
                                    [&](const db::Row& row) { rows = row.Int(0); });
              })
              .has_value());
    return rows;
  };
  EXPECT_EQ(count(), 1);
  ASSERT_TRUE((Call<ops::DeleteCertificate, &DeleteCertificate>({.certificate_arn = arn})));
  EXPECT_EQ(count(), 0);
  clock.Advance(kDay);
  EXPECT_EQ(Look(), 0);
}

TEST_F(ExpiryWatchTest, SendsNothingWhenTheEventIsNotKept) {
  MustImport("p256");
  clock.Set(end - kDay);
  events.announce_error = Error{Code::kUnavailable, "away"};
  EXPECT_EQ(watch.Look().error().code, Code::kUnavailable);
  events.announce_error.reset();
  EXPECT_EQ(Look(), 1) << "nothing was noted";
}

TEST_F(ExpiryWatchTest, LeavesTheEventsToTheNodeThatHasTheLease) {
  MustImport("p256");
  clock.Set(end - kDay);
  db::Lease other(*database, "acm/expiry", "other");
  ASSERT_TRUE(*other.Take(std::chrono::hours(1)));
  EXPECT_EQ(Look(), 0);
  ASSERT_TRUE(other.Release());
  EXPECT_EQ(Look(), 1);
}

TEST_F(ExpiryWatchTest, CountsTheDaysOfTheFirstCertificateInUse) {
  const std::string used = MustImport("p256");
  MustImport("rsa2048");
  EXPECT_TRUE(std::isnan(watch.DaysLeft()));
  Look();
  EXPECT_TRUE(std::isnan(watch.DaysLeft())) << "no profile has a certificate";
  users.users[used] = {"a profile"};
  clock.Set(end - 36 * kDay);
  Look();
  EXPECT_DOUBLE_EQ(watch.DaysLeft(), 36);
  clock.Set(end + kDay / 2);
  EXPECT_DOUBLE_EQ(watch.DaysLeft(), -0.5);
}

TEST_F(ExpiryWatchTest, LooksByItself) {
  MustImport("p256");
  clock.Set(end - kDay);
  std::latch looked(1);
  ExpiryWatch by_itself(service, events, {.on_looked = [&] { looked.count_down(); }});
  by_itself.Start();
  looked.wait();
  by_itself.Stop();
  EXPECT_THAT(Sent(), SizeIs(1));
}

}  // namespace
}  // namespace firmsign::acm
