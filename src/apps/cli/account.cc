// SPDX-License-Identifier: Apache-2.0

#include "apps/cli/account.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "apps/cli/answer.h"
#include "apps/cli/operator_client.h"
#include "base/encoding.h"
#include "base/secret.h"
#include "base/strong.h"
#include "base/time.h"
#include "platform/files/file.h"
#include "platform/telemetry/log.h"

namespace firmsign::cli {
namespace {

constexpr std::size_t kNameCharactersMax = 50;
constexpr std::size_t kCredentialsBytesMax = 1 << 20;

// As the model has them, in the words of somebody who typed them. The server checks them again.
Expected<void> CheckName(std::string_view name) {
  const auto is_visible = [](char c) { return c >= ' ' && c <= '~'; };
  if (!name.empty() && name.size() <= kNameCharactersMax && std::ranges::all_of(name, is_visible) &&
      !name.starts_with(' ') && !name.ends_with(' ')) {
    return {};
  }
  return Fail(Code::kInvalid,
              fmt::format("an account's name has 1 to {} characters of ASCII that can be seen, and no blank at either "
                          "end; this one is not such a name",
                          kNameCharactersMax));
}

Expected<void> CheckAccountId(const std::string& id) {
  if (id.empty() || IsAccountId(id)) return {};
  return Fail(Code::kInvalid, "--account-id: an account id has 12 digits");
}

// Blanks and brackets mean something to one AWS tool or another.
std::string ProfileNameOf(std::string_view account_name) {
  std::string profile(account_name);
  std::ranges::replace_if(
      profile,
      [](char c) {
        const bool is_alphanumeric = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        return !is_alphanumeric && std::string_view("-_.@+:/%").find(c) == std::string_view::npos;
      },
      '-');
  return profile;
}

bool HasProfile(std::string_view credentials, const std::string& profile) {
  while (!credentials.empty()) {
    const std::size_t end = std::min(credentials.find('\n'), credentials.size());
    std::string_view line = TrimBlanks(credentials.substr(0, end));
    credentials.remove_prefix(std::min(end + 1, credentials.size()));
    if (line.ends_with('\r')) line = TrimBlanks(line.substr(0, line.size() - 1));
    if (line == "[" + profile + "]") return true;
  }
  return false;
}

// A credentials file that a profile is about to be added to. Whatever can be wrong with it is found before the account
// is made, because its key is shown once.
class CredentialsFile {
 public:
  static Expected<CredentialsFile> Open(const std::string& path, const std::string& profile) {
    namespace fs = std::filesystem;
    CredentialsFile file;
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    file.is_new_ = status.type() == fs::file_type::not_found;
    if (!file.is_new_) {
      if (status.type() != fs::file_type::regular) {
        return Fail(Code::kInvalid, fmt::format("{} is not a file; name one", path));
      }
      constexpr fs::perms kOthers = fs::perms::group_all | fs::perms::others_all;
      if ((status.permissions() & kOthers) != fs::perms::none) {
        return Fail(
            Code::kInvalid,
            fmt::format("other users may open {}, so no key is written there; run chmod 600 on it first", path));
      }
      ASSIGN_OR_RETURN(std::string before, files::ReadWholeFile(path, kCredentialsBytesMax));
      file.separator_ = before.empty() ? "" : before.ends_with('\n') ? "\n" : "\n\n";
      const bool has_profile = HasProfile(before, profile);
      Wipe(before);
      if (has_profile) {
        return Fail(Code::kConflict, fmt::format("{} has a profile [{}] already; name another file", path, profile));
      }
    }
    ASSIGN_OR_RETURN(file.file_, files::OpenForAppending(path));
    return file;
  }

  Expected<void> Append(const std::string& profile) {
    RETURN_IF_ERROR(file_->Append(separator_ + profile));
    RETURN_IF_ERROR(file_->Sync());
    return files::SyncFolder(std::filesystem::absolute(file_->path()).parent_path().string());
  }

  // Leaves nothing behind when no account was made.
  void Abandon() {
    if (is_new_) static_cast<void>(files::RemoveFile(file_->path()));
  }

