// SPDX-License-Identifier: Apache-2.0
//
// For tests of the object store: a database, a folder of blobs, a clock and a gateway, all private to the test. With
// FIRMSIGN_TEST_ENCRYPTED in the environment, objects are encrypted.

#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/random.h"
#include "base/time.h"
#include "gateway/testing/call.h"
#include "model/s3.h"
#include "platform/db/lease.h"
#include "platform/db/testing/databases.h"
#include "ports/testing/principals.h"
#include "services/s3/blobs.h"
#include "services/s3/handlers.h"
#include "services/s3/resolve.h"
#include "services/s3/schema.h"
#include "services/s3/service.h"
#include "services/s3/store.h"

namespace firmsign::s3 {

inline std::string ReadAll(const http::Body& body) {
  if (const auto* bytes = std::get_if<std::string>(&body)) return *bytes;
  std::string all;
  for (const http::FileRange& piece : std::get<std::vector<http::FileRange>>(body)) {
    std::string bytes(piece.length, '\0');
    std::size_t done = 0;
    while (done < bytes.size()) {
      const auto count = piece.file->ReadAt(piece.offset + done, std::span(bytes).subspan(done));
      if (!count || *count == 0) return "a file ended too early";
      done += *count;
    }
    all += bytes;
  }
  return all;
}

inline std::string Pattern(std::size_t bytes, unsigned seed = 1) {
  std::string text(bytes, '\0');
  std::uint32_t state = seed;
  for (char& c : text) {
    state = state * 1664525 + 1013904223;
    c = static_cast<char>(state >> 24);
  }
  return text;
}

template <class Result>
std::string CodeOf(const Result& result) {
  if (result) return "";
  return result.error().shape != nullptr ? std::string(result.error().shape->name) : "error: " + result.error().cause;
}

// The one that the test names, or that FIRMSIGN_TEST_DATABASE names for the whole program, or SQLite in memory.
inline const db::testing::Backend& BackendOf(const db::testing::Backend* wanted) {
  if (wanted != nullptr) return *wanted;
  const char* name = std::getenv("FIRMSIGN_TEST_DATABASE");
  for (const db::testing::Backend* backend : db::testing::Backends()) {
    if (name == nullptr || backend->name == std::string_view(name)) return *backend;
  }
  CHECK(false && "FIRMSIGN_TEST_DATABASE names no backend that is there");
  return *db::testing::Backends().front();
}

struct World {
  // Without a folder, `bytes_max` is what the database takes of one object; else what of it lies there.
  explicit World(std::size_t bytes_max = 1024, const db::testing::Backend* backend = nullptr, bool has_folder = true)
      : place(BackendOf(backend).make_place()),
        database(*place->Open(clock)),
        blobs(
            *Blobs::Open(OptionsOf(has_folder, bytes_max, std::getenv("FIRMSIGN_TEST_ENCRYPTED") != nullptr), random)),
        service{*database, clock, random, *blobs, policies, principals} {
    EXPECT_TRUE(db::Migrate(*database, Migrations()));
    EXPECT_TRUE(db::Migrate(*database, db::LeaseMigrations()));
  }

  BlobOptions OptionsOf(bool has_folder, std::size_t bytes_max, bool encrypts) const {
    BlobOptions options{.key = SecretBytes(std::string(32, 'k')), .encrypts = encrypts};
    (has_folder ? options.inline_bytes_max : options.database_bytes_max) = bytes_max;
    if (has_folder) options.folder = folder.path() + "/objects";
    return options;
  }

  // Files that are finished, and files still being written.
  int FilesAtRest() const { return CountFiles(false); }
  int FilesBeingWritten() const { return CountFiles(true); }

  // As if all files had last been changed so long ago, by the database's clock.
  void AgeFiles(Duration age) const {
    const timespec then{.tv_sec = Seconds(database->Now() - age), .tv_nsec = 0};
    const timespec times[2]{then, then};
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path() + "/objects")) {
      if (entry.is_regular_file()) {
        EXPECT_EQ(::utimensat(AT_FDCWD, entry.path().c_str(), times, 0), 0);
      }
    }
  }

  // Calls an operation on a bucket.
  template <class Op, auto Handle>
  auto Do(typename Op::Input input, gateway::Payload* payload = nullptr) {
    return gateway.Call<Op, &ResolveBucket<Op>, Handle>(service, std::move(input), payload);
  }
  void MakeBucket(const std::string& name, std::string_view versioning = "") {
    const auto made = gateway.Call<ops::CreateBucket, nullptr, &CreateBucket>(service, {.bucket = name});
    EXPECT_EQ(CodeOf(made), "");
    if (!versioning.empty()) SetVersioning(name, versioning);
  }
  void SetVersioning(const std::string& name, std::string_view versioning) {
    const auto set = Do<ops::PutBucketVersioning, &PutBucketVersioning>(
        {.bucket = name, .versioning_configuration = {.status = std::string(versioning)}});
    EXPECT_EQ(CodeOf(set), "");
  }
  auto Put(PutObjectRequest input, const std::string& bytes) {
    gateway::FakePayload payload(bytes);
    clock.Advance(std::chrono::seconds(1));
    gateway.facts.now = clock.Now();
    return Do<ops::PutObject, &PutObject>(std::move(input), &payload);
  }
  auto Get(GetObjectRequest input) { return Do<ops::GetObject, &GetObject>(std::move(input)); }
  auto Delete(DeleteObjectRequest input) { return Do<ops::DeleteObject, &DeleteObject>(std::move(input)); }
  // The bytes, or the code of the error.
  std::string Bytes(const std::string& bucket, const std::string& key, std::optional<std::string> version = {}) {
    const auto got = Get({.bucket = bucket, .key = key, .version_id = std::move(version)});
    return got ? ReadAll(got->body) : CodeOf(got);
  }

  db::testing::TemporaryFolder folder;
  FakeClock clock{InstantFromSeconds(1'700'000'000)};
  FakeRandom random;
  std::unique_ptr<db::testing::Place> place;
  std::unique_ptr<db::Database> database;
  std::unique_ptr<Blobs> blobs;
  policy::ParsedPolicies policies;
  ports::FakePrincipals principals;
  Service service;
  gateway::FakeGateway gateway;

 private:
  int CountFiles(bool temporary) const {
    int count = 0;
    if (!blobs->has_folder()) return count;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path() + "/objects")) {
      if (entry.path().filename() == "id") continue;
      if (entry.is_regular_file() && (entry.path().parent_path().filename() == "tmp") == temporary) ++count;
    }
    return count;
  }
};

}  // namespace firmsign::s3
