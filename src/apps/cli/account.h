// SPDX-License-Identifier: Apache-2.0
//
// firmsign account: the operator's commands over the accounts of a deployment.

#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "apps/cli/server_flags.h"
#include "base/error.h"

namespace firmsign::cli {

// The command with its subcommands. Thread safety: confined.
class AccountCommands {
 public:
  // Adds it to `app`, which must not outlive this.
  explicit AccountCommands(CLI::App& app);
  AccountCommands(const AccountCommands&) = delete;
  AccountCommands& operator=(const AccountCommands&) = delete;

  bool IsAsked() const;
  // `create` prints the root access key of the new account once, as a profile of an AWS credentials file, or appends it
  // to such a file. `list` prints a line for each account.
  Expected<void> Run();

 private:
  Expected<void> Create(const server::Options& options);
  Expected<void> List(const server::Options& options);

  ServerFlags flags_;
  CLI::App* account_;
  CLI::App* create_;
  CLI::App* list_;
  std::string name_;
  std::string account_id_;
  std::string output_;
};

}  // namespace firmsign::cli
