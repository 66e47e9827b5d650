// SPDX-License-Identifier: Apache-2.0
//
// firmsign storage: the operator's commands over what a deployment has stored.

#pragma once

#include <CLI/CLI.hpp>

#include "apps/cli/operator_client.h"
#include "apps/cli/server_flags.h"
#include "base/error.h"

namespace firmsign::cli {

// The command with its subcommands. Thread safety: confined.
class StorageCommands {
 public:
  // Adds it to `app`, which must not outlive this.
  explicit StorageCommands(CLI::App& app);
  StorageCommands(const StorageCommands&) = delete;
  StorageCommands& operator=(const StorageCommands&) = delete;

  bool IsAsked() const;
  // `report` prints a line for each bucket and one for each account. `scrub` reads everything and prints a line for
  // each object that is damaged; kCorrupt if there was one.
  Expected<void> Run();

 private:
  ServerFlags flags_;
  CLI::App* storage_;
  CLI::App* report_;
  CLI::App* scrub_;
};

}  // namespace firmsign::cli
