// SPDX-License-Identifier: Apache-2.0
//
// The databases that contract tests run over: every driver, each with an empty database of its own.
//
// A store's test takes `testing::Backends()` as its parameters, so that a new driver is tested by all of them at once.

#pragma once

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/time.h"
#include "platform/db/postgres.h"
#include "platform/db/sqlite.h"

namespace firmsign::db::testing {

// Where one test's database lies; removed with the object.
class Place {
 public:
  virtual ~Place() = default;
  // The second call opens the same database again, where it is durable; the first object must be gone.
  virtual Expected<std::unique_ptr<Database>> Open(const Clock& clock) = 0;
};

struct Backend {
  const char* name;
  bool is_durable = true;
  bool has_snapshots = true;  // a read does not make writers wait
  std::function<std::unique_ptr<Place>()> make_place;
};

// A folder that is gone with the object.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "firmsign_db_XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class SqliteInMemory final : public Place {
 public:
  Expected<std::unique_ptr<Database>> Open(const Clock& clock) override {
    return OpenSqlite({.path = ":memory:"}, clock);
  }
};

class SqliteOnDisk final : public Place {
 public:
  Expected<std::unique_ptr<Database>> Open(const Clock& clock) override {
    return OpenSqlite({.path = folder_.path() + "/test.db"}, clock);
  }

 private:
  TemporaryFolder folder_;
};

// Runs every transaction twice, undoing it after the first time, and every read twice, as a database may: work that
// keeps something from its first run comes out wrong.
class RunsTwice final : public Database {
 public:
  explicit RunsTwice(std::unique_ptr<Database> database) : database_(std::move(database)) {}

  Expected<void> InTransaction(const Work& work) override {
    static_cast<void>(database_->InTransaction([&](Transaction& transaction) -> Expected<void> {
      RETURN_IF_ERROR(work(transaction));
      return Fail(Code::kInternal, "undone, to be run again");
    }));
    return database_->InTransaction(work);
  }
  Expected<void> Read(const ReadWork& work) override {
    static_cast<void>(database_->Read(work));
    return database_->Read(work);
  }
  void Notify(std::string_view topic) override { database_->Notify(topic); }
  std::unique_ptr<Listening> Listen(std::string topic, std::function<void()> listener) override {
    return database_->Listen(std::move(topic), std::move(listener));
  }
  Instant Now() const override { return database_->Now(); }

 private:
  const std::unique_ptr<Database> database_;
};

class RunningTwice final : public Place {
 public:
  Expected<std::unique_ptr<Database>> Open(const Clock& clock) override {
    ASSIGN_OR_RETURN(auto database, place_.Open(clock));
    return std::make_unique<RunsTwice>(std::move(database));
  }

 private:
  SqliteOnDisk place_;
};

// The server that FIRMSIGN_TEST_POSTGRES names (./test starts one); a schema of its own for each place.
inline const char* PostgresUrl() { return std::getenv("FIRMSIGN_TEST_POSTGRES"); }

class PostgresSchema final : public Place {
 public:
  PostgresSchema() { Run("CREATE SCHEMA " + name_); }
  ~PostgresSchema() override { Run("DROP SCHEMA " + name_ + " CASCADE"); }

  Expected<std::unique_ptr<Database>> Open(const Clock&) override {
    return OpenPostgres({.url = PostgresUrl(), .schema = name_});
  }
  const std::string& name() const { return name_; }
  // Of a connection that makes and finds its tables there.
  std::string url() const { return std::string(PostgresUrl()) + "&options=-csearch_path%3D" + name_; }

  static void Run(const std::string& sql) {
    auto database = OpenPostgres({.url = PostgresUrl(), .schema = {}});
    CHECK(database.has_value());
    CHECK((*database)->InTransaction([&](Transaction& transaction) { return transaction.ExecuteOnce(sql); }));
  }

 private:
  static std::string MakeName() {
    static std::atomic<int> count{0};
    return "test_" + std::to_string(::getpid()) + "_" + std::to_string(++count);
  }

  const std::string name_ = MakeName();
};

inline const std::vector<const Backend*>& Backends() {
  static const Backend memory{.name = "SqliteInMemory", .is_durable = false, .has_snapshots = false, .make_place = [] {
                                return std::make_unique<SqliteInMemory>();
                              }};
  static const Backend disk{.name = "SqliteOnDisk", .make_place = [] { return std::make_unique<SqliteOnDisk>(); }};
  static const Backend twice{.name = "RunningTwice", .make_place = [] { return std::make_unique<RunningTwice>(); }};
  static const Backend postgres{.name = "PostgreSQL", .make_place = [] { return std::make_unique<PostgresSchema>(); }};
  static const std::vector<const Backend*> all = [] {
    std::vector<const Backend*> backends{&memory, &disk, &twice};
    if (PostgresUrl() != nullptr) backends.push_back(&postgres);
    return backends;
  }();
  return all;
}

// An empty database for tests of what lies above stores: in memory, or of the backend that FIRMSIGN_TEST_DATABASE
// names, so that a whole test program can be run over another. It tells the time of `clock`.
class AnyDatabase final : public Database {
 public:
  static std::unique_ptr<Database> Open(const Clock& clock) {
    const char* wanted = std::getenv("FIRMSIGN_TEST_DATABASE");
    const std::string_view name = wanted != nullptr ? wanted : "SqliteInMemory";
    for (const Backend* backend : Backends()) {
      if (backend->name == name) return Open(*backend, clock);
    }
    CHECK(false && "FIRMSIGN_TEST_DATABASE names no backend that is there");
    return nullptr;
  }

  // Of a backend that the caller chooses.
  static std::unique_ptr<Database> Open(const Backend& backend, const Clock& clock) {
    auto place = backend.make_place();
    auto database = place->Open(clock);
    CHECK(database.has_value());
    return std::unique_ptr<Database>(new AnyDatabase(std::move(place), *std::move(database), clock));
  }

  Expected<void> InTransaction(const Work& work) override { return database_->InTransaction(work); }
  Expected<void> Read(const ReadWork& work) override { return database_->Read(work); }
  void Notify(std::string_view topic) override { database_->Notify(topic); }
  std::unique_ptr<Listening> Listen(std::string topic, std::function<void()> listener) override {
    return database_->Listen(std::move(topic), std::move(listener));
  }
  Instant Now() const override { return clock_.Now(); }

 private:
  AnyDatabase(std::unique_ptr<Place> place, std::unique_ptr<Database> database, const Clock& clock)
      : place_(std::move(place)), database_(std::move(database)), clock_(clock) {}

  const std::unique_ptr<Place> place_;  // outlives the database
  const std::unique_ptr<Database> database_;
  const Clock& clock_;
};

}  // namespace firmsign::db::testing
