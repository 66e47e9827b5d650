// SPDX-License-Identifier: Apache-2.0

#include "apps/cli/client.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <map>

#include "base/encoding.h"
#include "platform/crypto/digest.h"
#include "platform/files/file.h"
#include "platform/xml/xml.h"

namespace firmsign::cli {
namespace {

std::string FromEnvironment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

// The first that is not empty.
std::string First(std::initializer_list<std::string> candidates) {
  for (const std::string& candidate : candidates) {
    if (!candidate.empty()) return candidate;
  }
  return {};
}

// The [default] section of an AWS credentials file.
std::map<std::string, std::string> ReadProfile(std::string_view text) {
  std::map<std::string, std::string> values;
  bool is_default = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = TrimBlanks(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with('[')) is_default = line == "[default]";
    const std::size_t equals = line.find('=');
    if (!is_default || line.starts_with('#') || equals == std::string_view::npos) continue;
    values.emplace(TrimBlanks(line.substr(0, equals)), TrimBlanks(line.substr(equals + 1)));
  }
  return values;
}

// What the service says went wrong, whichever protocol it speaks.
std::string MessageOf(const curl::ClientResponse& response) {
  if (const auto value = json::Parse(response.body)) {
    for (const std::string_view name : {"message", "Message"}) {
      const json::Value* message = value->Find(name);
      if (message != nullptr && message->AsString() != nullptr) return *message->AsString();
    }
  }
  if (const auto root = xml::Parse(response.body)) {
    const xml::Element* error = root->Child("Error") != nullptr ? root->Child("Error") : &*root;
    if (const xml::Element* message = error->Child("Message")) return message->text;
  }
  return fmt::format("the server answered with status {}", response.status);
}

Code CodeOf(int status) {
  switch (status) {
    case 403: return Code::kDenied;
    case 404: return Code::kNotFound;
    case 409: return Code::kConflict;
    default: return status >= 400 && status < 500 ? Code::kInvalid : Code::kUnavailable;
  }
}

}  // namespace

Error ErrorOf(const curl::ClientResponse& response) {
  return {.code = CodeOf(response.status), .message = MessageOf(response)};
}

void AddClientOptions(CLI::App& command, ClientSettings& settings) {
  command
      .add_option("--endpoint-url", settings.endpoint,
                  "The server (default: $AWS_ENDPOINT_URL, else http://127.0.0.1:8780)")
      ->type_name("URL");
  command.add_option("--region", settings.region, "The region (default: as the AWS tools find it)")
      ->type_name("REGION");
  command
      .add_option("--credentials", settings.credentials,
                  "An AWS credentials file (default: $AWS_SHARED_CREDENTIALS_FILE, else ~/.aws/credentials)")
      ->type_name("FILE");
  command
      .add_option("--ca-bundle", settings.ca_bundle, "PEM file of the authorities to trust (default: $AWS_CA_BUNDLE)")
      ->type_name("FILE");
}

Expected<ApiClient> ApiClient::Make(const ClientSettings& settings) {
  constexpr std::size_t kFileBytesMax = 1 << 20;
  const std::string path = First({settings.credentials, FromEnvironment("AWS_SHARED_CREDENTIALS_FILE"),
                                  FromEnvironment("HOME") + "/.aws/credentials"});
  std::map<std::string, std::string> file;
  if (auto text = files::ReadWholeFile(path, kFileBytesMax)) {
    file = ReadProfile(*text);
  } else if (!settings.credentials.empty()) {
    return std::unexpected(std::move(text).error());
  }
  // Like AWS's tools: what the command line names wins over the environment, and that over a file found by default.
  const bool uses_environment = settings.credentials.empty() && !FromEnvironment("AWS_ACCESS_KEY_ID").empty();
  sigv4::Credentials credentials;
  credentials.access_key =
      AccessKeyId(uses_environment ? FromEnvironment("AWS_ACCESS_KEY_ID") : file["aws_access_key_id"]);
  credentials.secret =
      SecretBytes(uses_environment ? FromEnvironment("AWS_SECRET_ACCESS_KEY") : file["aws_secret_access_key"]);
  credentials.token = uses_environment ? FromEnvironment("AWS_SESSION_TOKEN") : file["aws_session_token"];
  if (credentials.access_key.empty() || credentials.secret.empty()) {
    return Fail(Code::kInvalid,
                fmt::format("no credentials: neither AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY nor the "
                            "profile [default] in {} gives them. `firmsign init` writes DIR/credentials: "
                            "name it with --credentials.",
                            path));
  }
  std::string endpoint = First({settings.endpoint, FromEnvironment("AWS_ENDPOINT_URL"), "http://127.0.0.1:8780"});
  while (endpoint.ends_with('/')) endpoint.pop_back();
  return ApiClient({.ca_bundle = First({settings.ca_bundle, FromEnvironment("AWS_CA_BUNDLE")})}, std::move(endpoint),
                   First({settings.region, FromEnvironment("AWS_REGION"), FromEnvironment("AWS_DEFAULT_REGION"),
                          file["region"], "us-east-1"}),
                   std::move(credentials));
}

Expected<curl::ClientResponse> ApiClient::Send(Request request, const curl::Transfer& transfer) {
  const bool is_s3 = request.service == "s3";
  const auto* bytes = std::get_if<std::string>(&request.body);
  const std::string hash = bytes != nullptr ? crypto::Sha256Hex(*bytes) : request.payload_hash;
  curl::ClientRequest message{.url_base = endpoint_, .body = std::move(request.body)};
  message.head.method = std::move(request.method);
  message.head.target = std::move(request.target);
  const std::size_t scheme = endpoint_.find("://");
  message.head.headers.Add("Host", scheme == std::string::npos ? endpoint_ : endpoint_.substr(scheme + 3));
  if (!request.content_type.empty()) message.head.headers.Add("Content-Type", std::move(request.content_type));
  sigv4::SignRequest(message.head, credentials_, region_, request.service,
                     is_s3 ? sigv4::PathRule::kS3 : sigv4::PathRule::kNormalizeAndEncodeTwice, hash,
                     SystemClock().Now());
  ASSIGN_OR_RETURN(curl::ClientResponse response, client_->Send(message, transfer));
  if (response.status < 200 || response.status >= 300) return std::unexpected(ErrorOf(response));
  return response;
}

Expected<json::Value> ApiClient::SendJson(Request request) {
  if (request.content_type.empty() && request.method == "POST") request.content_type = "application/json";
  ASSIGN_OR_RETURN(const curl::ClientResponse response, Send(std::move(request)));
  return json::Parse(response.body);
}

}  // namespace firmsign::cli
