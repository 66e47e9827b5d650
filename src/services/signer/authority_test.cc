// SPDX-License-Identifier: Apache-2.0

#include "services/signer/authority.h"

#include <gmock/gmock.h>

#include "services/signer/testing/world.h"

namespace firmsign::signer {
namespace {

using std::chrono::hours;

class AuthorityTest : public SignerTest {
 protected:
  static std::string Pem(const Expected<std::shared_ptr<const signing::ServiceIdentity>>& identity) {
    return identity ? (*identity)->chain.front().ToPem() : identity.error().message;
  }
  std::string RootPem() { return authority.Show()->root.ToPem(); }
  bool IsRevoked(const std::string& certificate) {
    const std::vector<crypto::Certificate> chain{*crypto::Certificate::FromPem(certificate), authority.Show()->root};
    return *authority.IsRevoked(signing::RevocationHashes(chain).front());
  }
};

TEST_F(AuthorityTest, HasOneRootHoweverOftenItIsMade) {
  const crypto::Certificate root = authority.Show()->root;
  ASSERT_TRUE(authority.MakeRoot());
  EXPECT_EQ(RootPem(), root.ToPem());
  EXPECT_TRUE(root.info().is_self_signed);
  EXPECT_GT(root.info().not_after, AddMonths(clock.Now(), 29 * 12));
}

TEST_F(AuthorityTest, SignsWithAKeyThatItsRootVouchesFor) {
  const auto identity = authority.Current();
  ASSERT_TRUE(identity.has_value()) << identity.error().message;
  EXPECT_TRUE(signing::CheckIdentity(**identity, clock.Now()));
  ASSERT_EQ((*identity)->chain.size(), 2U);
  EXPECT_TRUE((*identity)->chain[0].IsSignedBy((*identity)->chain[1]));
  EXPECT_EQ((*identity)->chain[1].ToPem(), RootPem());
}

TEST_F(AuthorityTest, SignsWithTheNextKeyWhenTheLastIsOld) {
  const std::string first = Pem(authority.Current());
  clock.Advance(hours(24 * 90) - hours(1));
  EXPECT_EQ(Pem(authority.Current()), first);
  clock.Set(*authority.Show()->rotates_at);
  const auto second = authority.Current();
  EXPECT_NE(Pem(second), first);
  // The last signature of a key holds for 135 months at most, and its certificate for longer.
  EXPECT_GT((*second)->chain[0].info().not_after, AddMonths(clock.Now() + hours(24 * 90), 135));
}

TEST_F(AuthorityTest, SignsOnWhenTheClockIsSetBack) {
  const Instant now = clock.Now();
  const std::string first = Pem(authority.Current());
  clock.Advance(hours(24 * 100));
  const std::string early = Pem(authority.Current());
  EXPECT_NE(early, first);
  clock.Set(now + hours(1));
  const auto again = authority.Current();
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_TRUE(signing::CheckIdentity(**again, clock.Now())) << "a certificate that is not valid yet signs nothing";
  EXPECT_NE(Pem(again), early);
  clock.Set(now - hours(1));
  const auto before = authority.Current();
  ASSERT_FALSE(before.has_value()) << "before the root there is nothing to sign with";
  EXPECT_EQ(before.error().code, Code::kUnavailable);
}

TEST_F(AuthorityTest, IsTheSameForEveryNode) {
  const std::string first = Pem(authority.Current());
  AuthorityStore their_store(*database);
  Authority theirs(their_store, *keyring, audit_trail, random);
  ASSERT_TRUE(theirs.MakeRoot());
  EXPECT_EQ(Pem(theirs.Current()), first);
  ASSERT_TRUE(theirs.Rotate(ports::OldKeys::kLastRevoked, kNothing));
  const std::string second = Pem(theirs.Current());
  EXPECT_NE(second, first);
  clock.Advance(Authority::kLookAgain);
  EXPECT_EQ(Pem(authority.Current()), second) << "others hear of it within seconds";
}

TEST_F(AuthorityTest, RevokesTheKeyThatSignedAlsoWhenItIsOld) {
  const std::string first = Pem(authority.Current());
  clock.Advance(hours(24 * 100));
  const auto rotated = authority.Rotate(ports::OldKeys::kLastRevoked, kNothing);
  ASSERT_TRUE(rotated.has_value());
  EXPECT_TRUE(IsRevoked(first));
  EXPECT_FALSE(IsRevoked(*rotated));
  EXPECT_EQ(Pem(authority.Current()), *rotated);
}

TEST_F(AuthorityTest, RevokesEveryKeyThatEverSigned) {
  const std::string first = Pem(authority.Current());
  const auto second = authority.Rotate(ports::OldKeys::kStay, kNothing);
  ASSERT_TRUE(second.has_value());
  EXPECT_FALSE(IsRevoked(first)) << "it was only followed by another";
  EXPECT_EQ(Pem(authority.Current()), *second);
  const auto third = authority.Rotate(ports::OldKeys::kAllRevoked, kNothing);
  ASSERT_TRUE(third.has_value());
  EXPECT_TRUE(IsRevoked(first));
  EXPECT_TRUE(IsRevoked(*second));
  EXPECT_FALSE(IsRevoked(*third));
}

TEST_F(AuthorityTest, DoesNotRotateWhenWhatGoesWithItFails) {
  const std::string first = Pem(authority.Current());
  const auto rotated = authority.Rotate(ports::OldKeys::kAllRevoked, [](db::Transaction&, const std::string&) {
    return Expected<void>(Fail(Code::kExhausted, "no room for the record"));
  });
  ASSERT_FALSE(rotated.has_value());
  clock.Advance(Authority::kLookAgain);
  EXPECT_EQ(Pem(authority.Current()), first);
  EXPECT_FALSE(IsRevoked(first));
}

TEST_F(AuthorityTest, DoesNotSignWithAKeyThatWasSealedElsewhere) {
  ASSERT_TRUE(authority.Current().has_value());
  const auto other = keys::Keyring::Make(keys::MakeMasterKey(random), random);
  Authority stranger(authority_store, *other, audit_trail, random);
  const auto identity = stranger.Current();
  ASSERT_FALSE(identity.has_value());
  EXPECT_EQ(identity.error().code, Code::kCorrupt);
}

TEST_F(AuthorityTest, ShowsItsCertificatesAndIssuesNone) {
  const auto show = [&] { return Call<ops::GetCodeSigningAuthority, &GetCodeSigningAuthority>({}); };
  auto shown = show();
  ASSERT_EQ(NameOfError(shown), "no error");
  EXPECT_EQ(shown->root_certificate, RootPem());
  EXPECT_EQ(shown->signing_certificate, std::nullopt);
  const std::string first = Pem(authority.Current());
  shown = show();
  EXPECT_EQ(shown->signing_certificate, first);
  EXPECT_EQ(shown->rotates_at, clock.Now() + hours(24 * 90));
}

TEST_F(AuthorityTest, TellsTheAuditTrailOfEachKeyOnce) {
  Authority telling(authority_store, *keyring, audit_trail, random, {.account = kAccount, .region = kHome});
  ASSERT_TRUE(telling.MakeRoot());
  ASSERT_TRUE(telling.Current());
  ASSERT_TRUE(telling.Current());
  const auto records = ports::FakeAuditTrail::AllWritten(*database);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].event_name, "CodeSigningKeyIssue");
  EXPECT_EQ(records[0].account, kAccount.str());
}

}  // namespace
}  // namespace firmsign::signer
