// SPDX-License-Identifier: Apache-2.0

#include "apps/server/transfer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/server/deployment.h"
#include "apps/server/fact_store.h"
#include "base/check.h"
#include "platform/crypto/seal.h"
#include "platform/db/sqlite.h"
#include "platform/db/tables.h"
#include "platform/db/testing/databases.h"
#include "services/s3/blobs.h"

namespace firmsign::server {
namespace {

using db::testing::PostgresSchema;
using ::testing::AllOf;
using ::testing::HasSubstr;

class Progress final : public TransferProgress {
 public:
  void OnTable(std::string_view table, std::int64_t rows) override {
    tables[std::string(table)] = rows;
    if (on_table) on_table(table);
  }
  void OnBytes(std::uint64_t done, std::uint64_t total) override {
    bytes = done;
    EXPECT_LE(done, total);
    if (on_bytes) on_bytes();
  }

  std::map<std::string, std::int64_t> tables;
  std::uint64_t bytes = 0;
  std::function<void(std::string_view)> on_table;
  std::function<void()> on_bytes;
};

// What a deployment holds, wherever it lies: the values of each record by table, the bytes of each stored object.
using Contents = std::map<std::string, std::vector<std::string>>;

class TransferTest : public ::testing::Test {
 protected:
  std::string PathOf(const std::string& name) const { return scratch.path() + "/" + name; }

  std::unique_ptr<Deployment> Open(const std::string& name, const std::string& url = "") const {
    Options options;
    options.data = PathOf(name);
    options.database.url = url;
    auto opened = Deployment::Open(options, clock);
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? *std::move(opened) : nullptr;
  }
  // Served by the same master key.
  std::unique_ptr<Deployment> OpenCopy(const std::string& name, const std::string& url = "") const {
    std::filesystem::create_directories(PathOf(name));
    std::filesystem::copy_file(PathOf("source") + "/master.key", PathOf(name) + "/master.key",
                               std::filesystem::copy_options::overwrite_existing);
    return Open(name, url);
  }
  static std::unique_ptr<s3::Blobs> BlobsIn(const std::string& folder) {
    return *s3::Blobs::Open({.folder = folder, .inline_bytes_max = 1000}, crypto::SystemRandom());
  }

  static void Run(db::Database& database, std::string_view sql) {
    const auto ran = database.InTransaction([&](db::Transaction& transaction) { return transaction.ExecuteOnce(sql); });
    ASSERT_TRUE(ran) << ran.error().message;
  }
  static void AddBucket(db::Database& database) {
    Run(database,
        "INSERT INTO s3_buckets (name, owner, region, versioning, created_at) VALUES ('images', 'o', 'r', '', 7)");
  }
  // Stores an object as a server does; the id of its bytes.
  std::string AddObject(db::Database& database, const s3::Blobs& blobs, const std::string& key,
                        std::string_view bytes) const {
    const auto writer = blobs.Stage(bytes.size(), s3::Placement::kBySize, clock.Now());
    CHECK(writer->Append(bytes));
    s3::StagedBlob staged = *writer->Finish();
    const auto size = static_cast<std::int64_t>(bytes.size());
    const auto added = database.InTransaction([&](db::Transaction& transaction) -> Expected<void> {
      RETURN_IF_ERROR(transaction.Execute(
          "INSERT INTO s3_blobs (blob_id, size, in_file, data) VALUES ($1, $2, $3, CASE WHEN $3 = 1 THEN NULL ELSE $4 "
          "END)",
          staged.id(), size, staged.in_file(), db::Blob{staged.data()}));
      RETURN_IF_ERROR(transaction.Execute(
          "INSERT INTO s3_versions (bucket, key, sequence, version_id, is_delete_marker, created_at, size, etag, "
          "checksum_algorithm, checksum_type, checksum, headers, blob_id) VALUES ('images', $1, 1, 'v', 0, 7, $2, '', "
          "'', '', '', $3, $4)",
          db::Blob{key}, size, db::Blob{"\0\xff"}, staged.id()));
      return {};
    });
    EXPECT_TRUE(added) << added.error().message;
    staged.Keep();
    return staged.id();
  }
  static void DeleteObject(db::Database& database, const s3::Blobs& blobs, const std::string& id) {
    ASSERT_TRUE(database.InTransaction([&](db::Transaction& transaction) -> Expected<void> {
      RETURN_IF_ERROR(transaction.Execute("DELETE FROM s3_versions WHERE blob_id = $1", id));
      RETURN_IF_ERROR(transaction.Execute("DELETE FROM s3_blobs WHERE blob_id = $1", id));
      return {};
    }));
    blobs.Remove({id});
  }
  static void AddJob(db::Database& database, const std::string& id, const std::string& status) {
    ASSERT_TRUE(database.InTransaction([&](db::Transaction& transaction) -> Expected<void> {
      RETURN_IF_ERROR(transaction.Execute(
          "INSERT INTO signer_jobs (id, owner, invoker, region, requested_by, token, fingerprint, profile_name, "
          "profile_version, platform_id, certificate_arn, encryption_algorithm, hash_algorithm, image_format, "
          "parameters, source_bucket, source_key, source_version, source_owner, destination_bucket, destination_key, "
          "destination_owner, status, status_reason, created_at, completed_at, lease_owner, lease_until, fence) VALUES "
          "($1, 'o', 'i', 'r', '', $1, $2, '', '', '', '', '', '', '', '', '', $2, '', '', '', $2, '', $3, '', 7, "
          "NULL, CASE WHEN $3 = 'InProgress' THEN 'node' ELSE '' END, CASE WHEN $3 = 'InProgress' THEN 999 ELSE 0 END, "
          "3)",
          id, db::Blob{"f"}, status));
      return {};
    }));
  }

