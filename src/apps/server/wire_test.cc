// SPDX-License-Identifier: Apache-2.0
//
// Runs the conversations of tests/wire/<service>/*.wire against the whole server, without sockets. Each file is a test.
//
// A file is a list of requests, each followed by the answer that must come; a line of --- stands between them. Lines
// that begin with # are comments. tests/wire/README.md shows the form.

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "apps/server/deployment.h"
#include "apps/server/wiring.h"
#include "aws/sigv4/sigv4.h"
#include "base/check.h"
#include "base/encoding.h"
#include "platform/crypto/digest.h"
#include "platform/db/testing/databases.h"
#include "platform/http/testing/one_body.h"

namespace firmsign::server {
namespace {

const std::string kRepository = FIRMSIGN_SOURCE_DIR;
constexpr Instant kNow = InstantFromSeconds(1'796'000'000);
constexpr int kTriesMax = 200'000;

using Variables = std::map<std::string, std::string>;

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  CHECK(file.is_open());
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

struct Step {
  int line = 0;  // where it begins
  std::string method;
  std::string target;
  std::string sign;  // "signer us-east-1", and what is wrong with it
  bool awaits = false;
  std::string lost_table;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  int status = 0;
  std::vector<std::pair<std::string, std::string>> expected_headers;
  std::optional<std::string> expected_body;
};

std::string JoinLines(std::string_view text) {
  std::string joined;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    joined += TrimBlanks(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return joined;
}

// Header lines up to an empty one, then the body, whose lines are joined without their indentation.
void TakeMessage(const std::vector<std::string>& lines, std::vector<std::pair<std::string, std::string>>& headers,
                 std::optional<std::string>& body) {
  std::size_t i = 0;
  for (; i < lines.size() && !lines[i].empty(); ++i) {
    const std::size_t colon = lines[i].find(':');
    CHECK(colon != std::string::npos);
    headers.emplace_back(lines[i].substr(0, colon), TrimBlanks(std::string_view(lines[i]).substr(colon + 1)));
  }
  for (++i; i < lines.size(); ++i) {
    if (!lines[i].empty()) body = body.value_or("") + std::string(TrimBlanks(lines[i]));
  }
}

Step ParseStep(const std::vector<std::string>& lines, int first_line) {
  Step step{.line = first_line};
  const auto arrow = std::ranges::find_if(lines, [](const std::string& line) { return line.starts_with("=> "); });
  CHECK(!lines.empty() && arrow != lines.end());
  const std::size_t blank = lines[0].find(' ');
  CHECK(blank != std::string::npos);
  step.method = lines[0].substr(0, blank);
  step.target = lines[0].substr(blank + 1);
  std::optional<std::string> body;
  TakeMessage({lines.begin() + 1, arrow}, step.headers, body);
  step.body = body.value_or("");
  for (auto header = step.headers.begin(); header != step.headers.end();) {
    if (header->first == "sign") step.sign = header->second;
    if (header->first == "await") step.awaits = true;
    if (header->first == "lose") step.lost_table = header->second;
    const bool is_ours = header->first == "sign" || header->first == "await" || header->first == "lose";
    header = is_ours ? step.headers.erase(header) : header + 1;
  }
  step.status = std::stoi(arrow->substr(3));
  TakeMessage({arrow + 1, lines.end()}, step.expected_headers, step.expected_body);
  return step;
}

std::vector<Step> ParseSteps(const std::string& text) {
  std::vector<Step> steps;
  std::vector<std::string> lines;
  std::istringstream input(text);
  std::string line;
  int number = 0;
  int first = 1;
  const auto end_step = [&] {
    steps.push_back(ParseStep(lines, first));
    lines.clear();
  };
  while (std::getline(input, line)) {
    ++number;
    if (line.starts_with('#') || (lines.empty() && line.empty())) continue;
    if (line.starts_with("---")) {
      end_step();
      continue;
    }
    if (lines.empty()) first = number;
    lines.push_back(line);
  }
  end_step();
  return steps;
}

// Replaces ${name} by its value.
std::string Fill(std::string text, const Variables& variables) {
  for (const auto& [name, value] : variables) {
    const std::string mark = "${" + name + "}";
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + value.size())) {
      text.replace(at, mark.size(), value);
    }
  }
  return text;
}

// {uuid}, {word}, {number}, {base64} and {any} stand for any such text; {name:uuid} also keeps it as ${name}.
struct Placeholder {
  std::string name;
  std::string kind;
  std::size_t length = 0;  // in the pattern
};

std::optional<Placeholder> ParsePlaceholder(std::string_view pattern) {
  if (!pattern.starts_with('{')) return std::nullopt;
  const std::size_t close = pattern.find('}');
  if (close == std::string_view::npos) return std::nullopt;
  const std::string_view inside = pattern.substr(1, close - 1);
  const std::size_t colon = inside.find(':');
  Placeholder placeholder{.name = std::string(colon == std::string_view::npos ? "" : inside.substr(0, colon)),
                          .kind = std::string(colon == std::string_view::npos ? inside : inside.substr(colon + 1)),
                          .length = close + 1};
  for (const char* kind : {"uuid", "word", "number", "base64", "any"}) {
    if (placeholder.kind == kind) return placeholder;
  }
  return std::nullopt;
}

bool Belongs(const std::string& kind, char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (kind == "uuid") return std::isxdigit(byte) != 0 || c == '-';
  if (kind == "number") return std::isdigit(byte) != 0 || c == '.' || c == 'E' || c == '-';
  if (kind == "base64") return std::isalnum(byte) != 0 || c == '+' || c == '/' || c == '=';
  return std::isalnum(byte) != 0;
}

bool Matches(std::string_view pattern, std::string_view text, Variables& variables) {
  while (!pattern.empty()) {
    const std::optional<Placeholder> placeholder = ParsePlaceholder(pattern);
    if (!placeholder) {
      if (text.empty() || text.front() != pattern.front()) return false;
      pattern.remove_prefix(1);
      text.remove_prefix(1);
      continue;
    }
    pattern.remove_prefix(placeholder->length);
    std::size_t count = 0;
    if (placeholder->kind == "any") {
      // Up to what follows: the literal before the next placeholder.
      std::size_t literal = 0;
      while (literal < pattern.size() && !ParsePlaceholder(pattern.substr(literal))) ++literal;
      count = literal == 0 ? text.size() : text.find(pattern.substr(0, literal));
      if (literal == pattern.size() && literal != 0) count = text.rfind(pattern);
      if (count == std::string_view::npos) return false;
    } else {
      while (count < text.size() && Belongs(placeholder->kind, text[count])) ++count;
      if (count == 0 || (placeholder->kind == "uuid" && count != 36)) return false;
    }
    if (!placeholder->name.empty()) variables[placeholder->name] = text.substr(0, count);
    text.remove_prefix(count);
  }
  return text.empty();
}

// A whole server over a scratch folder, and over PostgreSQL when that is given.
class World {
 public:
  World(std::unique_ptr<db::testing::PostgresSchema> schema, bool limits) : schema_(std::move(schema)) {
    if (schema_) options_.database.url = schema_->url();
    options_.data = folder_.path() + "/data";
    options_.account = "111122223333";
    options_.limits.enabled = limits;
    options_.signer.threads = 1;
    auto deployment = Deployment::Open(options_, clock_);
    CHECK(deployment.has_value());
    deployment_ = *std::move(deployment);
    auto services = Services::Make(options_, *deployment_, metrics_);
    CHECK(services.has_value());
    services_ = *std::move(services);
    CHECK(services_->Start().has_value());
    const std::string credentials = ReadFile(deployment_->credentials_file());
    key_ = ValueOf(credentials, "aws_access_key_id");
    secret_ = ValueOf(credentials, "aws_secret_access_key");
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World() { services_->Stop(); }

  http::Response Send(const Step& step, const Variables& variables) {
    http::RequestHead head;
    head.method = step.method;
    head.target = Fill(step.target, variables);
    head.headers.Add("Host", "localhost");
    head.peer.address = "127.0.0.1";
    const std::string body = Fill(step.body, variables);
    if (!body.empty()) head.content_length = body.size();
    for (const auto& [name, value] : step.headers) head.headers.Set(name, Fill(value, variables));
    Sign(head, body, Fill(step.sign, variables));

    http::Decision decision = services_->handler().OnHead(std::move(head));
    if (auto* refuse = std::get_if<http::Refuse>(&decision)) return std::move(refuse->response);
    if (auto* buffer = std::get_if<http::Buffer>(&decision)) {
      return body.size() > buffer->body_bytes_max ? buffer->too_large() : buffer->run(body);
    }
    http::testing::OneBody reader(body);
    return std::get<http::Stream>(decision).run(reader);
  }

  // As if the database were damaged: whatever needs the table fails.
  void Lose(const std::string& table) {
    const auto lost = deployment_->database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
      RETURN_IF_ERROR(transaction.Execute("ALTER TABLE " + table + " RENAME TO lost_" + table));
      return {};
    });
    CHECK(lost.has_value());
  }