 private:
  bool is_new_ = false;
  std::string separator_;
  std::unique_ptr<files::File> file_;
};

std::string FormatProfile(const json::Value& account, const std::string& profile) {
  return fmt::format(
      "# The root access key of account {} ({}). Whoever has it may do everything there.\n"
      "[{}]\n"
      "aws_access_key_id = {}\n"
      "aws_secret_access_key = {}\n"
      "region = {}\n",
      TextAt(account, "accountId"), TextAt(account, "name"), profile, TextAt(account, "accessKeyId"),
      TextAt(account, "secretAccessKey"), TextAt(account, "region"));
}

std::string FormatCreatedAt(const json::Value& account) {
  const json::Value* value = account.Find("createdAt");
  if (value == nullptr) return "-";
  const double* fraction = value->AsDouble();
  const std::int64_t* whole = value->AsInt();
  return FormatIso8601(InstantFromSeconds(whole != nullptr      ? *whole
                                          : fraction != nullptr ? static_cast<std::int64_t>(*fraction)
                                                                : 0));
}

}  // namespace

AccountCommands::AccountCommands(CLI::App& app)
    : account_(app.add_subcommand("account", "Make and list the accounts of a deployment, as its operator")),
      create_(account_->add_subcommand(
          "create",
          "Make an account and print the access key of its root once, as a profile of an AWS credentials file")),
      list_(account_->add_subcommand("list", "List the accounts")) {
  account_->require_subcommand(1);
  create_->add_option("name", name_, "What to call the account")->required()->type_name("NAME");
  create_->add_option("--account-id", account_id_, "Its id, 12 digits (default: a random one)")->type_name("ID");
  create_
      ->add_option("--output", output_,
                   "Append the profile to this credentials file instead of printing it (mode 0600)")
      ->type_name("FILE");
  for (CLI::App* command : {create_, list_}) flags_.AddFolder(*command);
}

bool AccountCommands::IsAsked() const { return account_->parsed(); }

Expected<void> AccountCommands::Run() {
  ASSIGN_OR_RETURN(const server::Options options, flags_.Begin());
  auto done = create_->parsed() ? Create(options) : List(options);
  telemetry::FlushLog();
  return done;
}

Expected<void> AccountCommands::Create(const server::Options& options) {
  RETURN_IF_ERROR(CheckName(name_));
  RETURN_IF_ERROR(CheckAccountId(account_id_));
  const std::string profile = ProfileNameOf(name_);
  std::string body;
  json::Writer writer(body);
  writer.BeginObject();
  writer.Name("name");
  writer.String(name_);
  if (!account_id_.empty()) {
    writer.Name("accountId");
    writer.String(account_id_);
  }
  writer.EndObject();

  ASSIGN_OR_RETURN(const std::unique_ptr<OperatorClient> client, OperatorClient::Open(options));
  std::optional<CredentialsFile> file;
  if (!output_.empty()) {
    ASSIGN_OR_RETURN(file, CredentialsFile::Open(output_, profile));
  }
  auto account = client->Call({.method = "POST", .target = "/accounts", .body = std::move(body)});
  if (!account) {
    if (file) file->Abandon();
    if (account.error().code == Code::kUnavailable) {
      account.error().message +=
          ". It is not known whether the account was made: `firmsign account list` shows it. If it was, its key is "
          "lost; "
          "make another.";
    }
    return std::unexpected(std::move(account).error());
  }
  std::string text = FormatProfile(*account, profile);
  const std::string id = TextAt(*account, "accountId");
  const auto kept = file ? file->Append(text) : Expected<void>();
  if (file && kept) {
    fmt::print("made account {}; the access key of its root is the profile [{}] in {}\n", id, profile, output_);
  } else {
    fmt::print("{}# This key is shown once.\n", text);
  }
  static_cast<void>(std::fflush(stdout));
  Wipe(text);
  if (!kept) {
    return Fail(kept.error().code,
                fmt::format("{}. The account was made, and its key is printed above instead.", kept.error().message));
  }
  return {};
}

Expected<void> AccountCommands::List(const server::Options& options) {
  ASSIGN_OR_RETURN(const std::unique_ptr<OperatorClient> client, OperatorClient::Open(options));
  std::string token;
  do {
    const std::string target = token.empty() ? "/accounts" : "/accounts?nextToken=" + token;
    ASSIGN_OR_RETURN(const json::Value page, client->Call({.method = "GET", .target = target}));
    const json::Value* accounts = page.Find("accounts");
    if (accounts == nullptr || accounts->AsArray() == nullptr) {
      return Fail(Code::kUnavailable, "the server's answer is not a list of accounts; is it of another version?");
    }
    for (const json::Value& account : *accounts->AsArray()) {
      fmt::print("{}  {}  {}\n", TextAt(account, "accountId"), FormatCreatedAt(account), TextAt(account, "name"));
    }
    token = TextAt(page, "nextToken");
  } while (!token.empty());
  return {};
}

}  // namespace firmsign::cli