  // A deployment in the folder "source", with an object in a row, one in a file, and a job.
  void MakeSource() const {
    const auto deployment = Open("source");
    AddBucket(deployment->database());
    const auto blobs = BlobsIn(PathOf("source") + "/objects");
    AddObject(deployment->database(), *blobs, "small", "in a row");
    AddObject(deployment->database(), *blobs, std::string("large \0 \xff", 9), std::string(300'000, 'L'));
    AddObject(deployment->database(), *blobs, "empty", "");
    AddJob(deployment->database(), "ended", "Succeeded");
  }

  static Contents ContentsOf(db::Database& database, db::Driver driver, const s3::Blobs* blobs) {
    Contents contents;
    const auto read = database.Read([&](db::Reader& reader) -> Expected<void> {
      contents.clear();
      ASSIGN_OR_RETURN(const std::vector<db::Table> tables, db::ListTables(reader, driver));
      for (const db::Table& table : tables) {
        if (table.name == "schema_migrations") continue;
        RETURN_IF_ERROR(ReadTable(reader, table, blobs, contents[table.name]));
      }
      return {};
    });
    EXPECT_TRUE(read) << read.error().message;
    return contents;
  }
  static Expected<void> ReadTable(db::Reader& reader, const db::Table& table, const s3::Blobs* blobs,
                                  std::vector<std::string>& records) {
    std::string columns;
    for (const db::Column& column : table.columns) columns += (columns.empty() ? "" : ", ") + column.name;
    const std::string sql = "SELECT " + columns + " FROM " + table.name;
    RETURN_IF_ERROR(reader.Query(sql, [&](const db::Row& row) {
      std::string record;
      for (std::size_t i = 0; i < table.columns.size(); ++i) {
        const int column = static_cast<int>(i);
        const bool is_int = table.columns[i].type == db::ColumnType::kInt;
        // Where the bytes lie is not what they are.
        if (table.name == "s3_blobs" && table.columns[i].name == "in_file") continue;
        record += row.IsNull(column) ? "(null)" : is_int ? std::to_string(row.Int(column)) : row.String(column);
        record += '|';
      }
      if (table.name == "s3_blobs" && row.Int(2) == 1) record = ReadBlob(*blobs, row.String(0), row.Int(1));
      const bool is_places_own = table.name == "deployment_facts" && row.Text(0) == kObjectsFolderFact;
      if (!is_places_own) records.push_back(std::move(record));
    }));
    std::ranges::sort(records);
    return {};
  }
  static std::string ReadBlob(const s3::Blobs& blobs, const std::string& id, std::int64_t size) {
    const auto file = blobs.OpenFile(id, static_cast<std::uint64_t>(size));
    if (!file) return file.error().message;
    std::string data(static_cast<std::size_t>(size), '\0');
    EXPECT_EQ((*file)->ReadAt(0, data).value(), data.size());
    return id + "|" + std::to_string(size) + "|" + data + "|";
  }
  Contents ContentsOfFolder(const std::string& name) const {
    const auto database = *db::OpenSqlite({.path = PathOf(name) + "/firmsign.db"}, clock);
    const auto blobs = BlobsIn(PathOf(name) + "/objects");
    return ContentsOf(*database, db::Driver::kSqlite, blobs.get());
  }
  Contents ContentsOfPostgres(const s3::Blobs* blobs = nullptr) const {
    return ContentsOf(**schema->Open(clock), db::Driver::kPostgres, blobs);
  }

  Expected<TransferSummary> Copy(TransferKind kind, const std::string& from, const std::string& to) {
    return Transfer({.kind = kind, .from = from, .to = to}, progress);
  }

  static std::string TextOf(db::Database& database, std::string_view sql) {
    std::string text;
    EXPECT_TRUE(database.Read(
        [&](db::Reader& reader) { return reader.Query(sql, [&](const db::Row& row) { text = row.String(0); }); }));
    return text;
  }

  db::testing::TemporaryFolder scratch;
  SystemClock clock;
  Progress progress;
  std::unique_ptr<PostgresSchema> schema;
};

class TransferOverPostgres : public TransferTest {
 protected:
  void SetUp() override {
    if (db::testing::PostgresUrl() == nullptr) GTEST_SKIP() << "FIRMSIGN_TEST_POSTGRES names no server";
    schema = std::make_unique<PostgresSchema>();
  }
};

TEST_F(TransferOverPostgres, CarriesEverythingThereAndBack) {
  MakeSource();
  const auto there = Copy(TransferKind::kMigrate, PathOf("source"), schema->url());
  ASSERT_TRUE(there) << there.error().message;
  EXPECT_EQ(there->objects, 3);
  EXPECT_EQ(there->bytes, 300'008u);
  EXPECT_EQ(progress.bytes, 300'008u);
  const Contents before = ContentsOfFolder("source");
  EXPECT_EQ(ContentsOfPostgres(), before);
  {
    const auto node = OpenCopy("node", schema->url());
    ASSERT_TRUE(node);
    EXPECT_FALSE(node->is_new());
    EXPECT_EQ(TextOf(node->database(), "SELECT value FROM deployment_facts WHERE name = 'objects_folder'"), "");
  }
  const auto back = Copy(TransferKind::kMigrate, schema->url(), PathOf("back"));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->records, there->records);
  EXPECT_EQ(ContentsOfFolder("back"), before);
  const auto deployment = OpenCopy("back");
  ASSERT_TRUE(deployment);
  EXPECT_EQ(TextOf(deployment->database(), "SELECT value FROM deployment_facts WHERE name = 'objects_folder'"),
            BlobsIn(PathOf("back") + "/objects")->folder_id());
  EXPECT_EQ(TextOf(deployment->database(), "SELECT CAST(count(*) AS TEXT) FROM s3_blobs WHERE in_file = 1"), "1");
}

TEST_F(TransferOverPostgres, KeepsFilesInAFolderThatNodesShare) {
  MakeSource();
  const std::string shared = PathOf("shared");
  const auto done = Transfer(
      {.kind = TransferKind::kMigrate, .from = PathOf("source"), .to = schema->url(), .to_objects = shared}, progress);
  ASSERT_TRUE(done) << done.error().message;
  const auto blobs = BlobsIn(shared);
  EXPECT_EQ(ContentsOfPostgres(blobs.get()), ContentsOfFolder("source"));
  EXPECT_NE(blobs->folder_id(), BlobsIn(PathOf("source") + "/objects")->folder_id()) << "the copy is another folder";

  const auto unnamed = Copy(TransferKind::kBackup, schema->url(), PathOf("backup"));
  ASSERT_FALSE(unnamed);
  EXPECT_THAT(unnamed.error().message, HasSubstr("--from-objects"));
  const auto wrong = Transfer({.kind = TransferKind::kBackup,
                               .from = schema->url(),
                               .to = PathOf("backup"),
                               .from_objects = PathOf("source") + "/objects"},
                              progress);
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message, HasSubstr("is not the folder"));
  EXPECT_FALSE(files::Exists(PathOf("backup"))) << "nothing was written";

  const auto backup = Transfer(
      {.kind = TransferKind::kBackup, .from = schema->url(), .to = PathOf("backup"), .from_objects = shared}, progress);
  ASSERT_TRUE(backup) << backup.error().message;
  EXPECT_EQ(ContentsOfFolder("backup"), ContentsOfFolder("source"));
}

TEST_F(TransferOverPostgres, RefusesAnObjectThatIsTooLargeBeforeAnythingIsWritten) {
  MakeSource();
  const auto done = Transfer(
      {.kind = TransferKind::kMigrate, .from = PathOf("source"), .to = schema->url(), .database_bytes_max = 299'999},
      progress);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::kExhausted);
  EXPECT_THAT(done.error().message, AllOf(HasSubstr("s3://images/large"), HasSubstr("--to-objects")));
  EXPECT_TRUE(ContentsOfPostgres().empty());
}

TEST_F(TransferOverPostgres, LeavesADatabaseThatIsNotEmptyAsItIs) {
  MakeSource();
  ASSERT_TRUE(Open("other", schema->url()));
  const Contents before = ContentsOfPostgres();
  const auto done = Copy(TransferKind::kMigrate, PathOf("source"), schema->url());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::kConflict);
  EXPECT_THAT(done.error().message, HasSubstr("is not empty"));
  EXPECT_EQ(ContentsOfPostgres(), before);
}

TEST_F(TransferOverPostgres, NoticesACopyThatWasChanged) {
  MakeSource();
  progress.on_table = [&](std::string_view table) {
    if (table == "s3_blobs") Run(**schema->Open(clock), "UPDATE s3_blobs SET data = 'in a ROW' WHERE size = 8");
  };
  const auto done = Copy(TransferKind::kMigrate, PathOf("source"), schema->url());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::kCorrupt);
  EXPECT_THAT(done.error().message, HasSubstr("has other bytes"));
  Options options;
  options.data = PathOf("node");
  options.database.url = schema->url();
  const auto opened = Deployment::Open(options, clock);
  ASSERT_FALSE(opened) << "what differs is not served";
  EXPECT_THAT(opened.error().message, HasSubstr("not finished"));
}

TEST_F(TransferOverPostgres, NoticesAFileThatWasChanged) {
  MakeSource();
  ASSERT_TRUE(Copy(TransferKind::kMigrate, PathOf("source"), schema->url()));
  progress.on_table = [&](std::string_view table) {
    if (table != "s3_blobs") return;
    // What was a row has become a file, so both are read for the comparison.
    for (const auto& entry : std::filesystem::recursive_directory_iterator(PathOf("back") + "/objects")) {
      if (!entry.is_regular_file() || entry.file_size() != 300'000) continue;
      std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(299'999);
      file.put('x');
    }
  };
  const auto done = Copy(TransferKind::kMigrate, schema->url(), PathOf("back"));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::kCorrupt);
  EXPECT_THAT(done.error().message, HasSubstr("has other bytes"));
}

TEST_F(TransferOverPostgres, SaysThatTheConnectionToTheSourceWasLost) {
  MakeSource();
  ASSERT_TRUE(Copy(TransferKind::kMigrate, PathOf("source"), schema->url()));
  const std::string name = schema->name();  // of no other test's connections
  progress.on_table = [&](std::string_view table) {
    if (table != "s3_buckets") return;
    PostgresSchema::Run(
        "DO $$ BEGIN PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '" + name +
        "'; END $$");
  };
  const auto done = Copy(TransferKind::kBackup, schema->url() + "&application_name=" + name, PathOf("backup"));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::kUnavailable);
  EXPECT_THAT(done.error().message, HasSubstr("connection to the source was lost"));
  Options options;
  options.data = PathOf("backup");
  EXPECT_THAT(Deployment::Open(options, clock).error().message, HasSubstr("not finished"));
}

TEST_F(TransferOverPostgres, ACopyThatWasKilledIsNoDeployment) {
  MakeSource();
  progress.on_table = [](std::string_view table) {
    if (table == "s3_buckets") _exit(9);
  };
  EXPECT_EXIT(static_cast<void>(Copy(TransferKind::kMigrate, PathOf("source"), schema->url())),
              ::testing::ExitedWithCode(9), "");
  Options options;
  options.data = PathOf("node");
  options.database.url = schema->url();
  const auto opened = Deployment::Open(options, clock);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::kInvalid);
  EXPECT_THAT(opened.error().message, HasSubstr("not finished"));
  progress.on_table = {};
  const auto again = Copy(TransferKind::kMigrate, PathOf("source"), schema->url());
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().message, HasSubstr("not finished"));
}

