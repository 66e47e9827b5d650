// SPDX-License-Identifier: Apache-2.0
//
// `firmsign keys rotate-master`: a new master key, for the operator.

#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "apps/cli/server_flags.h"
#include "base/error.h"

namespace firmsign::cli {

// Thread safety: confined.
class KeyCommands {
 public:
  explicit KeyCommands(CLI::App& app);

  bool IsAsked() const;
  Expected<void> Run();

 private:
  CLI::App* keys_;
  CLI::App* rotate_master_;
  ServerFlags flags_;
  std::string to_;
  std::string token_;
  std::string key_label_;
};

}  // namespace firmsign::cli