 private:
  static std::string ValueOf(const std::string& text, const std::string& name) {
    const std::size_t begin = text.find(name);
    CHECK(begin != std::string::npos);
    const std::size_t equals = text.find('=', begin);
    const std::size_t end = text.find('\n', equals);
    return std::string(TrimBlanks(std::string_view(text).substr(equals + 1, end - equals - 1)));
  }

  // "signer us-east-1", perhaps followed by one of: wrong-secret, unknown-key, late; or by "by", a key, its secret and
  // perhaps a session token. "operator" comes by the operator's socket instead of a signature.
  void Sign(http::RequestHead& head, const std::string& body, const std::string& how) const {
    if (how.empty()) return;
    std::istringstream words(how);
    std::string service, region, fault;
    words >> service >> region >> fault;
    if (service == "operator") {
      head.peer = {.address = "", .uid = geteuid(), .tls = false};
      return;
    }
    std::string key = fault == "unknown-key" ? "AKIAUNKNOWNUNKNOWN00" : key_;
    std::string secret = fault == "wrong-secret" ? "guess" : secret_;
    std::string token;
    if (fault == "by") words >> key >> secret >> token;
    CHECK(fault.empty() || fault == "wrong-secret" || fault == "unknown-key" || fault == "late" || fault == "by");
    const Instant now = deployment_->clock().Now();
    const Instant at = fault == "late" ? now - std::chrono::minutes(16) : now;
    sigv4::SignRequest(head, {.access_key = AccessKeyId(key), .secret = SecretBytes(secret), .token = token}, region,
                       service, service == "s3" ? sigv4::PathRule::kS3 : sigv4::PathRule::kNormalizeAndEncodeTwice,
                       crypto::Sha256Hex(body), at);
  }

