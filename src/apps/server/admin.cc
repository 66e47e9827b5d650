// SPDX-License-Identifier: Apache-2.0

#include "apps/server/admin.h"

#include <fmt/format.h>

#include "apps/server/fact_store.h"

namespace firmsign::server {
namespace {

// Below this much free space the next upload may fail; say so before it does.
constexpr std::uint64_t kFreeBytesMin = std::uint64_t{64} << 20;

http::Response Text(int status, std::string body, std::string type = "text/plain; charset=utf-8") {
  http::Response response{.status = status, .body = std::move(body)};
  response.headers.Add("Content-Type", std::move(type));
  return response;
}

}  // namespace

http::Decision AdminHandler::OnHead(http::RequestHead&& head) {
  if (head.method != "GET" && head.method != "HEAD") {
    return http::Refuse{Text(405, "only GET\n")};
  }
  const std::string path(head.path());
  // The checks ask database and disk, so they run on a thread that may wait.
  return http::Buffer{.body_bytes_max = 0,
                      .run = [this, path](std::string) -> http::Response {
                        if (path == "/healthz") return Text(200, "ok\n");
                        if (path == "/readyz") return Ready();
                        if (path == "/metrics") {
                          return Text(200, metrics_.Write(),
                                      "application/openmetrics-text; version=1.0.0; charset=utf-8");
                        }
                        return Text(404, "there are /healthz, /readyz and /metrics\n");
                      },
                      .too_large = [] { return Text(413, "no body is expected\n"); },
                      .busy = [] { return Text(503, "try again\n"); }};
}

http::Response AdminHandler::Ready() const {
  std::string problems;
  const auto read = AskDatabase(deployment_.database());
  if (!read) problems += fmt::format("database: {}\n", read.error().message);
  const auto free = files::FreeBytes(deployment_.folder());
  if (!free) {
    problems += fmt::format("disk: {}\n", free.error().message);
  } else if (*free < kFreeBytesMin) {
    problems += fmt::format("disk: only {} bytes are free\n", *free);
  }
  // The data key opens what it sealed.
  const auto opened = deployment_.keyring().Open("readyz", deployment_.keyring().Seal("readyz", SecretBytes("ready")));
  if (!opened) problems += fmt::format("key: {}\n", opened.error().message);
  return problems.empty() ? Text(200, "database: ok\ndisk: ok\nkey: ok\n") : Text(503, problems);
}

}  // namespace firmsign::server
