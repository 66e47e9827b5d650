// SPDX-License-Identifier: Apache-2.0

#include "platform/curl/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <latch>
#include <mutex>

#include "platform/files/file.h"
#include "platform/http/server.h"

namespace firmsign::curl {
namespace {

// Answers with what came, one line each: the request line, the headers, the length of the body.
class Echo : public http::Handler {
 public:
  std::latch goes_on{1};  // what /slow waits for

  http::Decision OnHead(http::RequestHead&& head) override {
    std::string seen = head.method + " " + head.target + "\n";
    for (const auto& field : head.headers) seen += field.name + ": " + field.value + "\n";
    bool is_large = head.path() == "/large";
    bool is_moved = head.path() == "/moved";
    bool is_slow = head.path() == "/slow";
    http::Stream stream;
    stream.run = [this, seen, is_large, is_moved, is_slow](http::BodyReader& body) {
      std::string all;
      std::string piece(65536, '\0');
      for (auto count = body.Read(piece); count && *count > 0; count = body.Read(piece)) all.append(piece, 0, *count);
      if (is_slow) goes_on.wait();
      http::Response response;
      response.status = is_moved ? 307 : 200;
      if (is_moved) response.headers.Add("Location", "/elsewhere");
      response.headers.Add("X-Body-Bytes", std::to_string(all.size()));
      response.headers.Add("X-Last-Byte", all.empty() ? "" : std::string(1, all.back()));
      response.body = is_large ? std::string(300'000, 'L') : seen;
      return response;
    };
    stream.busy = [] { return http::Response{.status = 503}; };
    return stream;
  }
};

class ClientTest : public testing::Test {
 protected:
  void SetUp() override {
    auto made = http::Server::Make({}, echo_);
    ASSERT_TRUE(made);
    server_ = *std::move(made);
    auto port = server_->Listen("127.0.0.1", 0);
    ASSERT_TRUE(port) << port.error().message;
    base_ = "http://127.0.0.1:" + std::to_string(*port);
    std::string pattern = (std::filesystem::temp_directory_path() / "firmsign-client-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override {
    if (server_) server_->Stop();
    std::filesystem::remove_all(folder_);
  }

  ClientRequest Request(std::string method, std::string target) {
    ClientRequest request;
    request.url_base = base_;
    request.head.method = std::move(method);
    request.head.target = std::move(target);
    return request;
  }

  Echo echo_;
  std::unique_ptr<http::Server> server_;
  std::string base_;
  std::filesystem::path folder_;
  Client client_{ClientOptions{}};
};

TEST_F(ClientTest, SendsTheTargetExactlyAsGiven) {
  auto response = client_.Send(Request("GET", "/a/../b//c%2Fd?z=1&a=%20&versions"));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 200);
  EXPECT_THAT(response->body, testing::StartsWith("GET /a/../b//c%2Fd?z=1&a=%20&versions\n"));
}

TEST_F(ClientTest, AddsNoHeaderButHostAndContentLength) {
  auto request = Request("POST", "/");
  request.head.headers.Add("X-Empty", "");
  request.head.headers.Add("X-One", "1");
  request.body = std::string("abc");
  auto response = client_.Send(request);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "POST /\nHost: " + base_.substr(7) + "\nX-Empty: \nX-One: 1\nContent-Length: 3\n");
}

TEST_F(ClientTest, SendsTheGivenHostInsteadOfItsOwn) {
  auto request = Request("GET", "/");
  request.head.headers.Add("Host", "bucket.example");
  auto response = client_.Send(request);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "GET /\nHost: bucket.example\n");
}

TEST_F(ClientTest, AnnouncesAnEmptyBodyOfPut) {
  auto response = client_.Send(Request("PUT", "/k"));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_THAT(response->body, testing::HasSubstr("Content-Length: 0\n"));
}

TEST_F(ClientTest, StreamsAPieceOfAFileAndReportsProgress) {
  std::string path = folder_ / "image";
  std::ofstream(path, std::ios::binary) << std::string(100, 'a') << std::string(3'000'000, 'b') << "Zc";
  auto file = files::OpenForReading(path);
  ASSERT_TRUE(file);
  auto request = Request("PUT", "/k");
  request.body = http::FileRange{.file = *file, .offset = 100, .length = 3'000'001};
  std::uint64_t last_done = 0;
  std::uint64_t last_total = 0;
  Transfer transfer;
  transfer.progress = [&](std::uint64_t done, std::uint64_t total) {
    EXPECT_GE(done, last_done);
    last_done = done;
    last_total = total;
  };
  auto response = client_.Send(request, transfer);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->headers.Get("X-Body-Bytes"), "3000001");
  EXPECT_EQ(response->headers.Get("X-Last-Byte"), "Z");
  EXPECT_EQ(last_done, 3'000'001u);
  EXPECT_EQ(last_total, 3'000'001u);
}

TEST_F(ClientTest, FailsWhenTheFileIsShorterThanPromised) {
  std::string path = folder_ / "short";
  std::ofstream(path) << "abc";
  auto file = files::OpenForReading(path);
  ASSERT_TRUE(file);
  auto request = Request("PUT", "/k");
  request.body = http::FileRange{.file = *file, .offset = 0, .length = 4};
  auto response = client_.Send(request);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Code::kCorrupt);
}

