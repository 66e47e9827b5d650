// SPDX-License-Identifier: Apache-2.0
//
// A server on a free port with a handler made of closures, for tests.

#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "platform/http/server.h"
#include "platform/http/testing/raw_client.h"

namespace firmsign::http::testing {

inline Response Text(int status, std::string text) {
  Response response;
  response.status = status;
  response.body = std::move(text);
  return response;
}

// Decides by path; remembers every head.
class PathHandler final : public Handler {
 public:
  using Decide = std::function<Decision(const RequestHead&)>;

  Decision OnHead(RequestHead&& head) override {
    std::unique_lock lock(mutex_);
    heads_.push_back(head);
    auto found = decides_.find(std::string(head.path()));
    if (found == decides_.end()) return Refuse{Text(404, "no such path")};
    Decide decide = found->second;
    lock.unlock();
    return decide(head);
  }

  void On(const std::string& path, Decide decide) { decides_[path] = std::move(decide); }
  std::vector<RequestHead> heads() {
    std::unique_lock lock(mutex_);
    return heads_;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, Decide> decides_;
  std::vector<RequestHead> heads_;
};

// Something that happens once, for threads to wait for.
class Event {
 public:
  void Set() {
    std::unique_lock lock(mutex_);
    is_set_ = true;
    changed_.notify_all();
  }
  void Wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return is_set_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_set_ = false;
};

inline Expected<std::string> ReadAll(BodyReader& body, std::size_t piece_bytes = 65536) {
  std::string all;
  std::string piece(piece_bytes, '\0');
  for (;;) {
    auto count = body.Read(piece);
    if (!count) return std::unexpected(count.error());
    if (*count == 0) return all;
    all.append(piece, 0, *count);
  }
}

class ServerFixture : public ::testing::Test {
 protected:
  // /refuse, /echo (buffered, at most 1000 bytes), /wait (answers once it may end), /stream (streamed: the length).
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "firmsign-http-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    handler_.On("/refuse", [](const RequestHead&) { return Refuse{Text(403, "refused")}; });
    handler_.On("/echo", [](const RequestHead& head) { return Echo(head, 1000); });
    handler_.On("/wait", [this](const RequestHead&) {
      return Run([this] {
        has_begun_.Set();
        may_end_.Wait();
        return Text(200, "done");
      });
    });
    handler_.On("/stream", [](const RequestHead&) {
      return Streamed([](BodyReader& body) {
        auto all = ReadAll(body);
        return all ? Text(200, std::to_string(all->size())) : Text(500, std::string(CodeName(all.error().code)));
      });
    });
  }
  void TearDown() override {
    may_end_.Set();
    if (server_) server_->Stop();
    std::filesystem::remove_all(folder_);
  }

  static Decision Echo(const RequestHead& head, std::uint64_t bytes_max) {
    Buffer buffer;
    buffer.body_bytes_max = bytes_max;
    buffer.run = [line = head.method + " " + head.target + " "](std::string body) { return Text(200, line + body); };
    buffer.too_large = [] { return Text(413, "too large"); };
    buffer.busy = [] { return Text(503, "no memory"); };
    return buffer;
  }
  static Decision Run(std::function<Response()> run) {
    Buffer buffer;
    buffer.body_bytes_max = 1000;
    buffer.run = [run = std::move(run)](std::string) { return run(); };
    buffer.too_large = [] { return Text(413, "too large"); };
    buffer.busy = [] { return Text(503, "no memory"); };
    return buffer;
  }
  static Decision Streamed(StreamingRun run) {
    Stream stream;
    stream.run = std::move(run);
    stream.busy = [] { return Text(503, "busy"); };
    return stream;
  }

  void Start(const ServerOptions& options = {}) {
    auto made = Server::Make(options, handler_);
    ASSERT_TRUE(made) << made.error().message;
    server_ = *std::move(made);
    auto port = server_->Listen("127.0.0.1", 0);
    ASSERT_TRUE(port) << port.error().message;
    port_ = *port;
  }
  RawClient Connect() { return RawClient::Tcp(port_); }

  Event has_begun_;  // of /wait
  Event may_end_;
  PathHandler handler_;
  std::unique_ptr<Server> server_;
  std::uint16_t port_ = 0;
  std::filesystem::path folder_;
};

// "GET /path HTTP/1.1" with a Host and these header lines, then the body.
inline std::string Request(std::string_view line, std::string_view headers = {}, std::string_view body = {}) {
  std::string text = std::string(line) + " HTTP/1.1\r\nHost: h\r\n";
  text.append(headers);
  text.append("\r\n").append(body);
  return text;
}

}  // namespace firmsign::http::testing
