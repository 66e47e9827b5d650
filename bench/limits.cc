// SPDX-License-Identifier: Apache-2.0

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <functional>

#include "base/random.h"
#include "base/time.h"
#include "bench/commands.h"
#include "bench/crowd.h"
#include "bench/meter.h"
#include "platform/crypto/digest.h"
#include "platform/crypto/key.h"
#include "platform/crypto/seal.h"
#include "platform/db/sqlite.h"
#include "platform/files/file.h"

namespace firmsign::bench {
namespace {

constexpr double kSecondsEach = 1.5;
constexpr std::size_t kImageBytes = 64 * 1024;

// Does `once` again and again on this thread; how many CPU microseconds one took. CPU time and not wall time: the
// figure stays true on a machine that does other things.
Expected<double> CpuMicrosEach(const std::function<Expected<void>()>& once) {
  const SteadyTime start = Now();
  const double cpu = OwnCpuSeconds();
  std::int64_t count = 0;
  while (SecondsSince(start) < kSecondsEach) {
    constexpr int kBetweenLooks = 16;
    for (int i = 0; i < kBetweenLooks; ++i) RETURN_IF_ERROR(once());
    count += kBetweenLooks;
  }
  return (OwnCpuSeconds() - cpu) * 1e6 / static_cast<double>(count);
}

Expected<void> MeasureCrypto(const std::string& key_file, json::Writer& writer) {
  constexpr std::size_t kKeyBytesMax = 16 * 1024;
  ASSIGN_OR_RETURN(std::string pem, files::ReadWholeFile(key_file, kKeyBytesMax));
  ASSIGN_OR_RETURN(const crypto::PrivateKey key, crypto::PrivateKey::FromPem(SecretBytes(std::move(pem))));
  ASSIGN_OR_RETURN(const crypto::PublicKey public_key, key.Public());
  const std::string image(kImageBytes, 'x');
  const std::string digest = crypto::DigestOf(crypto::Hash::kSha256, image);
  ASSIGN_OR_RETURN(const std::string signature, key.SignDigest(crypto::Hash::kSha256, digest));

  ASSIGN_OR_RETURN(const double sign, CpuMicrosEach([&]() -> Expected<void> {
                     RETURN_IF_ERROR(key.SignDigest(crypto::Hash::kSha256, digest));
                     return {};
                   }));
  ASSIGN_OR_RETURN(const double verify, CpuMicrosEach([&]() -> Expected<void> {
                     if (public_key.VerifyDigest(crypto::Hash::kSha256, digest, signature)) return {};
                     return Fail(Code::kInternal, "a good signature does not verify");
                   }));
  ASSIGN_OR_RETURN(const double hash, CpuMicrosEach([&]() -> Expected<void> {
                     if (crypto::DigestOf(crypto::Hash::kSha256, image) == digest) return {};
                     return Fail(Code::kInternal, "a digest changed");
                   }));
  WriteMember(writer, "p256_sign_cpu_micros", sign);
  WriteMember(writer, "p256_verify_cpu_micros", verify);
  WriteMember(writer, "sha256_64k_cpu_micros", hash);
  WriteMember(writer, "p256_signs_per_second", 1e6 / sign);
  WriteMember(writer, "p256_verifies_per_second", 1e6 / verify);
  WriteMember(writer, "sha256_bytes_per_second", static_cast<double>(kImageBytes) * 1e6 / hash);
  return {};
}

// Appends 4 KiB and waits for the disk, over and over.
Expected<void> MeasureDisk(const std::string& folder, json::Writer& writer) {
  const std::string path = folder + "/durable";
  const int file = open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) return Fail(Code::kUnavailable, fmt::format("cannot write {}: {}", path, std::strerror(errno)));
  const std::string block(4096, 'x');
  std::int64_t count = 0;
  bool is_good = true;
  const SteadyTime start = Now();
  for (; is_good && SecondsSince(start) < kSecondsEach; ++count) {
    is_good = write(file, block.data(), block.size()) == static_cast<ssize_t>(block.size()) && fdatasync(file) == 0;
  }
  const double seconds = SecondsSince(start);
  close(file);
  unlink(path.c_str());
  if (!is_good) return Fail(Code::kUnavailable, "the disk does not take durable writes");
  WriteMember(writer, "durable_commits_per_second", static_cast<double>(count) / seconds);
  return {};
}

// One row of a job's size each transaction, as many threads as clients: the database layer alone.
Expected<void> MeasureRows(const std::string& folder, std::int64_t clients, json::Writer& writer) {
  static constexpr std::array kSchema{db::Migration{
      .component = "bench",
      .number = 1,
      .sql = "CREATE TABLE bench_rows (id {TEXT} PRIMARY KEY, made {INT} NOT NULL, body {BYTES} NOT NULL)"}};
  const SystemClock clock;
  ASSIGN_OR_RETURN(const std::unique_ptr<db::SqliteDatabase> database,
                   db::OpenSqlite({.path = folder + "/rows.db"}, clock));
  RETURN_IF_ERROR(db::Migrate(*database, kSchema));
  const std::string body(500, 'x');
  std::atomic<std::int64_t> total{0};
  const db::WriterStatistics before = database->Statistics();
  const double cpu = OwnCpuSeconds();
  const SteadyTime start = Now();
  RETURN_IF_ERROR(RunCrowd(clients, [&](std::size_t) -> Expected<void> {
    std::int64_t count = 0;
    for (; SecondsSince(start) < kSecondsEach; ++count) {
      const std::string id = MakeUuid(crypto::SystemRandom());
      RETURN_IF_ERROR(database->InTransaction([&](db::Transaction& transaction) -> Expected<void> {
        RETURN_IF_ERROR(transaction.Execute("INSERT INTO bench_rows (id, made, body) VALUES ($1, $2, $3)", id, count,
                                            db::Blob{body}));
        return {};
      }));
    }
    total += count;
    return {};
  }));
  const double seconds = SecondsSince(start);
  const double rows = static_cast<double>(total);
  const db::WriterStatistics after = database->Statistics();
  WriteMember(writer, "row_threads", clients);
  WriteMember(writer, "row_cpu_micros", (OwnCpuSeconds() - cpu) * 1e6 / rows);
  WriteMember(writer, "rows_per_second", rows / seconds);
  WriteMember(writer, "rows_per_commit", rows / static_cast<double>(after.batches - before.batches));
  return {};
}

}  // namespace

Expected<void> MeasureLimits(const Arguments& arguments, json::Writer& writer) {
  ASSIGN_OR_RETURN(const std::string folder, arguments.Text("folder"));
  ASSIGN_OR_RETURN(const std::string key, arguments.Text("key"));
  ASSIGN_OR_RETURN(const std::int64_t clients, arguments.Number("clients"));
  RETURN_IF_ERROR(MeasureCrypto(key, writer));
  RETURN_IF_ERROR(MeasureDisk(folder, writer));
  return MeasureRows(folder, clients, writer);
}

}  // namespace firmsign::bench