TEST_F(TransferTest, AFolderWhoseCopyWasKilledIsNoDeployment) {
  MakeSource();
  progress.on_table = [](std::string_view table) {
    if (table == "s3_buckets") _exit(9);
  };
  EXPECT_EXIT(static_cast<void>(Copy(TransferKind::kMigrate, PathOf("source"), PathOf("target"))),
              ::testing::ExitedWithCode(9), "");
  Options options;
  options.data = PathOf("target");
  const auto opened = Deployment::Open(options, clock);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr("not finished"));
  progress.on_table = {};
  const auto from_it = Copy(TransferKind::kRestore, PathOf("target"), PathOf("another"));
  ASSERT_FALSE(from_it);
  EXPECT_THAT(from_it.error().message, HasSubstr("not finished"));
  const auto onto_it = Copy(TransferKind::kMigrate, PathOf("source"), PathOf("target"));
  ASSERT_FALSE(onto_it);
  EXPECT_EQ(onto_it.error().code, Code::kConflict);
}

// A row of plain values in each table, so that one that is added to a service's schema is copied or this test fails.
TEST_F(TransferTest, CopiesEveryTableOfTheServices) {
  const std::vector<std::string> transient{"db_leases", "gateway_rates", "iam_nodes"};
  std::vector<db::Table> tables;
  {
    const auto deployment = Open("source");
    db::Database& database = deployment->database();
    ASSERT_TRUE(database.Read([&](db::Reader& reader) -> Expected<void> {
      ASSIGN_OR_RETURN(tables, db::ListTables(reader, db::Driver::kSqlite));
      return {};
    }));
    for (const db::Table& table : tables) {
      if (table.name == "schema_migrations") continue;
      std::string columns;
      std::string values;
      for (const db::Column& column : table.columns) {
        const char* comma = columns.empty() ? "" : ", ";
        columns += comma + column.name;
        values += comma + std::string(column.type == db::ColumnType::kInt    ? "0"
                                      : column.type == db::ColumnType::kText ? "''"
                                                                             : "x'00ff'");
      }
      // An id of stored bytes is 32 digits, and tells how many there are.
      if (table.name == "acm_changes" || table.name == "iam_changes") {  // its migration made its only row
        Run(database, "UPDATE " + table.name + " SET number = 5");
        continue;
      }
      if (table.name == "s3_blobs") values = "'00000000000000000000000000000000', 2, 0, x'00ff'";
      Run(database, "INSERT INTO " + table.name + " (" + columns + ") VALUES (" + values + ")");
    }
  }
  const auto done = Copy(TransferKind::kMigrate, PathOf("source"), PathOf("target"));
  ASSERT_TRUE(done) << done.error().message;
  Contents before = ContentsOfFolder("source");
  Contents after = ContentsOfFolder("target");
  for (const db::Table& table : tables) {
    if (table.name == "schema_migrations") continue;
    ASSERT_FALSE(before[table.name].empty()) << table.name;
    if (std::ranges::find(transient, table.name) != transient.end()) {
      EXPECT_TRUE(after[table.name].empty()) << table.name;
    } else {
      EXPECT_EQ(after[table.name], before[table.name]) << table.name;
    }
  }
}

