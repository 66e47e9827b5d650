// SPDX-License-Identifier: Apache-2.0
//
// Signature Version 4 against vectors that were not made by us: AWS's own suite, when it lies beside the repository,
// and ours, made with botocore (tests/vectors/sigv4/make.py).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "aws/sigv4/sigv4.h"
#include "base/encoding.h"
#include "platform/crypto/digest.h"
#include "platform/json/json.h"

namespace firmsign::sigv4 {
namespace {

namespace fs = std::filesystem;

std::string Slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << path;
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

json::Value ParseOrDie(const std::string& text) {
  auto value = json::Parse(text);
  EXPECT_TRUE(value) << value.error().message;
  return value ? *value : json::Value();
}

// The members of a vector's object. A member that no test read fails the vector.
class Attributes {
 public:
  explicit Attributes(const json::Value& value) : value_(value) {}
  ~Attributes() {
    for (const auto& [name, unused] : *value_.AsObject()) EXPECT_TRUE(used_.contains(name)) << "unused: " << name;
  }
  Attributes(const Attributes&) = delete;

  const json::Value* Find(const char* name) {
    used_.insert(name);
    return value_.Find(name);
  }
  std::string Text(const char* name) {
    const auto* found = Find(name);
    return found != nullptr && found->AsString() != nullptr ? *found->AsString() : "";
  }
  bool Bool(const char* name) {
    const auto* found = Find(name);
    return found != nullptr && found->AsBool() != nullptr && *found->AsBool();
  }

 private:
  const json::Value& value_;
  std::set<std::string> used_;
};

// The request of a text file: request line, name:value lines where a line that begins with a blank continues the one
// before (RFC 9112 §5.2; our server refuses these, the suite has one), an empty line, body.
struct WireMessage {
  http::RequestHead head;
  std::string body;
};

WireMessage ReadWire(const std::string& text) {
  WireMessage message;
  std::istringstream in(text);
  std::string line;
  std::getline(in, line);
  message.head.method = line.substr(0, line.find(' '));
  const auto begin = line.find(' ') + 1;
  message.head.target = line.substr(begin, line.rfind(' ') - begin);
  std::vector<std::pair<std::string, std::string>> fields;
  while (std::getline(in, line) && !line.empty()) {
    if (line.front() == ' ') {
      fields.back().second += line;
    } else {
      fields.emplace_back(line.substr(0, line.find(':')), line.substr(line.find(':') + 1));
    }
  }
  for (auto& [name, value] : fields) message.head.headers.Add(name, value);
  std::ostringstream rest;
  rest << in.rdbuf();
  message.body = rest.str();
  while (message.body.ends_with('\n')) message.body.pop_back();
  return message;
}

struct Context {
  SecretBytes secret;
  std::string access_key, token, region, service;
  Instant now;
  std::int64_t expires_seconds = 0;
  PathRule rule = PathRule::kS3;
  bool sign_body = false;
  bool token_added_after_signing = false;
};

Context ReadContext(const fs::path& path) {
  const auto value = ParseOrDie(Slurp(path));
  Attributes attributes(value);
  const auto* credentials = attributes.Find("credentials");
  Attributes keys(*credentials);
  Context context;
  context.secret = SecretBytes(keys.Text("secret_access_key"));
  context.access_key = keys.Text("access_key_id");
  context.token = keys.Text("token");
  context.region = attributes.Text("region");
  context.service = attributes.Text("service");
  context.now = *ParseIso8601(attributes.Text("timestamp"));
  context.expires_seconds = *attributes.Find("expiration_in_seconds")->AsInt();
  // The suite's paths hold no escapes, so S3's rule gives what "not normalised" demands.
  context.rule = attributes.Bool("normalize") ? PathRule::kNormalizeAndEncodeTwice : PathRule::kS3;
  context.sign_body = attributes.Bool("sign_body");
  context.token_added_after_signing = attributes.Bool("omit_session_token");
  return context;
}

class AwsSuite : public ::testing::Test {
 protected:
  // The text of a file of the case; remembers that it was used.
  std::string File(const std::string& name) {
    used_.insert(name);
    return Slurp(folder_ / name);
  }

  void CheckForm(const Context& context, const std::string& form) {
    auto message = ReadWire(File(form + "-signed-request.txt"));
    const auto claim = ReadClaim(message.head);
    ASSERT_TRUE(claim) << claim.error().message;
    EXPECT_EQ(claim->presigned, form == "query");
    EXPECT_EQ(claim->access_key.str(), context.access_key);
    EXPECT_EQ(claim->scope.region, context.region);
    EXPECT_EQ(claim->scope.service, context.service);
    EXPECT_EQ(claim->date, context.now);
    EXPECT_EQ(claim->security_token, context.token);
    EXPECT_EQ(claim->signature, File(form + "-signature.txt"));
    if (claim->presigned) {
      EXPECT_EQ(claim->expires_seconds, context.expires_seconds);
    }

    const auto key = SigningKey(context.secret, claim->scope);
    const auto hash = crypto::Sha256Hex(message.body);
    if (context.token_added_after_signing) {
      // Accepting a token that the signature does not cover is a choice of single services; we do not take it.
      EXPECT_NE(Verify(message.head, *claim, context.rule, hash, key, context.now).verdict, Verdict::kValid);
      RemoveToken(message.head);
    }
    const auto canonical = CanonicalRequest(message.head, *claim, context.rule, hash);
    EXPECT_EQ(canonical, File(form + "-canonical-request.txt"));
    EXPECT_EQ(StringToSign(*claim, canonical), File(form + "-string-to-sign.txt"));
    EXPECT_EQ(Verify(message.head, *claim, context.rule, hash, key, context.now).verdict, Verdict::kValid);
  }

