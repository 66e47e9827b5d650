// SPDX-License-Identifier: Apache-2.0

#include "apps/cli/storage.h"

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "apps/cli/answer.h"
#include "platform/telemetry/log.h"

namespace firmsign::cli {
namespace {

std::int64_t NumberOf(const json::Value& value, std::string_view name) {
  const json::Value* member = value.Find(name);
  return member != nullptr && member->AsInt() != nullptr ? *member->AsInt() : 0;
}

Expected<const json::Array*> ListOf(const json::Value& answer, std::string_view name) {
  const json::Value* list = answer.Find(name);
  if (list != nullptr && list->AsArray() != nullptr) return list->AsArray();
  return Fail(Code::kUnavailable, fmt::format("the server's answer has no {}; is it of another version?", name));
}

// Keys may hold what a terminal obeys.
std::string Visible(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      out.push_back(c);
    }
  }
  return out;
}

// Signed objects, other objects, parts of uploads that are not complete: how many, and how many bytes.
struct Usage {
  static constexpr std::array<std::string_view, 3> kKinds{"signedObjects", "otherObjects", "unfinishedParts"};
  std::array<std::int64_t, 6> numbers{};

  void Add(const Usage& other) {
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] += other.numbers[i];
  }
};

Usage UsageOf(const json::Value& bucket) {
  Usage usage;
  for (std::size_t i = 0; i < Usage::kKinds.size(); ++i) {
    const json::Value* amount = bucket.Find(Usage::kKinds[i]);
    if (amount == nullptr) continue;
    usage.numbers[2 * i] = NumberOf(*amount, "count");
    usage.numbers[2 * i + 1] = NumberOf(*amount, "bytes");
  }
  return usage;
}

void PrintLine(std::string_view account, std::string_view bucket, const Usage& usage) {
  const auto& n = usage.numbers;
  fmt::print("{:12}  {:>9} {:>16}  {:>9} {:>16}  {:>9} {:>16}  {}\n", account, n[0], n[1], n[2], n[3], n[4], n[5],
             bucket);
}

Expected<void> Report(OperatorClient& client) {
  std::map<std::string, Usage> accounts;
  fmt::print("{:12}  {:>26}  {:>26}  {:>26}\n", "", "signed objects, bytes", "other objects, bytes",
             "unfinished parts, bytes");
  std::string token;
  do {
    const std::string target = token.empty() ? "/storage/buckets" : "/storage/buckets?nextToken=" + token;
    ASSIGN_OR_RETURN(const json::Value page, client.Call({.method = "GET", .target = target}));
    ASSIGN_OR_RETURN(const json::Array* buckets, ListOf(page, "buckets"));
    for (const json::Value& bucket : *buckets) {
      const Usage usage = UsageOf(bucket);
      const std::string account = TextAt(bucket, "accountId");
      PrintLine(account, TextAt(bucket, "bucket"), usage);
      accounts[account].Add(usage);
    }
    token = TextAt(page, "nextToken");
  } while (!token.empty());
  for (const auto& [account, usage] : accounts) PrintLine(account, "(all buckets)", usage);
  return {};
}

Expected<void> Scrub(OperatorClient& client) {
  std::int64_t count = 0;
  std::int64_t bytes = 0;
  std::int64_t damaged = 0;
  std::string token;
  do {
    const std::string body = token.empty() ? "{}" : fmt::format(R"({{"nextToken":"{}"}})", token);
    ASSIGN_OR_RETURN(const json::Value page, client.Call({.method = "POST", .target = "/storage/scrub", .body = body}));
    ASSIGN_OR_RETURN(const json::Array* found, ListOf(page, "damaged"));
    for (const json::Value& one : *found) {
      const std::int64_t part = NumberOf(one, "partNumber");
      fmt::print("damaged  s3://{}/{}  version {}{}: {}\n", TextAt(one, "bucket"), Visible(TextAt(one, "key")),
                 one.Find("versionId") != nullptr ? TextAt(one, "versionId") : "(upload not complete)",
                 part != 0 ? fmt::format(", part {}", part) : "", TextAt(one, "problem"));
    }
    static_cast<void>(std::fflush(stdout));
    damaged += std::ssize(*found);
    if (const json::Value* read = page.Find("read")) {
      count += NumberOf(*read, "count");
      bytes += NumberOf(*read, "bytes");
    }
    token = TextAt(page, "nextToken");
  } while (!token.empty());
  fmt::print("read {} objects and parts, {} bytes: {} damaged\n", count, bytes, damaged);
  if (damaged == 0) return {};
  return Fail(Code::kCorrupt, "some of what is stored is damaged; the lines above say what. Restore it from a backup.");
}

}  // namespace

StorageCommands::StorageCommands(CLI::App& app)
    : storage_(app.add_subcommand("storage", "What a deployment has stored, as its operator")),
      report_(storage_->add_subcommand("report", "Print how much each bucket and each account holds")),
      scrub_(
          storage_->add_subcommand("scrub", "Read everything, compare it with its hashes, and print what is damaged")) {
  storage_->require_subcommand(1);
  for (CLI::App* command : {report_, scrub_}) flags_.AddFolder(*command);
}

bool StorageCommands::IsAsked() const { return storage_->parsed(); }

Expected<void> StorageCommands::Run() {
  ASSIGN_OR_RETURN(const server::Options options, flags_.Begin());
  const auto run = [&]() -> Expected<void> {
    ASSIGN_OR_RETURN(const std::unique_ptr<OperatorClient> client, OperatorClient::Open(options));
    return report_->parsed() ? Report(*client) : Scrub(*client);
  };
  auto done = run();
  telemetry::FlushLog();
  return done;
}

}  // namespace firmsign::cli
