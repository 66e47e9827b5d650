// SPDX-License-Identifier: Apache-2.0
//
// `firmsign certificate attach`: a certificate whose key lies in a hardware token, for the operator.

#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "apps/cli/server_flags.h"
#include "base/error.h"

namespace firmsign::cli {

// Thread safety: confined.
class CertificateCommands {
 public:
  explicit CertificateCommands(CLI::App& app);

  bool IsAsked() const;
  Expected<void> Run();

 private:
  CLI::App* certificate_;
  CLI::App* attach_;
  ServerFlags flags_;
  std::string token_;
  std::string certificate_file_;
  std::string chain_file_;
  std::string key_id_;
  std::string key_label_;
  std::string account_id_;
  std::string region_;
  std::string certificate_arn_;
};

}  // namespace firmsign::cli