TEST_F(TransferTest, EndsTheLeasesOfJobsInProgress) {
  MakeSource();
  AddJob(Open("source")->database(), "running", "InProgress");
  ASSERT_TRUE(Copy(TransferKind::kMigrate, PathOf("source"), PathOf("target")));
  constexpr std::string_view kLease =
      "SELECT lease_owner || '/' || CAST(lease_until AS TEXT) || '/' || CAST(fence AS TEXT) FROM signer_jobs WHERE id "
      "= "
      "'running'";
  EXPECT_EQ(TextOf(OpenCopy("target")->database(), kLease), "/0/3");
  EXPECT_EQ(TextOf(Open("source")->database(), kLease), "node/999/3") << "the source stays as it is";
}

TEST_F(TransferTest, BacksUpWhatIsBeingWrittenAndRestoresIt) {
  const auto serving = Open("source");
  db::Database& database = serving->database();
  AddBucket(database);
  const auto blobs = BlobsIn(PathOf("source") + "/objects");
  // More files than are open at once, so that the last is not yet open when the first is copied.
  std::vector<std::string> ids;
  for (int i = 0; i < 250; ++i) {
    ids.push_back(AddObject(database, *blobs, "object " + std::to_string(i), std::string(1001 + i, 'o')));
  }
  std::ranges::sort(ids);
  int calls = 0;
  progress.on_bytes = [&] {
    if (++calls != 3) return;
    DeleteObject(database, *blobs, ids.front());  // has been copied
    DeleteObject(database, *blobs, ids.back());   // has not
    AddObject(database, *blobs, "late", std::string(2000, 'n'));
  };
  const auto backup = Copy(TransferKind::kBackup, PathOf("source"), PathOf("backup"));
  ASSERT_TRUE(backup) << backup.error().message;
  EXPECT_EQ(backup->objects, 249);
  Contents now = ContentsOf(database, db::Driver::kSqlite, blobs.get());
  EXPECT_EQ(ContentsOfFolder("backup"), now);
  EXPECT_FALSE(files::Exists(PathOf("backup") + "/master.key"));
  EXPECT_FALSE(files::Exists(PathOf("backup") + "/objects/" + ids.front().substr(30) + "/" + ids.front()))
      << "no row names it any more";

  progress.on_bytes = {};
  const auto restored = Copy(TransferKind::kRestore, PathOf("backup"), PathOf("restored"));
  ASSERT_TRUE(restored) << restored.error().message;
  EXPECT_EQ(restored->records, backup->records);
  EXPECT_EQ(ContentsOfFolder("restored"), now);
  EXPECT_TRUE(OpenCopy("restored"));
}

