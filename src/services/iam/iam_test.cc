// SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "platform/db/testing/databases.h"
#include "services/iam/credentials.h"
#include "services/iam/schema.h"
#include "services/iam/store.h"

namespace firmsign::iam {
namespace {

using ::testing::ElementsAre;
using ::testing::MatchesRegex;

constexpr SecretAccess kTest("test");

class IamTest : public ::testing::Test {
 protected:
  void SetUp() override {
    database = db::testing::AnyDatabase::Open(clock);
    ASSERT_TRUE(db::Migrate(*database, Migrations()).has_value());
    store.emplace(*database, *keyring, random);
    generation.emplace(*database, GenerationOptions());
    policies.emplace(*database, *generation);
    tokens.emplace(*keyring, random);
    usage.emplace(*store);
    credentials.emplace(*store, *tokens, *policies, *generation, *usage);
  }

  Expected<Account> MakeAccount(std::string_view name, const std::optional<AccountId>& id = std::nullopt) {
    Expected<Account> account = Fail(Code::kInternal, "not run");
    const auto committed = database->InTransaction([&](db::Transaction& transaction) -> Expected<void> {
      account = store->CreateAccount(transaction, name, clock.Now(), id);
      RETURN_IF_ERROR(account);
      return {};
    });
    return committed ? account : std::unexpected(committed.error());
  }

  Expected<StoredAccessKey> MakeKey(const AccountId& account) {
    StoredAccessKey key = MakeAccessKey(random, account, clock.Now());
    RETURN_IF_ERROR(
        database->InTransaction([&](db::Transaction& transaction) { return store->AddAccessKey(transaction, key); }));
    return key;
  }

  Expected<void> SetActive(const AccessKeyId& key, bool is_active) {
    return database->InTransaction(
        [&](db::Transaction& transaction) { return Store::SetAccessKeyActive(transaction, key, is_active); });
  }

  Expected<void> Delete(const AccessKeyId& key) {
    return database->InTransaction(
        [&](db::Transaction& transaction) { return Store::DeleteAccessKey(transaction, key); });
  }

  Expected<void> Run(std::string_view sql) {
    return database->InTransaction([&](db::Transaction& transaction) { return transaction.ExecuteOnce(sql); });
  }

