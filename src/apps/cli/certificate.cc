// SPDX-License-Identifier: Apache-2.0

#include "apps/cli/certificate.h"

#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "apps/cli/answer.h"
#include "apps/cli/operator_client.h"
#include "platform/files/file.h"
#include "platform/telemetry/log.h"

namespace firmsign::cli {
namespace {

constexpr std::size_t kPemBytesMax = 512 << 10;  // as the model

}  // namespace

CertificateCommands::CertificateCommands(CLI::App& app)
    : certificate_(app.add_subcommand("certificate", "Certificates whose keys lie in hardware tokens")),
      attach_(
          certificate_->add_subcommand("attach", "Make a certificate of ACM whose key a token holds; prints its ARN")) {
  certificate_->require_subcommand(1);
  attach_->add_option("--token", token_, "The token, as the option pkcs11.tokens calls it")
      ->required()
      ->type_name("NAME");
  attach_->add_option("--certificate", certificate_file_, "The certificate (PEM)")->required()->type_name("FILE");
  attach_->add_option("--chain", chain_file_, "Its chain (PEM), unless it is self-signed")->type_name("FILE");
  attach_->add_option("--key-id", key_id_, "The key's CKA_ID, if the certificate shall not find it")->type_name("HEX");
  attach_->add_option("--key-label", key_label_, "The key's CKA_LABEL, likewise")->type_name("TEXT");
  attach_->add_option("--account-id", account_id_, "Whose certificate it is (default: the first account's)")
      ->type_name("ID");
  attach_->add_option("--region", region_, "Where profiles will use it (default: the first of the server's)")
      ->type_name("REGION");
  attach_->add_option("--certificate-arn", certificate_arn_, "A certificate of ACM in whose place it comes")
      ->type_name("ARN");
  flags_.AddFolder(*attach_);
}

bool CertificateCommands::IsAsked() const { return certificate_->parsed(); }

Expected<void> CertificateCommands::Run() {
  ASSIGN_OR_RETURN(const server::Options options, flags_.Begin());
  ASSIGN_OR_RETURN(const std::string certificate, files::ReadWholeFile(certificate_file_, kPemBytesMax));
  std::string chain;
  if (!chain_file_.empty()) {
    ASSIGN_OR_RETURN(chain, files::ReadWholeFile(chain_file_, kPemBytesMax));
  }
  const std::string body = FormatBody({{"token", token_},
                                       {"certificate", certificate},
                                       {"certificateChain", chain},
                                       {"keyId", key_id_},
                                       {"keyLabel", key_label_},
                                       {"certificateArn", certificate_arn_},
                                       {"region", region_}});
  ASSIGN_OR_RETURN(const std::unique_ptr<OperatorClient> client, OperatorClient::Open(options));
  const auto answer = client->Call({.method = "POST", .target = "/certificates", .body = body, .account = account_id_});
  telemetry::FlushLog();
  if (!answer) return std::unexpected(answer.error());
  fmt::print("{}\n", TextAt(*answer, "certificateArn"));
  return {};
}

}  // namespace firmsign::cli