TEST_F(TransferTest, ABackupCanBeReadWhereNothingCanBeWritten) {
  MakeSource();
  ASSERT_TRUE(Copy(TransferKind::kBackup, PathOf("source"), PathOf("backup")));
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(PathOf("backup")))
    names.push_back(entry.path().filename());
  EXPECT_THAT(names, ::testing::UnorderedElementsAre("firmsign.db", "objects"));
  const auto files = [&] {
    std::map<std::string, std::filesystem::file_time_type> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(PathOf("backup"))) {
      found[entry.path()] = entry.last_write_time();
    }
    return found;
  };
  const auto before = files();
  ASSERT_TRUE(Copy(TransferKind::kRestore, PathOf("backup"), PathOf("restored")));
  EXPECT_EQ(files(), before);
}

TEST_F(TransferTest, AFileThatIsLostIsToldApartFromOneThatWasDeleted) {
  MakeSource();
  const auto blobs = BlobsIn(PathOf("source") + "/objects");
  std::string id;
  {
    const auto deployment = Open("source");
    id = TextOf(deployment->database(), "SELECT blob_id FROM s3_blobs WHERE in_file = 1");
  }
  blobs->Remove({id});
  const auto done = Copy(TransferKind::kBackup, PathOf("source"), PathOf("backup"));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::kCorrupt);
  EXPECT_THAT(done.error().message, AllOf(HasSubstr("the source is damaged"), HasSubstr(id)));
}

