// SPDX-License-Identifier: Apache-2.0
//
// The operator's way in, for commands: one call, by DIR/admin.sock when a server holds the folder, else by the same
// pipeline in this process.
//
// Either way the call is parsed, authorised and audited by the pipeline, as the operator's. Who is an operator is a
// matter of the file system: the socket and the folder are for the user that runs Firmsign, and for root.

#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "apps/server/in_process.h"
#include "apps/server/options.h"
#include "base/error.h"
#include "platform/curl/client.h"
#include "platform/json/json.h"

namespace firmsign::cli {

struct OperatorRequest {
  std::string service = "firmsign";  // signing name of the service; not S3, whose bodies are streams
  std::string method;
  std::string target;  // path and query, encoded
  std::string body;    // JSON; empty: none
  // In whose name; empty: the first account's.
  std::string account = {};
  // Further ones, such as X-Amz-Target.
  std::vector<std::pair<std::string, std::string>> headers = {};
};

// Thread safety: confined.
class OperatorClient {
 public:
  // Waits a few seconds for a folder that is held by a process that does not listen: a server that starts or ends, or
  // another command.
  //
  // kNotFound: there is no deployment. Else codes as server::InProcess::Open.
  static Expected<std::unique_ptr<OperatorClient>> Open(const server::Options& options);

  // The answer's JSON. An answer that is not 2xx becomes an error with the service's own message: kNotFound for 404,
  // kConflict for 409, kDenied for 403, kInvalid for other 4xx, kUnavailable for the rest. kUnavailable also: no answer
  // came, so that it is not known whether the call was carried out.
  Expected<json::Value> Call(const OperatorRequest& request);

 private:
  explicit OperatorClient(std::string socket) : socket_(std::move(socket)), curl_(curl::ClientOptions{}) {}
  explicit OperatorClient(std::unique_ptr<server::InProcess> process)
      : process_(std::move(process)), curl_(curl::ClientOptions{}) {}

  std::unique_ptr<server::InProcess> process_;  // null: there is a server
  std::string socket_;
  curl::Client curl_;
};

}  // namespace firmsign::cli
