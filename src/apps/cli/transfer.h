// SPDX-License-Identifier: Apache-2.0
//
// firmsign migrate, backup and restore: the command line of the transfer of deployments (apps/server/transfer.h).

#pragma once

#include <CLI/CLI.hpp>

#include "apps/server/transfer.h"
#include "base/error.h"

namespace firmsign::cli {

// The three commands. Thread safety: confined.
class TransferCommands {
 public:
  // Adds them to `app`, which must not outlive this.
  explicit TransferCommands(CLI::App& app);
  TransferCommands(const TransferCommands&) = delete;
  TransferCommands& operator=(const TransferCommands&) = delete;

  // Whether one of them was given.
  bool IsAsked() const;
  // Runs it: a line on standard output for each table, and one at the end that says what was verified.
  Expected<void> Run();

 private:
  CLI::App* migrate_;
  CLI::App* backup_;
  CLI::App* restore_;
  server::TransferOptions options_;
};

}  // namespace firmsign::cli
