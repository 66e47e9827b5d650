// SPDX-License-Identifier: Apache-2.0
//
// firmsign: the program. Each command is a function; this file reads the command line.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "apps/cli/account.h"
#include "apps/cli/server_flags.h"
#include "apps/cli/sign.h"
#include "apps/cli/transfer.h"
#include "apps/cli/verify.h"
#include "apps/server/options.h"
#include "apps/server/serve.h"

namespace {

using firmsign::Expected;
using firmsign::server::Options;

Expected<void> RunServer(const firmsign::cli::ServerFlags& flags, Expected<void> (*run)(const Options&)) {
  ASSIGN_OR_RETURN(const Options options, flags.Read());
  firmsign::server::DecideCoreDumps(options.core_dumps);
  firmsign::server::KeepFilesPrivate();
  return run(options);
}

int Exit(const Expected<void>& done) {
  if (done) return 0;
  fmt::print(stderr, "firmsign: {}\n", done.error().message);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  // Before anything secret is read; the option that turns them back on is not known yet.
  firmsign::server::ForbidCoreDumps();
  CLI::App app{"Firmsign signs firmware: a self-hosted AWS Signer. Start with `firmsign serve --data DIR`."};
  app.set_version_flag("--version", "firmsign " FIRMSIGN_VERSION);
  app.require_subcommand(0, 1);
  bool print_config = false;
  bool print_reference = false;
  app.add_flag("--print-config", print_config, "Print a configuration file with every option at its default");
  app.add_flag("--print-options-reference", print_reference, "Print a table of every option in Markdown");

  firmsign::cli::ServerFlags flags;
  CLI::App* init = app.add_subcommand("init", "Make a data folder, its master key, the first account and its root key");
  flags.AddFolder(*init);
  flags.AddFirstAccount(*init);
  CLI::App* serve = app.add_subcommand("serve", "Serve the API; makes the data folder if it is missing");
  flags.AddFolder(*serve);
  flags.AddFirstAccount(*serve);
  flags.AddListen(*serve);

  firmsign::cli::SignOptions sign_options;
  CLI::App* sign = app.add_subcommand("sign", "Sign an image: upload it, start a job, wait, fetch the signed object");
  sign->add_option("image", sign_options.image, "The firmware image")->required()->type_name("IMAGE");
  sign->add_option("--profile", sign_options.profile, "The signing profile")->required()->type_name("NAME");
  sign->add_option("--output", sign_options.out, "Where to write the signed object (default: IMAGE.signed)")
      ->type_name("FILE");
  sign->add_option("--bucket", sign_options.bucket, "The bucket for image and signed object (made if it is missing)")
      ->type_name("NAME");
  firmsign::cli::AddClientOptions(*sign, sign_options.client);

  firmsign::cli::VerifyOptions verify_options;
  CLI::App* verify = app.add_subcommand("verify", "Check a signed object against the image and the certificate");
  verify->add_option("image", verify_options.image, "The firmware image")->required()->type_name("IMAGE");
  verify->add_option("--signed-object", verify_options.signed_object, "What the signing job wrote")
      ->required()
      ->type_name("FILE");
  verify->add_option("--certificate", verify_options.certificate, "The code-signing certificate (PEM)")
      ->required()
      ->type_name("FILE");

  firmsign::cli::TransferCommands transfer(app);
  firmsign::cli::AccountCommands account(app);

  CLI11_PARSE(app, argc, argv);
  if (print_config) {
    fmt::print("{}", firmsign::server::SampleConfiguration());
    return 0;
  }
  if (print_reference) {
    fmt::print("{}", firmsign::server::OptionsReference());
    return 0;
  }
  if (*init) return Exit(RunServer(flags, &firmsign::server::Init));
  if (*serve) return Exit(RunServer(flags, &firmsign::server::Serve));
  if (*sign) return Exit(firmsign::cli::Sign(sign_options));
  if (*verify) return Exit(firmsign::cli::Verify(verify_options));
  if (transfer.IsAsked()) return Exit(transfer.Run());
  if (account.IsAsked()) return Exit(account.Run());
  fmt::print("{}", app.help());
  return 0;
}
