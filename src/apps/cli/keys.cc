// SPDX-License-Identifier: Apache-2.0

#include "apps/cli/keys.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "apps/cli/answer.h"
#include "apps/cli/operator_client.h"
#include "platform/json/json.h"
#include "platform/telemetry/log.h"

namespace firmsign::cli {
namespace {

// The server may run in another folder than the command.
std::string BodyOf(const std::string& to) {
  std::string body;
  json::Writer writer(body);
  writer.BeginObject();
  if (!to.empty()) {
    writer.Name("to");
    writer.String(std::filesystem::absolute(to).string());
  }
  writer.EndObject();
  return body;
}

void TellRotation(const std::string& file, const std::string& previous) {
  fmt::print("The new master key is in {}. Save a copy of it: without it no stored key can be opened.\n", file);
  if (previous.empty()) {
    fmt::print(
        "Make this file the master key of every node before it starts again. The one before opens what was backed up "
        "until now, and nothing else.\n");
  } else {
    fmt::print(
        "The one before is in {}. It opens what was backed up until now, and nothing else.\n"
        "Nodes that do not share the file go on, and need a copy of the new key before they start again.\n",
        previous);
  }
}

}  // namespace

KeyCommands::KeyCommands(CLI::App& app)
    : keys_(app.add_subcommand("keys", "The keys under which secrets are sealed at rest")),
      rotate_master_(keys_->add_subcommand("rotate-master", "Make a new master key; whoever serves goes on serving")) {
  keys_->require_subcommand(1);
  rotate_master_
      ->add_option("--to", to_, "Write it to this new file, instead of replacing the present one in its place")
      ->type_name("FILE");
  flags_.AddFolder(*rotate_master_);
}

bool KeyCommands::IsAsked() const { return keys_->parsed(); }

Expected<void> KeyCommands::Run() {
  ASSIGN_OR_RETURN(const server::Options options, flags_.Begin());
  ASSIGN_OR_RETURN(const std::unique_ptr<OperatorClient> client, OperatorClient::Open(options));
  const auto answer = client->Call({.method = "POST", .target = "/master-key/rotate", .body = BodyOf(to_)});
  telemetry::FlushLog();
  if (!answer) return std::unexpected(answer.error());
  TellRotation(TextAt(*answer, "masterKeyFile"), TextAt(*answer, "previousKeyFile"));
  return {};
}

}  // namespace firmsign::cli
