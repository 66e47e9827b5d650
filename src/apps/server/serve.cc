// SPDX-License-Identifier: Apache-2.0

#include "apps/server/serve.h"

#include <fmt/format.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <optional>

#include "apps/server/admin.h"
#include "apps/server/deployment.h"
#include "apps/server/wiring.h"
#include "base/strong.h"
#include "platform/telemetry/log.h"

namespace firmsign::server {
namespace {

struct Address {
  std::string host;
  std::uint16_t port = 0;

  bool is_loopback() const { return host == "localhost" || host == "::1" || host.starts_with("127."); }
  std::string str(std::uint16_t bound_port) const {
    return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, bound_port)
                                               : fmt::format("[{}]:{}", host, bound_port);
  }
};

Expected<Address> ParseAddress(std::string_view text, std::string_view option) {
  const std::size_t colon = text.rfind(':');
  Address address;
  unsigned port = 0;
  const std::string_view digits = colon == std::string_view::npos ? "" : text.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size() || port > 65535) {
    return Fail(Code::kInvalid, fmt::format("{} {}: give HOST:PORT, for example 127.0.0.1:8780", option, text));
  }
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  address.host = host;
  address.port = static_cast<std::uint16_t>(port);
  return address;
}

http::ServerOptions HttpOptionsOf(const HttpOptions& options) {
  http::ServerOptions http;
  http.io_threads = static_cast<std::size_t>(options.io_threads);
  http.pool_threads = static_cast<std::size_t>(options.pool_threads);
  http.streams_max = static_cast<std::size_t>(options.streams_max);
  http.connections_max = static_cast<std::size_t>(options.connections_max);
  http.head_bytes_max = static_cast<std::uint32_t>(options.head_bytes_max);
  http.headers_max = static_cast<std::size_t>(options.headers_max);
  http.head_seconds_max = std::chrono::seconds(options.head_seconds_max);
  http.idle_seconds_max = std::chrono::seconds(options.idle_seconds_max);
  http.body_seconds_max = std::chrono::seconds(options.body_seconds_max);
  http.buffered_bytes_max = static_cast<std::uint64_t>(options.buffered_bytes_max);
  http.stream_bytes_per_second_min = static_cast<std::uint64_t>(options.stream_bytes_per_second_min);
  http.drain_seconds_max = std::chrono::seconds(options.drain_seconds_max);
  return http;
}

Expected<std::optional<http::TlsFiles>> TlsOf(const ListenOptions& listen) {
  if (listen.tls_certificate.empty() != listen.tls_key.empty()) {
    return Fail(Code::kInvalid, "--tls-certificate and --tls-key go together");
  }
  if (listen.tls_certificate.empty()) return std::optional<http::TlsFiles>();
  return std::optional(http::TlsFiles{.certificate_chain = listen.tls_certificate, .private_key = listen.tls_key});
}

void PrintWelcome(const Deployment& deployment, const Options& options, const std::string& url) {
  // On a node that joined, the file is where the deployment was made.
  const std::string file = files::Exists(deployment.credentials_file()) ? deployment.credentials_file() : "FILE";
  fmt::print(
      "Firmsign serves account {} from {}\n"
      "\n"
      "Point the AWS command line at it:\n"
      "  export AWS_SHARED_CREDENTIALS_FILE={}\n"
      "  aws --endpoint-url {} --region {} sts get-caller-identity\n"
      "\n"
      "ready {}\n",
      deployment.first_account().str(), deployment.is_shared() ? "a PostgreSQL database" : deployment.folder(), file,
      url, options.region.default_region, url);
  static_cast<void>(std::fflush(stdout));
}

telemetry::Level LevelOf(std::string_view name) {
  if (name == "debug") return telemetry::Level::kDebug;
  if (name == "warning") return telemetry::Level::kWarning;
  if (name == "error") return telemetry::Level::kError;
  return telemetry::Level::kInfo;
}

Expected<void> CheckListenOptions(const Address& address, const Options& options) {
  if (address.is_loopback() || !options.listen.tls_certificate.empty() || options.listen.allow_insecure_remote)
    return {};
  return Fail(
      Code::kInvalid,
      fmt::format("{} can be reached from other machines, and without TLS everybody on the way can read and change "
                  "what is sent. Give --tls-certificate and --tls-key, or listen on 127.0.0.1. (To do it all the "
                  "same: --set listen.allow_insecure_remote=true)",
                  options.listen.address));
}

// The admin listener has no TLS of its own.
Expected<std::optional<Address>> AdminAddressOf(const ListenOptions& listen) {
  if (listen.admin_address.empty()) return std::optional<Address>();
  ASSIGN_OR_RETURN(const Address address, ParseAddress(listen.admin_address, "--admin-listen"));
  if (address.is_loopback() || listen.allow_insecure_remote) return std::optional(address);
  return Fail(
      Code::kInvalid,
      fmt::format("{} can be reached from other machines, and the admin listener speaks plain HTTP. Let it listen "
                  "on 127.0.0.1. (To do it all the same: --set listen.allow_insecure_remote=true)",
                  listen.admin_address));
}

