// SPDX-License-Identifier: Apache-2.0

#include "apps/cli/server_flags.h"

#include "apps/server/serve.h"
#include "platform/telemetry/log.h"

namespace firmsign::cli {

void ServerFlags::AddFolder(CLI::App& command) {
  command.add_option("--data", data_, "The data folder")->type_name("DIR");
  command
      .add_option("--database", database_,
                  "A PostgreSQL database, postgres://USER@HOST/NAME (default: the file DIR/firmsign.db)")
      ->type_name("URL");
  command.add_option("--config", config_, "A configuration file (TOML); --print-config shows one")->type_name("FILE");
  // One value each time, so that it takes no argument that is not its own.
  command.add_option("--set", settings_, "Set one option of the configuration: --set limits.enabled=false")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
}

void ServerFlags::AddFirstAccount(CLI::App& command) {
  command.add_option("--account", account_, "The id of the first account, 12 digits (default: a random one)")
      ->type_name("ID");
}

void ServerFlags::AddListen(CLI::App& command) {
  command.add_option("--listen", listen_, "Where to serve the API (default 127.0.0.1:8780)")->type_name("HOST:PORT");
  command
      .add_option("--admin-listen", admin_listen_, "Where to serve /healthz, /readyz and /metrics (default: nowhere)")
      ->type_name("HOST:PORT");
  command.add_option("--tls-certificate", tls_certificate_, "Serve HTTPS with this certificate (PEM, leaf first)")
      ->type_name("FILE");
  command.add_option("--tls-key", tls_key_, "The key of --tls-certificate (PEM)")->type_name("FILE");
}

Expected<server::Options> ServerFlags::Read() const {
  server::Options options;
  if (!config_.empty()) RETURN_IF_ERROR(server::ApplyToml(config_, options));
  for (const std::string& setting : settings_) RETURN_IF_ERROR(server::ApplySetting(setting, options));
  const auto take = [](const std::string& flag, std::string& field) {
    if (!flag.empty()) field = flag;
  };
  take(data_, options.data);
  take(account_, options.account);
  take(database_, options.database.url);
  take(listen_, options.listen.address);
  take(admin_listen_, options.listen.admin_address);
  take(tls_certificate_, options.listen.tls_certificate);
  take(tls_key_, options.listen.tls_key);
  return options;
}

Expected<server::Options> ServerFlags::Begin() const {
  ASSIGN_OR_RETURN(server::Options options, Read());
  server::DecideCoreDumps(options.core_dumps);
  server::KeepFilesPrivate();
  telemetry::StartLog(telemetry::Level::kWarning, telemetry::Format::kText);
  return options;
}

}  // namespace firmsign::cli