  const std::unique_ptr<db::testing::PostgresSchema> schema_;
  db::testing::TemporaryFolder folder_;
  FakeClock clock_{kNow};
  telemetry::Metrics metrics_;
  Options options_;
  std::unique_ptr<Deployment> deployment_;
  std::unique_ptr<Services> services_;
  std::string key_;
  std::string secret_;
};

// What differs from the expected answer; empty when nothing does.
std::string Difference(const Step& step, const http::Response& response, Variables& variables) {
  const auto* in_memory = std::get_if<std::string>(&response.body);
  const std::string body = in_memory == nullptr ? "(in files)" : JoinLines(*in_memory);
  if (response.status != step.status) return fmt::format("status is {}, the body {}", response.status, body);
  for (const auto& [name, value] : step.expected_headers) {
    const std::string given(response.headers.Get(name));
    if (!Matches(Fill(value, variables), given, variables)) return fmt::format("{} is '{}'", name, given);
  }
  if (!step.expected_body) return "";
  const std::string expected = *step.expected_body == "(empty)" ? "" : Fill(*step.expected_body, variables);
  return Matches(expected, body, variables) ? "" : "the body is " + body;
}

std::vector<std::string> AllFiles() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kRepository + "/tests/wire")) {
    if (entry.path().extension() == ".wire") files.push_back(entry.path().string());
  }
  std::ranges::sort(files);
  return files;
}

std::vector<std::string> AllDatabases() {
  if (db::testing::PostgresUrl() == nullptr) return {"SQLite"};
  return {"SQLite", "PostgreSQL"};
}

class Wire : public testing::TestWithParam<std::tuple<std::string, std::string>> {};

std::string NameOf(const testing::TestParamInfo<Wire::ParamType>& test) {
  const auto& [file, database] = test.param;
  const std::filesystem::path path(file);
  std::string name = path.parent_path().filename().string() + "_" + path.stem().string();
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return name + "_" + database;
}

INSTANTIATE_TEST_SUITE_P(Conversations, Wire,
                         testing::Combine(testing::ValuesIn(AllFiles()), testing::ValuesIn(AllDatabases())), NameOf);

TEST_P(Wire, GoesAsWritten) {
  const auto& [file, database] = GetParam();
  const std::string conversation = ReadFile(file);
  World world(database == "PostgreSQL" ? std::make_unique<db::testing::PostgresSchema>() : nullptr,
              conversation.starts_with("# With limits"));
  const std::string vectors = kRepository + "/tests/vectors/crypto/";
  Variables variables{{"p256.certificate", EncodeBase64(ReadFile(vectors + "p256.crt.pem"))},
                      {"p256.private_key", EncodeBase64(ReadFile(vectors + "p256.key.pem"))},
                      {"rsa2048.certificate", EncodeBase64(ReadFile(vectors + "rsa2048.crt.pem"))},
                      {"rsa2048.private_key", EncodeBase64(ReadFile(vectors + "rsa2048.key.pem"))}};
  for (const Step& step : ParseSteps(conversation)) {
    if (!step.lost_table.empty()) world.Lose(step.lost_table);
    std::string difference = Difference(step, world.Send(step, variables), variables);
    for (int i = 0; step.awaits && !difference.empty() && i < kTriesMax; ++i) {
      std::this_thread::yield();
      difference = Difference(step, world.Send(step, variables), variables);
    }
    ASSERT_EQ(difference, "") << file << ":" << step.line;
  }
}

}  // namespace
}  // namespace firmsign::server