TEST_F(ClientTest, SendsABodyAfter100WhenAskedTo) {
  auto request = Request("PUT", "/k");
  request.head.headers.Add("Expect", "100-continue");
  request.body = std::string(200'000, 'x');
  auto response = client_.Send(request);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->headers.Get("X-Body-Bytes"), "200000");
}

TEST_F(ClientTest, GivesTheBodyToTheSink) {
  std::string got;
  Transfer transfer;
  transfer.response_bytes_max = 10;  // does not bind a sink
  transfer.sink = [&](std::string_view piece) -> Expected<void> {
    got += piece;
    return {};
  };
  auto response = client_.Send(Request("GET", "/large"), transfer);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(got, std::string(300'000, 'L'));
  EXPECT_TRUE(response->body.empty());
}

TEST_F(ClientTest, EndsWithTheErrorOfTheSink) {
  Transfer transfer;
  transfer.sink = [](std::string_view) -> Expected<void> { return Fail(Code::kExhausted, "disk full"); };
  auto response = client_.Send(Request("GET", "/large"), transfer);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().message, "disk full");
}

TEST_F(ClientTest, RefusesAResponseLongerThanTheLimit) {
  Transfer transfer;
  transfer.response_bytes_max = 299'999;
  auto response = client_.Send(Request("GET", "/large"), transfer);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Code::kExhausted);
}

TEST_F(ClientTest, EndsAnExchangeThatTakesLongerThanItMay) {
  Client client({.total_seconds_max = std::chrono::seconds(1)});
  auto response = client.Send(Request("GET", "/slow"));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Code::kUnavailable);
  EXPECT_THAT(response.error().message, testing::HasSubstr("did not answer in time"));
  echo_.goes_on.count_down();
}

TEST_F(ClientTest, ReturnsARedirectInsteadOfFollowingIt) {
  auto response = client_.Send(Request("GET", "/moved"));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 307);
  EXPECT_EQ(response->headers.Get("Location"), "/elsewhere");
}

TEST_F(ClientTest, IgnoresTheProxyOfTheEnvironment) {
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  auto direct = client_.Send(Request("GET", "/"));
  ClientOptions options;
  options.uses_proxy_from_environment = true;
  auto proxied = Client(options).Send(Request("GET", "/"));
  unsetenv("http_proxy");
  EXPECT_TRUE(direct);
  EXPECT_FALSE(proxied);
}

TEST_F(ClientTest, KnowsTheLengthOfAHeadWithoutABody) {
  auto response = client_.Send(Request("HEAD", "/large"));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->headers.Get("Content-Length"), "300000");
  EXPECT_TRUE(response->body.empty());
}

TEST_F(ClientTest, ReachesAUnixSocket) {
  std::string path = folder_ / "admin.sock";
  ASSERT_TRUE(server_->ListenUnix(path));
  auto request = Request("GET", "/over-unix");
  request.url_base = "http://admin";
  request.unix_socket = path;
  auto response = client_.Send(request);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_THAT(response->body, testing::StartsWith("GET /over-unix\nHost: admin\n"));
}

TEST_F(ClientTest, KnowsWhetherSomebodyListensOnASocket) {
  const std::string path = folder_ / "admin.sock";
  EXPECT_FALSE(Client::IsListening(path));
  ASSERT_TRUE(server_->ListenUnix(path));
  EXPECT_TRUE(Client::IsListening(path));
  server_->Stop();
  EXPECT_FALSE(Client::IsListening(path)) << "the file may still be there";
  EXPECT_FALSE(Client::IsListening("/" + std::string(200, 'x'))) << "longer than a socket's name can be";
}

TEST_F(ClientTest, SaysWhatToDoWhenNobodyListens) {
  server_->Stop();
  auto response = client_.Send(Request("GET", "/"));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Code::kUnavailable);
  EXPECT_THAT(response.error().message, testing::HasSubstr("check that the server runs there"));
  EXPECT_THAT(response.error().message, testing::HasSubstr(base_));
}

TEST_F(ClientTest, RefusesHeadersAndTargetsThatWouldBreakTheMessage) {
  auto request = Request("GET", "/");
  request.head.headers.Add("X-A", "1\r\nX-B: 2");
  EXPECT_EQ(client_.Send(request).error().code, Code::kInvalid);
  EXPECT_EQ(client_.Send(Request("GET", "/a b")).error().code, Code::kInvalid);
  EXPECT_EQ(client_.Send(Request("GET", "/ HTTP/1.1\r\nX: y")).error().code, Code::kInvalid);
  EXPECT_EQ(client_.Send(Request("GET", "relative")).error().code, Code::kInvalid);
}

TEST_F(ClientTest, KnowsNoOtherProtocols) {
  auto request = Request("GET", "/");
  request.url_base = "file:///etc";
  auto response = client_.Send(request);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, Code::kInvalid);
}

}  // namespace
}  // namespace firmsign::curl
