// SPDX-License-Identifier: Apache-2.0

#include "apps/cli/authority.h"

#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "apps/cli/operator_client.h"
#include "platform/crypto/key.h"
#include "platform/telemetry/log.h"

namespace firmsign::cli {
namespace {

Expected<std::string> RequiredText(const json::Value& value, std::string_view name) {
  const json::Value* member = value.Find(name);
  if (member != nullptr && member->AsString() != nullptr) return *member->AsString();
  return Fail(Code::kUnavailable, fmt::format("the server's answer has no {}; is it of another version?", name));
}

// The certificate that `request` is answered with.
Expected<std::string> PrintCertificate(const server::Options& options, const OperatorRequest& request,
                                       std::string_view name) {
  ASSIGN_OR_RETURN(const std::unique_ptr<OperatorClient> client, OperatorClient::Open(options));
  ASSIGN_OR_RETURN(const json::Value answer, client->Call(request));
  ASSIGN_OR_RETURN(std::string certificate, RequiredText(answer, name));
  fmt::print("{}", certificate);
  static_cast<void>(std::fflush(stdout));
  return certificate;
}

// What was done, beside the certificate on the standard output.
void TellRotation(const std::string& certificate, bool revokes_last, bool revokes_all) {
  const auto parsed = crypto::Certificate::FromPem(certificate);
  const std::string name = parsed ? parsed->info().common_name : "a new key";
  fmt::print(stderr, "{} signs from now on.{}\n", name,
             revokes_all    ? " Every key before it is revoked."
             : revokes_last ? " The one issued before it is revoked; what earlier keys have signed stays valid "
                              "(--revoke-all)."
                            : "");
}

}  // namespace

AuthorityCommands::AuthorityCommands(CLI::App& app)
    : authority_(
          app.add_subcommand("authority", "The code-signing authority behind the Lambda and Notation platforms")),
      root_(authority_->add_subcommand("root", "Print its root certificate (PEM), which verifies their signatures")),
      rotate_(
          authority_->add_subcommand("rotate", "Sign with a new key from now on, and print its certificate (PEM)")) {
  authority_->require_subcommand(1);
  CLI::Option* revoke =
      rotate_->add_flag("--revoke", revokes_last_,
                        "Declare invalid what the key that was issued last has signed, because it may have leaked");
  rotate_->add_flag("--revoke-all", revokes_all_, "Declare invalid what every key of the authority has signed")
      ->excludes(revoke);
  for (CLI::App* command : {root_, rotate_}) flags_.AddFolder(*command);
}

bool AuthorityCommands::IsAsked() const { return authority_->parsed(); }

Expected<void> AuthorityCommands::Run() {
  ASSIGN_OR_RETURN(const server::Options options, flags_.Begin());
  const OperatorRequest show{.service = "signer", .method = "GET", .target = "/code-signing-authority"};
  const OperatorRequest rotate{.method = "POST",
                               .target = "/code-signing-authority/rotate",
                               .body = revokes_all_    ? R"({"revokes":"ALL"})"
                                       : revokes_last_ ? R"({"revokes":"LAST"})"
                                                       : "{}"};
  const auto certificate = root_->parsed() ? PrintCertificate(options, show, "rootCertificate")
                                           : PrintCertificate(options, rotate, "signingCertificate");
  if (certificate && rotate_->parsed()) TellRotation(*certificate, revokes_last_, revokes_all_);
  telemetry::FlushLog();
  if (!certificate) return std::unexpected(certificate.error());
  return {};
}

}  // namespace firmsign::cli
