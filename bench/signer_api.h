// SPDX-License-Identifier: Apache-2.0
//
// The three Signer operations that the driver calls, each request freshly signed.

#pragma once

#include <string>
#include <vector>

#include "aws/sigv4/sigv4.h"
#include "bench/arguments.h"
#include "bench/client.h"
#include "platform/json/json.h"

namespace firmsign::bench {

struct Image {
  std::string key;
  std::string version;
};

// Whom to call and what to sign. Thread safety: immutable.
struct Target {
  std::vector<std::string> addresses;     // of every node
  std::vector<std::int64_t> server_pids;  // of every process whose CPU time counts
  sigv4::Credentials credentials;
  std::string bucket;
  std::string profile;
  std::vector<Image> images;

  // --address HOST:PORT,... --server-pid PID,... --credentials FILE --bucket --profile --images FILE (a line each: key,
  // blank, version). kInvalid: one is missing, or a file does not hold what it should.
  static Expected<Target> From(const Arguments& arguments);
};

// One connection to the server. Thread safety: confined; `target` outlives it.
class SignerApi {
 public:
  // To one of the nodes: clients with different numbers are spread over them.
  static Expected<SignerApi> Connect(const Target& target, std::size_t number = 0);

  // Starts a job with a token of its own; its id.
  Expected<std::string> StartSigningJob(const Image& image);
  // The job's status. kInvalid when it is Failed.
  Expected<std::string> DescribeSigningJob(const std::string& job);

  struct Page {
    std::vector<std::string> jobs;
    std::string next_token;  // empty on the last page
  };
  // The newest jobs of that status come first.
  Expected<Page> ListSigningJobs(const std::string& status, const std::string& token);

 private:
  SignerApi(const Target& target, Client client) : target_(target), client_(std::move(client)) {}
  Expected<json::Value> Call(std::string method, std::string path, std::string_view body);

  const Target& target_;
  Client client_;
};

}  // namespace firmsign::bench
