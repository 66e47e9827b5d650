// SPDX-License-Identifier: Apache-2.0

#include "services/acm/store.h"

#include "services/acm/testing/acm_fixture.h"

namespace firmsign::acm {

std::string DumpTables(db::Database& database) {
  std::string text;
  const auto append = [&](int columns) {
    return [&text, columns](const db::Row& row) {
      for (int column = 0; column < columns; ++column) text += row.String(column) + "\n";
    };
  };
  CHECK(database
            .Read([&](db::Reader& reader) -> Expected<void> {
              RETURN_IF_ERROR(reader.Query(
                  "SELECT arn, account, region, certificate, chain, sealed_key FROM acm_certificates", append(6)));
              return reader.Query("SELECT arn, tag_key, tag_value FROM acm_tags", append(3));
            })
            .has_value());
  return text;
}

namespace {

using StoreTest = AcmTest;

TEST_F(StoreTest, LetsOnlyOneOfTwoReimportsAtOnceSucceed) {
  const CertificateName name{
      .account = AccountId("111122223333"), .region = Region("us-east-1"), .arn = MustImport("p256")};
  const auto read_by_both = store.Get(name);
  ASSERT_TRUE(read_by_both);
  const auto replace = [&] {
    return database->InTransaction(
        [&](db::Transaction& transaction) { return store.Replace(transaction, *read_by_both); });
  };
  EXPECT_TRUE(replace());
  EXPECT_EQ(replace().error().code, Code::kConflict);
  EXPECT_EQ(store.Get(name)->version, 2);
}

TEST_F(StoreTest, KeepsKeysAsBytes) {
  const CertificateName name{
      .account = AccountId("111122223333"), .region = Region("us-east-1"), .arn = MustImport("rsa2048")};
  auto row = store.Get(name);
  ASSERT_TRUE(row);
  row->sealed_key = std::string("a\0b\xff", 4);
  ASSERT_TRUE(database->InTransaction([&](db::Transaction& transaction) { return store.Replace(transaction, *row); }));
  EXPECT_EQ(store.Get(name)->sealed_key, row->sealed_key);
}

}  // namespace
}  // namespace firmsign::acm
