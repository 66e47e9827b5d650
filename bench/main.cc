// SPDX-License-Identifier: Apache-2.0
//
// firmsign_bench: drives a server that bench/run has prepared, or measures the machine; one JSON object on standard
// output.

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <string_view>

#include "bench/commands.h"

namespace {

using firmsign::Expected;
using firmsign::bench::Arguments;

struct Command {
  std::string_view name;
  Expected<void> (*measure)(const Arguments&, firmsign::json::Writer&);
};

constexpr std::array kCommands{
    Command{"jobs", &firmsign::bench::MeasureJobs},         Command{"latency", &firmsign::bench::MeasureLatency},
    Command{"requests", &firmsign::bench::MeasureRequests}, Command{"objects", &firmsign::bench::MeasureObjects},
    Command{"limits", &firmsign::bench::MeasureLimits},     Command{"decisions", &firmsign::bench::MeasureDecisions},
    Command{"keys", &firmsign::bench::MeasureKeys},
};

Expected<std::string> Run(std::string_view name, int argc, char** argv) {
  ASSIGN_OR_RETURN(const Arguments arguments, Arguments::Parse(argc, argv));
  for (const Command& command : kCommands) {
    if (command.name != name) continue;
    std::string out;
    firmsign::json::Writer writer(out);
    writer.BeginObject();
    RETURN_IF_ERROR(command.measure(arguments, writer));
    writer.EndObject();
    return out;
  }
  return firmsign::Fail(
      firmsign::Code::kInvalid,
      "give one of jobs, latency, requests, objects, limits, decisions, keys; bench/run, bench/objects.py and "
      "bench/keys.py do");
}

}  // namespace

int main(int argc, char** argv) {
  const Expected<std::string> done = Run(argc > 1 ? argv[1] : "", argc - 2, argv + 2);
  if (!done) {
    fmt::print(stderr, "firmsign_bench: {}\n", done.error().message);
    return 1;
  }
  fmt::print("{}\n", *done);
  return 0;
}
