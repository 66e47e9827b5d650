// SPDX-License-Identifier: Apache-2.0

#include <fmt/format.h>

#include <atomic>

#include "bench/client.h"
#include "bench/commands.h"
#include "bench/crowd.h"
#include "bench/meter.h"

namespace firmsign::bench {

Expected<void> MeasureRequests(const Arguments& arguments, json::Writer& writer) {
  ASSIGN_OR_RETURN(const std::string address, arguments.Text("address"));
  ASSIGN_OR_RETURN(const std::int64_t pid, arguments.Number("server-pid"));
  ASSIGN_OR_RETURN(const std::string path, arguments.Text("path"));
  ASSIGN_OR_RETURN(const std::int64_t status, arguments.Number("status"));
  ASSIGN_OR_RETURN(const std::int64_t clients, arguments.Number("clients"));
  ASSIGN_OR_RETURN(const std::int64_t seconds, arguments.Number("seconds"));

  http::RequestHead head;
  head.method = "GET";
  head.target = path;
  head.headers.Add("Host", address);
  std::atomic<std::int64_t> total{0};
  ASSIGN_OR_RETURN(const Meter meter, Meter::Start({pid}));
  const SteadyTime start = Now();
  RETURN_IF_ERROR(RunCrowd(clients, [&](std::size_t) -> Expected<void> {
    ASSIGN_OR_RETURN(Client client, Client::Connect(address));
    std::int64_t count = 0;
    for (; SecondsSince(start) < static_cast<double>(seconds); ++count) {
      ASSIGN_OR_RETURN(const Reply reply, client.Send(head, {}));
      if (reply.status != status) {
        return Fail(Code::kInvalid, fmt::format("{} was answered with {}: {}", path, reply.status, reply.body));
      }
    }
    total += count;
    return {};
  }));
  ASSIGN_OR_RETURN(const Usage usage, meter.Stop());
  WriteMember(writer, "clients", clients);
  WriteUsage(writer, usage, total);
  return {};
}

}  // namespace firmsign::bench