TEST_F(TransferTest, AFolderInUseCanBeBackedUpAndNotMigrated) {
  MakeSource();
  const auto serving = Open("source");
  const auto migrated = Copy(TransferKind::kMigrate, PathOf("source"), PathOf("target"));
  ASSERT_FALSE(migrated);
  EXPECT_EQ(migrated.error().code, Code::kUnavailable);
  EXPECT_THAT(migrated.error().message, HasSubstr("stop it first"));
  EXPECT_FALSE(files::Exists(PathOf("target")));
  EXPECT_TRUE(Copy(TransferKind::kBackup, PathOf("source"), PathOf("backup")));
}

TEST_F(TransferTest, LeavesAFolderThatIsNotEmptyAsItIs) {
  MakeSource();
  std::filesystem::create_directories(PathOf("target"));
  std::ofstream(PathOf("target") + "/notes.txt") << "mine";
  const auto done = Copy(TransferKind::kRestore, PathOf("source"), PathOf("target"));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::kConflict);
  EXPECT_THAT(done.error().message, HasSubstr("notes.txt"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(PathOf("target")), {}), 1);
  std::filesystem::rename(PathOf("target") + "/notes.txt", PathOf("target") + "/master.key");
  EXPECT_TRUE(Copy(TransferKind::kRestore, PathOf("source"), PathOf("target"))) << "a key may be there before";
}

