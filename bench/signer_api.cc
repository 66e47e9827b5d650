// SPDX-License-Identifier: Apache-2.0

#include "bench/signer_api.h"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "base/encoding.h"
#include "base/random.h"
#include "base/time.h"
#include "platform/crypto/digest.h"
#include "platform/crypto/seal.h"

namespace firmsign::bench {
namespace {

// As bench/run writes it: AWS's credentials file with one profile.
Expected<sigv4::Credentials> ReadCredentials(const std::string& path) {
  std::ifstream file(path);
  sigv4::Credentials credentials;
  std::string name;
  std::string equals;
  std::string value;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    if (!(words >> name >> equals >> value) || equals != "=") continue;
    if (name == "aws_access_key_id") credentials.access_key = AccessKeyId(value);
    if (name == "aws_secret_access_key") credentials.secret = SecretBytes(value);
  }
  if (credentials.access_key.empty() || credentials.secret.empty()) {
    return Fail(Code::kInvalid, "the credentials file holds no access key");
  }
  return credentials;
}

Expected<std::string> TextOf(const json::Value& object, std::string_view name) {
  const json::Value* member = object.Find(name);
  if (member == nullptr || member->AsString() == nullptr) {
    return Fail(Code::kInvalid, fmt::format("the answer has no {}", name));
  }
  return *member->AsString();
}

// One UUID a thread and a number behind it: a UUID from the kernel for each request would cost what the server lacks.
std::string FreshToken() {
  thread_local const std::string prefix = MakeUuid(crypto::SystemRandom());
  thread_local std::uint64_t next = 0;
  return fmt::format("{}-{}", prefix, next++);
}

}  // namespace

Expected<Target> Target::From(const Arguments& arguments) {
  Target target;
  ASSIGN_OR_RETURN(target.addresses, arguments.Texts("address"));
  ASSIGN_OR_RETURN(target.server_pids, arguments.Numbers("server-pid"));
  ASSIGN_OR_RETURN(target.bucket, arguments.Text("bucket"));
  ASSIGN_OR_RETURN(target.profile, arguments.Text("profile"));
  ASSIGN_OR_RETURN(const std::string credentials, arguments.Text("credentials"));
  ASSIGN_OR_RETURN(target.credentials, ReadCredentials(credentials));
  ASSIGN_OR_RETURN(const std::string images, arguments.Text("images"));
  std::ifstream file(images);
  for (Image image; file >> image.key >> image.version;) target.images.push_back(image);
  if (target.images.empty()) return Fail(Code::kInvalid, "--images names a file without images");
  return target;
}

Expected<SignerApi> SignerApi::Connect(const Target& target, std::size_t number) {
  ASSIGN_OR_RETURN(Client client, Client::Connect(target.addresses[number % target.addresses.size()]));
  return SignerApi(target, std::move(client));
}

Expected<json::Value> SignerApi::Call(std::string method, std::string path, std::string_view body) {
  http::RequestHead head;
  head.method = std::move(method);
  head.target = std::move(path);
  head.headers.Add("Host", client_.address());
  if (!body.empty()) head.headers.Add("Content-Type", "application/json");
  sigv4::SignRequest(head, target_.credentials, "us-east-1", "signer", sigv4::PathRule::kNormalizeAndEncodeTwice,
                     crypto::Sha256Hex(body), SystemClock().Now());
  ASSIGN_OR_RETURN(const Reply reply, client_.Send(head, body));
  if (reply.status != 200) {
    return Fail(Code::kInvalid, fmt::format("{} {} was answered with {}: {}", head.method, head.target, reply.status,
                                            reply.body.substr(0, 300)));
  }
  return json::Parse(reply.body);
}

Expected<std::string> SignerApi::StartSigningJob(const Image& image) {
  const std::string body = fmt::format(R"({{"source":{{"s3":{{"bucketName":"{0}","key":"{1}","version":"{2}"}}}},)"
                                       R"("destination":{{"s3":{{"bucketName":"{0}","prefix":"signed/"}}}},)"
                                       R"("profileName":"{3}","clientRequestToken":"{4}"}})",
                                       target_.bucket, image.key, image.version, target_.profile, FreshToken());
  ASSIGN_OR_RETURN(const json::Value answer, Call("POST", "/signing-jobs", body));
  return TextOf(answer, "jobId");
}

Expected<std::string> SignerApi::DescribeSigningJob(const std::string& job) {
  ASSIGN_OR_RETURN(const json::Value answer, Call("GET", "/signing-jobs/" + job, {}));
  ASSIGN_OR_RETURN(std::string status, TextOf(answer, "status"));
  if (status == "Failed") return Fail(Code::kInvalid, fmt::format("job {} failed", job));
  return status;
}

Expected<SignerApi::Page> SignerApi::ListSigningJobs(const std::string& status, const std::string& token) {
  std::string path = "/signing-jobs?maxResults=25&status=" + status;
  if (!token.empty()) path += "&nextToken=" + EncodePercent(token, /*keep_slash=*/false);
  ASSIGN_OR_RETURN(const json::Value answer, Call("GET", std::move(path), {}));
  Page page;
  const json::Value* jobs = answer.Find("jobs");
  if (jobs == nullptr || jobs->AsArray() == nullptr) return Fail(Code::kInvalid, "the answer has no jobs");
  for (const json::Value& job : *jobs->AsArray()) {
    ASSIGN_OR_RETURN(std::string id, TextOf(job, "jobId"));
    page.jobs.push_back(std::move(id));
  }
  if (answer.Find("nextToken") != nullptr) {
    ASSIGN_OR_RETURN(page.next_token, TextOf(answer, "nextToken"));
  }
  return page;
}

}  // namespace firmsign::bench
