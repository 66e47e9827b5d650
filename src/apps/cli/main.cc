// SPDX-License-Identifier: Apache-2.0
//
// firmsign: the program. Each command is a function; this file reads the command line.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "apps/cli/account.h"
#include "apps/cli/authority.h"
#include "apps/cli/certificate.h"
#include "apps/cli/keys.h"
#include "apps/cli/server_flags.h"
#include "apps/cli/sign.h"
#include "apps/cli/storage.h"
#include "apps/cli/transfer.h"
#include "apps/cli/verify.h"
#include "apps/server/options.h"
#include "apps/server/serve.h"
#include "platform/pkcs11/worker.h"

namespace {

using firmsign::Expected;
using firmsign::server::Options;

Expected<void> RunServer(const firmsign::cli::ServerFlags& flags, Expected<void> (*run)(const Options&)) {
  ASSIGN_OR_RETURN(const Options options, flags.Read());
  firmsign::server::DecideCoreDumps(options.core_dumps);
  firmsign::server::KeepFilesPrivate();
  return run(options);
}

CLI::App* AddSign(CLI::App& app, firmsign::cli::SignOptions& options) {
  CLI::App* sign = app.add_subcommand("sign", "Sign an image: upload it, start a job, wait, fetch the signed object");
  sign->add_option("image", options.image, "The firmware image")->required()->type_name("IMAGE");
  sign->add_option("--profile", options.profile, "The signing profile")->required()->type_name("NAME");
  sign->add_option("--output", options.out, "Where to write the signed object (default: IMAGE.signed)")
      ->type_name("FILE");
  sign->add_option("--bucket", options.bucket, "The bucket for image and signed object (made if it is missing)")
      ->type_name("NAME");
  firmsign::cli::AddClientOptions(*sign, options.client);
  return sign;
}

CLI::App* AddVerify(CLI::App& app, firmsign::cli::VerifyOptions& options) {
  CLI::App* verify = app.add_subcommand(
      "verify",
      "Check a signed object against the image and the certificate; or what the authority signed, by its root");
  verify->add_option("image", options.image, "The firmware image, or the signed zip archive or envelope")
      ->required()
      ->type_name("IMAGE");
  CLI::Option* signed_object =
      verify->add_option("--signed-object", options.signed_object, "What the signing job wrote")->type_name("FILE");
  CLI::Option* certificate =
      verify->add_option("--certificate", options.certificate, "The code-signing certificate (PEM)")->type_name("FILE");
  CLI::Option* root = verify->add_option("--root", options.root, "The root that `firmsign authority root` prints (PEM)")
                          ->excludes(signed_object)
                          ->excludes(certificate)
                          ->type_name("FILE");
  verify->add_option("--profile", options.profile, "With --root: the ARN of the profile that must have signed")
      ->needs(root)
      ->type_name("ARN");
  return verify;
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
  // What a server starts for each of its hardware tokens (platform/pkcs11/worker.h); nobody types it.
  if (argc == 3 && std::string_view(argv[1]) == "token-worker") return firmsign::pkcs11::RunWorker(std::atoi(argv[2]));
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
  CLI::App* sign = AddSign(app, sign_options);

  firmsign::cli::VerifyOptions verify_options;
  CLI::App* verify = AddVerify(app, verify_options);

  firmsign::cli::TransferCommands transfer(app);
  firmsign::cli::AccountCommands account(app);
  firmsign::cli::AuthorityCommands authority(app);
  firmsign::cli::StorageCommands storage(app);
  firmsign::cli::CertificateCommands certificate(app);
  firmsign::cli::KeyCommands keys(app);

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
  if (authority.IsAsked()) return Exit(authority.Run());
  if (storage.IsAsked()) return Exit(storage.Run());
  if (certificate.IsAsked()) return Exit(certificate.Run());
  if (keys.IsAsked()) return Exit(keys.Run());
  fmt::print("{}", app.help());
  return 0;
}