TEST_F(TransferTest, RefusesASourceOfAnotherProgram) {
  MakeSource();
  const auto refusal = [&](std::string_view change) {
    {
      const auto database = *db::OpenSqlite({.path = PathOf("source") + "/firmsign.db"}, clock);
      Run(*database, change);
    }
    const auto done = Copy(TransferKind::kMigrate, PathOf("source"), PathOf("target"));
    EXPECT_FALSE(files::Exists(PathOf("target")));
    return done ? std::string("copied") : done.error().message;
  };
  EXPECT_THAT(refusal("INSERT INTO schema_migrations (component, number, checksum, applied_at) VALUES ('s3', 99, '', "
                      "0)"),
              HasSubstr("a newer program: it has migration s3/99"));
  EXPECT_THAT(refusal("DELETE FROM schema_migrations WHERE component = 's3'"),
              HasSubstr("an older program: it lacks migration s3/1. Start this server over it once"));
}

TEST_F(TransferTest, RefusesWhatHoldsNoDeployment) {
  std::filesystem::create_directories(PathOf("source"));
  const auto empty = Copy(TransferKind::kMigrate, PathOf("source"), PathOf("target"));
  ASSERT_FALSE(empty);
  EXPECT_THAT(empty.error().message, HasSubstr("holds no deployment"));
  EXPECT_FALSE(files::Exists(PathOf("source") + "/firmsign.db"));
  const auto to_itself = [&] {
    MakeSource();
    return Copy(TransferKind::kBackup, PathOf("source"), PathOf("source"));
  }();
  ASSERT_FALSE(to_itself);
  EXPECT_EQ(to_itself.error().code, Code::kConflict);
  EXPECT_EQ(Copy(TransferKind::kBackup, PathOf("source"), "postgres://x/y").error().code, Code::kInvalid);
  EXPECT_EQ(Copy(TransferKind::kRestore, "postgres://x/y", PathOf("target")).error().code, Code::kInvalid);
}

}  // namespace
}  // namespace firmsign::server
