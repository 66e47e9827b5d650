// SPDX-License-Identifier: Apache-2.0
//
// For tests of the object store: a database, a folder of blobs, a clock and a gateway, all private to the test.

#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include "base/random.h"
#include "base/time.h"
#include "gateway/testing/call.h"
#include "model/s3.h"
#include "platform/db/sqlite.h"
#include "platform/db/testing/databases.h"
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

struct World {
  explicit World(std::size_t inline_bytes_max = 1024, const db::testing::Backend* backend = nullptr)
      : place((backend != nullptr ? backend : db::testing::Backends().front())->make_place()),
        database(*place->Open(clock)),
        blobs(*Blobs::Open({.folder = folder.path() + "/objects", .inline_bytes_max = inline_bytes_max}, random)),
        service{*database, clock, random, *blobs} {
    EXPECT_TRUE(db::Migrate(*database, Migrations()));
  }

  // Files that are finished, and files still being written.
  int FilesAtRest() const { return CountFiles(false); }
  int FilesBeingWritten() const { return CountFiles(true); }

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
  Service service;
  gateway::FakeGateway gateway;

 private:
  int CountFiles(bool temporary) const {
    int count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path() + "/objects")) {
      if (entry.is_regular_file() && (entry.path().parent_path().filename() == "tmp") == temporary) ++count;
    }
    return count;
  }
};

}  // namespace firmsign::s3