// A region that requests may not name would lock everybody out.
Expected<void> CheckRegions(const RegionOptions& region) {
  const auto check = [](const std::string& name) -> Expected<void> {
    if (IsRegion(name)) return {};
    return Fail(Code::kInvalid, fmt::format("\"{}\" is not a region; write one such as us-east-1", name));
  };
  RETURN_IF_ERROR(check(region.default_region));
  for (const std::string& name : region.regions) RETURN_IF_ERROR(check(name));
  if (region.regions.empty() || std::ranges::find(region.regions, region.default_region) != region.regions.end())
    return {};
  return Fail(Code::kInvalid, fmt::format("region.default_region {} is not among region.regions; add it there or name "
                                          "another default",
                                          region.default_region));
}

// The signals that end the server; blocked in every thread and taken by Wait.
sigset_t StopSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

void ForbidCoreDumps() {
  rlimit limit{};
  static_cast<void>(getrlimit(RLIMIT_CORE, &limit));
  limit.rlim_cur = 0;
  static_cast<void>(setrlimit(RLIMIT_CORE, &limit));
  static_cast<void>(prctl(PR_SET_DUMPABLE, 0));
}

void DecideCoreDumps(bool are_allowed) {
  rlimit limit{};
  static_cast<void>(getrlimit(RLIMIT_CORE, &limit));
  if (!are_allowed) limit.rlim_max = 0;
  limit.rlim_cur = limit.rlim_max;
  static_cast<void>(setrlimit(RLIMIT_CORE, &limit));
  static_cast<void>(prctl(PR_SET_DUMPABLE, are_allowed ? 1 : 0));
}

void KeepFilesPrivate() { static_cast<void>(umask(S_IRWXG | S_IRWXO)); }

Expected<void> Init(const Options& options) {
  const SystemClock clock;
  ASSIGN_OR_RETURN(const std::unique_ptr<Deployment> deployment, Deployment::Open(options, clock));
  if (!deployment->is_new()) {
    return Fail(Code::kConflict, fmt::format("{} already holds the deployment of account {}; nothing was changed",
                                             deployment->is_shared() ? "the database" : deployment->folder(),
                                             deployment->first_account().str()));
  }
  ASSIGN_OR_RETURN(std::string credentials, files::ReadWholeFile(deployment->credentials_file(), 4096));
  fmt::print("{}\nThis key is shown once. It is also in {}, which AWS_SHARED_CREDENTIALS_FILE can name.\n", credentials,
             deployment->credentials_file());
  Wipe(credentials);
  return {};
}

Expected<void> Serve(const Options& options) {
  struct Flush {
    ~Flush() { telemetry::FlushLog(); }
  } const flush_at_the_end;
  const sigset_t stop_signals = StopSignals();
  // Before any thread is started, so that all of them inherit it.
  static_cast<void>(pthread_sigmask(SIG_BLOCK, &stop_signals, nullptr));
  telemetry::StartLog(LevelOf(options.log.level),
                      options.log.format == "json" ? telemetry::Format::kJson : telemetry::Format::kText);

  ASSIGN_OR_RETURN(const Address address, ParseAddress(options.listen.address, "--listen"));
  RETURN_IF_ERROR(CheckListenOptions(address, options));
  ASSIGN_OR_RETURN(const std::optional<Address> admin_address, AdminAddressOf(options.listen));
  RETURN_IF_ERROR(CheckRegions(options.region));
  ASSIGN_OR_RETURN(const std::optional<http::TlsFiles> tls, TlsOf(options.listen));

  const SystemClock clock;
  telemetry::Metrics metrics;
  ASSIGN_OR_RETURN(const std::unique_ptr<Deployment> deployment, Deployment::Open(options, clock));
  ASSIGN_OR_RETURN(const std::unique_ptr<Services> services, Services::Make(options, *deployment, metrics));
  deployment->MakeMetrics(metrics);
  AdminHandler admin(*deployment, metrics);
  ASSIGN_OR_RETURN(const std::unique_ptr<http::Server> server,
                   http::Server::Make(HttpOptionsOf(options.http), services->handler()));
  metrics.MakeGauge("firmsign_requests_in_flight", "Requests whose handling has begun and not ended.",
                    [&] { return static_cast<double>(server->RequestsInFlight()); });

  RETURN_IF_ERROR(services->Start());
  ASSIGN_OR_RETURN(const std::uint16_t port, server->Listen(address.host, address.port, tls ? &*tls : nullptr));
  RETURN_IF_ERROR(server->ListenUnix(deployment->admin_socket()));
  if (admin_address) RETURN_IF_ERROR(server->Listen(admin_address->host, admin_address->port, nullptr, &admin));
  PrintWelcome(*deployment, options, fmt::format("{}://{}", tls ? "https" : "http", address.str(port)));

  int received = 0;
  static_cast<void>(sigwait(&stop_signals, &received));
  telemetry::Log(telemetry::Level::kInfo, "stopping", {{"signal", received}});
  server->Stop();
  services->Stop();
  static_cast<void>(files::RemoveFile(deployment->admin_socket()));
  telemetry::Log(telemetry::Level::kInfo, "stopped");
  return {};
}

}  // namespace firmsign::server
