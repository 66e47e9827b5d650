// SPDX-License-Identifier: Apache-2.0
//
// The options of a deployment as they stand on the command line, for every command that opens or serves one.

#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "apps/server/options.h"
#include "base/error.h"

namespace firmsign::cli {

// Where CLI11 puts what it reads. A file is read first, then --set, then the flags. Thread safety: confined.
class ServerFlags {
 public:
  // What says where a deployment lies: --data, --database, --config, --set.
  void AddFolder(CLI::App& command);
  void AddFirstAccount(CLI::App& command);
  void AddListen(CLI::App& command);

  // kInvalid: an unknown option or a bad value.
  Expected<server::Options> Read() const;
  // The same, and what every command of the operator begins with: core dumps and modes of files as they should be, and
  // a log of warnings alone, since what a server would log of each request is of no use there.
  Expected<server::Options> Begin() const;

 private:
  std::string config_;
  std::string data_;
  std::string account_;
  std::string database_;
  std::string listen_;
  std::string admin_listen_;
  std::string tls_certificate_;
  std::string tls_key_;
  std::vector<std::string> settings_;
};

}  // namespace firmsign::cli
