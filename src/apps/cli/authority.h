// SPDX-License-Identifier: Apache-2.0
//
// `firmsign authority`: the certificates of the code-signing authority, and its next key, for the operator.

#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "apps/cli/server_flags.h"
#include "base/error.h"

namespace firmsign::cli {

// Thread safety: confined.
class AuthorityCommands {
 public:
  explicit AuthorityCommands(CLI::App& app);

  bool IsAsked() const;
  Expected<void> Run();

 private:
  CLI::App* authority_;
  CLI::App* root_;
  CLI::App* rotate_;
  ServerFlags flags_;
  bool revokes_last_ = false;
  bool revokes_all_ = false;
};

}  // namespace firmsign::cli
