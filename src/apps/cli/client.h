// SPDX-License-Identifier: Apache-2.0
//
// The client side of the API, as small as `firmsign sign` needs it: credentials, SigV4, one call at a time.

#pragma once

#include <string>
#include <string_view>

#include "aws/sigv4/sigv4.h"
#include "base/error.h"
#include "platform/curl/client.h"
#include "platform/json/json.h"

namespace CLI {
class App;
}

namespace firmsign::cli {

// Empty fields are filled from the environment as AWS's tools do it.
struct ClientSettings {
  std::string endpoint;     // else AWS_ENDPOINT_URL, else http://127.0.0.1:8780
  std::string region;       // else AWS_REGION, AWS_DEFAULT_REGION, the credentials file, us-east-1
  std::string credentials;  // else AWS_SHARED_CREDENTIALS_FILE, else ~/.aws/credentials
  std::string ca_bundle;    // else AWS_CA_BUNDLE
};
void AddClientOptions(CLI::App& command, ClientSettings& settings);

// What an answer that is not 2xx stands for: the service's own message, and kNotFound for 404, kConflict for 409,
// kDenied for 403, kInvalid for other 4xx, kUnavailable for the rest.
Error ErrorOf(const curl::ClientResponse& response);

// Thread safety: confined.
class ApiClient {
 public:
  // kInvalid: no credentials; the message says where they were looked for.
  static Expected<ApiClient> Make(const ClientSettings& settings);

  // A signed request. `payload_hash` is for S3 bodies that come from a file; else the body is hashed here. Responses
  // that are not 2xx become errors as ErrorOf says.
  struct Request {
    std::string_view service;  // "s3"
    std::string method;
    std::string target;
    std::variant<std::string, http::FileRange> body;
    std::string payload_hash = {};
    std::string content_type = {};
  };
  Expected<curl::ClientResponse> Send(Request request, const curl::Transfer& transfer = {});
  // The same with a JSON answer.
  Expected<json::Value> SendJson(Request request);

  const std::string& region() const { return region_; }

 private:
  ApiClient(const curl::ClientOptions& options, std::string endpoint, std::string region,
            sigv4::Credentials credentials)
      : client_(std::make_unique<curl::Client>(options)),
        endpoint_(std::move(endpoint)),
        region_(std::move(region)),
        credentials_(std::move(credentials)) {}

  std::unique_ptr<curl::Client> client_;
  std::string endpoint_;
  std::string region_;
  sigv4::Credentials credentials_;
};

}  // namespace firmsign::cli
