// SPDX-License-Identifier: Apache-2.0

#include <fmt/format.h>

#include <atomic>

#include "bench/client.h"
#include "bench/commands.h"
#include "bench/crowd.h"
#include "bench/meter.h"

namespace firmsign::bench {

Expected<void> MeasureObjects(const Arguments& arguments, json::Writer& writer) {
  ASSIGN_OR_RETURN(const std::string address, arguments.Text("address"));
  ASSIGN_OR_RETURN(const std::int64_t pid, arguments.Number("server-pid"));
  ASSIGN_OR_RETURN(const std::string method, arguments.Text("method"));
  ASSIGN_OR_RETURN(const std::vector<std::string> targets, arguments.Texts("targets"));
  ASSIGN_OR_RETURN(const std::int64_t bytes, arguments.Number("bytes"));
  ASSIGN_OR_RETURN(const std::int64_t seconds, arguments.Number("seconds"));
  const bool is_put = method == "PUT";
  const auto clients = static_cast<std::int64_t>(targets.size());

  std::string block(64 * 1024, '\0');
  for (std::size_t i = 0; i < block.size(); ++i) block[i] = static_cast<char>(i * 2654435761U >> 24);
  std::atomic<std::int64_t> total{0};
  ASSIGN_OR_RETURN(const Meter meter, Meter::Start({pid}));
  const SteadyTime start = Now();
  RETURN_IF_ERROR(RunCrowd(clients, [&](std::size_t member) -> Expected<void> {
    ASSIGN_OR_RETURN(Client client, Client::Connect(address));
    http::RequestHead head;
    head.method = method;
    head.target = targets[member];
    head.headers.Add("Host", address);
    std::int64_t count = 0;
    do {
      ASSIGN_OR_RETURN(const Client::Transfer done,
                       client.SendBlocks(head, block, is_put ? static_cast<std::uint64_t>(bytes) : 0));
      if (done.status != 200) return Fail(Code::kInvalid, fmt::format("{} was answered with {}", method, done.status));
      if (!is_put && done.received != static_cast<std::uint64_t>(bytes)) {
        return Fail(Code::kInvalid, fmt::format("{} bytes came instead of {}", done.received, bytes));
      }
      ++count;
    } while (SecondsSince(start) < static_cast<double>(seconds));
    total += count;
    return {};
  }));
  ASSIGN_OR_RETURN(const Usage usage, meter.Stop());
  WriteMember(writer, "clients", clients);
  WriteUsage(writer, usage, total);
  WriteMember(writer, "bytes_per_second", static_cast<double>(total * bytes) / usage.seconds);
  return {};
}

}  // namespace firmsign::bench
