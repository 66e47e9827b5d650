// SPDX-License-Identifier: Apache-2.0

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <functional>
#include <thread>

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
#include "platform/files/large_file.h"

namespace firmsign::bench {
namespace {

constexpr double kSecondsEach = 1.5;
constexpr std::size_t kImageBytes = 64 * 1024;
constexpr std::uint64_t kLargeBytes = 1 << 30;

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
  ASSIGN_OR_RETURN(const double md5, CpuMicrosEach([&]() -> Expected<void> {
                     static_cast<void>(crypto::DigestOf(crypto::Hash::kMd5, image));
                     return {};
                   }));
  WriteMember(writer, "md5_bytes_per_second", static_cast<double>(kImageBytes) * 1e6 / md5);
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

// One new file of a gigabyte, written past the page cache, and the disk has it; then the same read.
Expected<void> MeasureNewFile(const std::string& folder, json::Writer& writer) {
  const std::string path = folder + "/large";
  const std::string block(256 * 1024, 'x');
  const SteadyTime start = Now();
  ASSIGN_OR_RETURN(const auto file, files::CreateLargeFile(path));
  for (std::uint64_t written = 0; written < kLargeBytes; written += block.size()) RETURN_IF_ERROR(file->Append(block));
  RETURN_IF_ERROR(file->Sync());
  WriteMember(writer, "new_file_bytes_per_second", static_cast<double>(kLargeBytes) / SecondsSince(start));
  // It is not in the page cache.
  const SteadyTime read_start = Now();
  ASSIGN_OR_RETURN(const auto written, files::OpenForReading(path));
  std::string buffer(block.size(), '\0');
  for (std::uint64_t done = 0; done < kLargeBytes;) {
    ASSIGN_OR_RETURN(const std::size_t count, written->ReadAt(done, buffer));
    if (count == 0) return Fail(Code::kCorrupt, "a file became shorter");
    done += count;
  }
  WriteMember(writer, "read_file_bytes_per_second", static_cast<double>(kLargeBytes) / SecondsSince(read_start));
  return files::RemoveFile(path);
}

// From one thread to another through a TCP connection of this machine.
Expected<void> MeasureLoopback(json::Writer& writer) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof here;
  const int sender = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0 || sender < 0 || bind(listener, reinterpret_cast<const sockaddr*>(&here), sizeof here) != 0 ||
      listen(listener, 1) != 0 || getsockname(listener, reinterpret_cast<sockaddr*>(&here), &length) != 0 ||
      connect(sender, reinterpret_cast<const sockaddr*>(&here), sizeof here) != 0) {
    return Fail(Code::kUnavailable, fmt::format("no loopback connection: {}", std::strerror(errno)));
  }
  const int receiver = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  const std::string block(256 * 1024, 'x');
  const SteadyTime start = Now();
  std::thread writes([&] {
    while (SecondsSince(start) < kSecondsEach && send(sender, block.data(), block.size(), MSG_NOSIGNAL) > 0) {
    }
    shutdown(sender, SHUT_WR);
  });
  std::string buffer(block.size(), '\0');
  double bytes = 0;
  for (ssize_t got = 0; (got = recv(receiver, buffer.data(), buffer.size(), 0)) > 0;) bytes += static_cast<double>(got);
  WriteMember(writer, "loopback_bytes_per_second", bytes / SecondsSince(start));
  writes.join();
  for (const int one : {listener, sender, receiver}) close(one);
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
  RETURN_IF_ERROR(MeasureNewFile(folder, writer));
  RETURN_IF_ERROR(MeasureLoopback(writer));
  return MeasureRows(folder, clients, writer);
}

}  // namespace firmsign::bench