  FakeClock clock{InstantFromSeconds(1'700'000'000)};
  FakeRandom random;
  std::unique_ptr<keys::Keyring> keyring = keys::Keyring::Make(keys::MakeMasterKey(random), random);
  std::unique_ptr<db::Database> database;
  std::optional<Store> store;
  std::optional<Generation> generation;
  std::optional<PolicyBook> policies;
  std::optional<SessionTokens> tokens;
  std::optional<KeyUsage> usage;
  std::optional<Credentials> credentials;
};

TEST(Identifiers, LookLikeThoseOfAws) {
  FakeRandom random;
  std::set<std::string> seen;
  for (int i = 0; i < 500; ++i) {
    EXPECT_THAT(MakeAccessKeyId(random).str(), MatchesRegex("AKIA[A-Z2-7]{16}"));
    EXPECT_THAT(std::string(MakeSecretAccessKey(random).Reveal(kTest)), MatchesRegex("[A-Za-z0-9+/]{40}"));
    const AccountId account = MakeAccountId(random);
    EXPECT_THAT(account.str(), MatchesRegex("[1-9][0-9]{11}"));
    EXPECT_TRUE(seen.insert(account.str()).second);
  }
}

TEST_F(IamTest, ListsAccountsInTheOrderInWhichTheyWereMade) {
  EXPECT_EQ(store->FirstAccount().error().code, Code::kNotFound);
  const Account first = MakeAccount("first").value();
  clock.Advance(std::chrono::seconds(1));
  const Account second = MakeAccount("second", AccountId("000000000001")).value();
  std::vector<std::string> names;
  const std::vector<Account> listed = store->ListAccounts({}, 100).value();
  for (const Account& account : listed) names.push_back(account.name);
  EXPECT_THAT(names, ElementsAre("first", "second"));
  EXPECT_EQ(store->FirstAccount()->id, first.id);
  EXPECT_EQ(listed[1].id, second.id);
  EXPECT_EQ(listed[1].created_at, clock.Now());
}

TEST_F(IamTest, RefusesAnAccountIdThatIsTakenOrNone) {
  ASSERT_TRUE(MakeAccount("a", AccountId("111122223333")).has_value());
  EXPECT_EQ(MakeAccount("b", AccountId("111122223333")).error().code, Code::kConflict);
  EXPECT_EQ(MakeAccount("b", AccountId("11112222333")).error().code, Code::kInvalid);
  EXPECT_EQ(store->ListAccounts({}, 100)->size(), 1U);
}

TEST_F(IamTest, FindsTheKeyThatItMade) {
  const Account account = MakeAccount("a").value();
  const StoredAccessKey made = MakeKey(account.id).value();
  const StoredAccessKey found = store->FindAccessKey(made.id).value();
  EXPECT_EQ(found.secret.Reveal(kTest), made.secret.Reveal(kTest));
  EXPECT_EQ(found.account, account.id);
  EXPECT_TRUE(found.is_active);
  EXPECT_EQ(found.created_at, clock.Now());
  EXPECT_EQ(store->FindAccessKey(AccessKeyId("AKIAAAAAAAAAAAAAAAAA")).error().code, Code::kNotFound);
}

TEST_F(IamTest, KeepsNoSecretInTheClear) {
  const StoredAccessKey made = MakeKey(MakeAccount("a")->id).value();
  std::string stored;
  ASSERT_TRUE(database
                  ->Read([&](db::Reader& reader) {
                    return reader.Query("SELECT sealed_secret FROM iam_access_keys",
                                        [&](const db::Row& row) { stored += row.Text(0); });
                  })
                  .has_value());
  EXPECT_GT(stored.size(), made.secret.size());
  EXPECT_EQ(stored.find(made.secret.Reveal(kTest)), std::string::npos);
}

TEST_F(IamTest, DoesNotOpenASecretThatWasMovedToAnotherAccount) {
  const StoredAccessKey made = MakeKey(MakeAccount("a")->id).value();
  ASSERT_TRUE(MakeAccount("b", AccountId("999999999999")).has_value());
  ASSERT_TRUE(Run("UPDATE iam_access_keys SET account_id = '999999999999'").has_value());
  EXPECT_EQ(store->FindAccessKey(made.id).error().code, Code::kCorrupt);
  EXPECT_EQ(credentials->Find(made.id, "").error().code, Code::kCorrupt);
}

TEST_F(IamTest, GivesARootTwoKeysAndNoMore) {
  const Account account = MakeAccount("a").value();
  const StoredAccessKey first = MakeKey(account.id).value();
  ASSERT_TRUE(MakeKey(account.id).has_value());
  EXPECT_EQ(MakeKey(account.id).error().code, Code::kExhausted);
  ASSERT_TRUE(Delete(first.id).has_value());
  EXPECT_TRUE(MakeKey(account.id).has_value());
  EXPECT_EQ(MakeKey(AccountId("999999999999")).error().code, Code::kNotFound);
}

TEST_F(IamTest, SaysWhenAKeyToChangeIsNotThere) {
  EXPECT_EQ(SetActive(AccessKeyId("AKIA"), false).error().code, Code::kNotFound);
  EXPECT_EQ(Delete(AccessKeyId("AKIA")).error().code, Code::kNotFound);
}

TEST_F(IamTest, CredentialsTellSecretAndPrincipal) {
  const Account account = MakeAccount("a").value();
  const StoredAccessKey made = MakeKey(account.id).value();
  const ports::Credential credential = credentials->Find(made.id, "").value();
  EXPECT_EQ(credential.secret.Reveal(kTest), made.secret.Reveal(kTest));
  EXPECT_EQ(credential.principal.type, policy::PrincipalType::kRoot);
  EXPECT_EQ(credential.principal.account, account.id);
  EXPECT_EQ(credential.principal.arn, "arn:aws:iam::" + account.id.str() + ":root");
  EXPECT_EQ(credential.principal.access_key, made.id);
  EXPECT_FALSE(credential.expires.has_value());
}

TEST_F(IamTest, CredentialsAnswerFromMemoryUntilAChangeIsAnnounced) {
  const StoredAccessKey made = MakeKey(MakeAccount("a")->id).value();
  ASSERT_TRUE(credentials->Find(made.id, "").has_value());
  ASSERT_TRUE(SetActive(made.id, false).has_value());
  EXPECT_TRUE(credentials->Find(made.id, "").has_value());
  generation->Announce();
  EXPECT_EQ(credentials->Find(made.id, "").error().code, Code::kNotFound);
  // That it is unknown is remembered just as long.
  ASSERT_TRUE(SetActive(made.id, true).has_value());
  EXPECT_EQ(credentials->Find(made.id, "").error().code, Code::kNotFound);
  generation->Announce();
  EXPECT_TRUE(credentials->Find(made.id, "").has_value());
}

TEST_F(IamTest, RemembersForWhatAKeyWasUsedLast) {
  const StoredAccessKey made = MakeKey(MakeAccount("a")->id).value();
  EXPECT_FALSE(store->FindAccessKey(made.id)->last_use.has_value());
  const Instant first = clock.Now();
  credentials->NoteUse(made.id, Region("eu-west-1"), "signer", first);
  credentials->NoteUse(made.id, Region("us-east-1"), "s3", first + std::chrono::minutes(14));
  ASSERT_TRUE(usage->Write());
  const auto use = store->FindAccessKey(made.id)->last_use;
  ASSERT_TRUE(use.has_value());
  EXPECT_EQ(use->at, first) << "by the quarter of an hour";
  EXPECT_EQ(use->region, "eu-west-1");
  EXPECT_EQ(use->service, "signer");
  credentials->NoteUse(made.id, Region("us-east-1"), "s3", first + std::chrono::minutes(15));
  ASSERT_TRUE(usage->Write());
  EXPECT_EQ(store->FindAccessKey(made.id)->last_use->service, "s3");
}

TEST_F(IamTest, AsksTheDatabaseForNothingThatCannotBeAKey) {
  ASSERT_TRUE(Run("DROP TABLE iam_access_keys"));
  for (const std::string_view key :
       {std::string_view("AKIA\0A", 6), std::string_view("AKIA\xff"), std::string_view("-")}) {
    EXPECT_EQ(store->FindAccessKey(AccessKeyId(key)).error().code, Code::kNotFound);
  }
}

}  // namespace
}  // namespace firmsign::iam