  static void RemoveToken(http::RequestHead& head) {
    head.headers.Remove("x-amz-security-token");
    const auto begin = head.target.find("&X-Amz-Security-Token=");
    if (begin == std::string::npos) return;
    const auto end = head.target.find('&', begin + 1);
    head.target.erase(begin, end == std::string::npos ? end : end - begin);
  }

  // The unsigned request, signed by us, verifies and has the suite's signature where the header order is free.
  void CheckSigner(const Context& context) {
    auto message = ReadWire(File("request.txt"));
    if (context.rule == PathRule::kS3) return;  // our signer adds x-amz-content-sha256 for S3, the suite does not
    const auto hash = crypto::Sha256Hex(message.body);
    if (context.sign_body) message.head.headers.Set("x-amz-content-sha256", hash);
    const auto token = context.token_added_after_signing ? std::string() : context.token;
    const Credentials credentials{AccessKeyId(context.access_key), context.secret, token};
    SignRequest(message.head, credentials, context.region, context.service, context.rule, hash, context.now);
    const auto claim = ReadClaim(message.head);
    ASSERT_TRUE(claim);
    EXPECT_EQ(claim->signature, File("header-signature.txt"));
  }

  void CheckAllUsed() {
    for (const auto& entry : fs::directory_iterator(folder_)) {
      EXPECT_TRUE(used_.contains(entry.path().filename().string())) << "unused: " << entry.path();
    }
  }

  fs::path folder_;
  std::set<std::string> used_;
};

TEST_F(AwsSuite, EveryStepOfEveryCaseAgrees) {
  const auto root = fs::path(FIRMSIGN_SOURCE_DIR) / "../shared/vectors/sigv4/v4";
  if (!fs::exists(root)) GTEST_SKIP() << "AWS's suite is not beside the repository: " << root;
  int cases = 0;
  for (const auto& entry : fs::directory_iterator(root)) {
    SCOPED_TRACE(entry.path().filename().string());
    folder_ = entry.path();
    used_ = {"context.json"};
    const auto context = ReadContext(folder_ / "context.json");
    CheckForm(context, "header");
    CheckForm(context, "query");
    CheckSigner(context);
    CheckAllUsed();
    ++cases;
  }
  EXPECT_EQ(cases, 38);
}

void CheckRequest(Attributes& attributes, const std::string& access_key, const SecretBytes& secret, Instant now) {
  const bool s3 = attributes.Bool("s3");
  const auto rule = s3 ? PathRule::kS3 : PathRule::kNormalizeAndEncodeTwice;
  http::RequestHead head;
  head.method = attributes.Text("method");
  head.target = attributes.Text("target");
  for (const auto& field : *attributes.Find("headers")->AsArray()) {
    head.headers.Add(*(*field.AsArray())[0].AsString(), *(*field.AsArray())[1].AsString());
  }
  const auto claim = ReadClaim(head);
  ASSERT_TRUE(claim) << claim.error().message;
  EXPECT_EQ(claim->presigned, attributes.Bool("presigned"));
  EXPECT_EQ(claim->access_key.str(), access_key);
  EXPECT_EQ(claim->scope.region, attributes.Text("region"));
  EXPECT_EQ(claim->scope.service, attributes.Text("service"));
  EXPECT_EQ(claim->security_token, attributes.Text("token"));
  EXPECT_EQ(claim->signature, attributes.Text("signature"));
  auto hash = crypto::Sha256Hex(attributes.Text("body"));
  if (s3) hash = claim->presigned ? kUnsignedPayload : head.headers.Get("x-amz-content-sha256");
  const auto result = Verify(head, *claim, rule, hash, SigningKey(secret, claim->scope), now);
  EXPECT_EQ(result.verdict, Verdict::kValid) << result.message;
  EXPECT_EQ(result.canonical_request, attributes.Text("canonical_request"));
  EXPECT_EQ(result.string_to_sign, attributes.Text("string_to_sign"));

  if (claim->presigned) return;
  const Credentials credentials{AccessKeyId(access_key), secret, attributes.Text("token")};
  SignRequest(head, credentials, claim->scope.region, claim->scope.service, rule, hash, now);
  EXPECT_EQ(ReadClaim(head)->signature, claim->signature);
}

TEST(BotocoreVectors, EveryStepOfEveryRequestAgrees) {
  const auto file = ParseOrDie(Slurp(fs::path(FIRMSIGN_SOURCE_DIR) / "tests/vectors/sigv4/requests.json"));
  Attributes attributes(file);
  const auto access_key = attributes.Text("access_key");
  const SecretBytes secret(attributes.Text("secret"));
  const auto now = *ParseBasicIso8601(attributes.Text("now"));
  const auto& cases = *attributes.Find("cases")->AsArray();
  EXPECT_GE(cases.size(), 27U);
  for (const auto& one : cases) {
    Attributes request(one);
    SCOPED_TRACE(request.Text("name"));
    CheckRequest(request, access_key, secret, now);
  }
}

}  // namespace
}  // namespace firmsign::sigv4
