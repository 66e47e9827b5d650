// SPDX-License-Identifier: Apache-2.0

#include "apps/cli/keys.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <memory>

#include "apps/cli/answer.h"
#include "apps/cli/operator_client.h"
#include "platform/telemetry/log.h"

namespace firmsign::cli {
namespace {

void TellRotation(const json::Value& answer, bool wants_token) {
  const std::string previous = TextAt(answer, "previousKeyFile");
  fmt::print("The new master key {} is in {}. Save a copy of it: without it no stored key can be opened.\n",
             TextAt(answer, "masterKeyId"), TextAt(answer, "masterKeyFile"));
  if (previous.empty()) {
    fmt::print(
        "Make this file the master key of every node before it starts again. The key before stays where it is.\n");
  } else {
    fmt::print(
        "The key before is in {}.\nNodes that do not share these files go on, and need a copy of the new key as their "
        "master key before they start again.\n",
        previous);
  }
  fmt::print(
      "Backups made until now need the key before. With such a backup it opens what is sealed later, too: if it may "
      "have leaked, destroy both, and replace the keys and secrets that are stored.\n");
  if (wants_token) {
    fmt::print(
        "The new key wants the token's key, too, so save that as well. Keys before it that are in files do not: take "
        "them off this disk.\n");
  }
  if (const std::string warning = TextAt(answer, "warning"); !warning.empty()) fmt::print(stderr, "{}\n", warning);
}

}  // namespace

KeyCommands::KeyCommands(CLI::App& app)
    : keys_(app.add_subcommand("keys", "The keys under which secrets are sealed at rest")),
      rotate_master_(keys_->add_subcommand("rotate-master", "Make a new master key; whoever serves goes on serving")) {
  keys_->require_subcommand(1);
  rotate_master_
      ->add_option("--to", to_, "Write it to this new file, instead of replacing the present one in its place")
      ->type_name("FILE");
  CLI::Option* token =
      rotate_master_
          ->add_option("--token", token_, "Let the new key want this token, too, as the option pkcs11.tokens calls it")
          ->type_name("NAME");
  token->needs(
      rotate_master_->add_option("--key-label", key_label_, "The CKA_LABEL of the token's secret key (HMAC-SHA256)")
          ->needs(token)
          ->type_name("TEXT"));
  flags_.AddFolder(*rotate_master_);
}

bool KeyCommands::IsAsked() const { return keys_->parsed(); }

Expected<void> KeyCommands::Run() {
  ASSIGN_OR_RETURN(const server::Options options, flags_.Begin());
  ASSIGN_OR_RETURN(const std::unique_ptr<OperatorClient> client, OperatorClient::Open(options));
  // The server may run in another folder than the command.
  const std::string to = to_.empty() ? "" : std::filesystem::absolute(to_).string();
  const auto answer = client->Call({.method = "POST",
                                    .target = "/master-key/rotate",
                                    .body = FormatBody({{"to", to}, {"token", token_}, {"keyLabel", key_label_}})});
  telemetry::FlushLog();
  if (!answer) return std::unexpected(answer.error());
  TellRotation(*answer, !token_.empty());
  return {};
}

}  // namespace firmsign::cli
