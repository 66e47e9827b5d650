// SPDX-License-Identifier: Apache-2.0

#include "bench/crowd.h"

#include <thread>
#include <vector>

namespace firmsign::bench {

Expected<void> RunCrowd(std::int64_t count, const std::function<Expected<void>(std::size_t)>& member) {
  std::vector<Expected<void>> results(static_cast<std::size_t>(count));
  std::vector<std::thread> threads;
  threads.reserve(results.size());
  for (std::size_t i = 0; i < results.size(); ++i) {
    threads.emplace_back([&, i] { results[i] = member(i); });
  }
  for (std::thread& thread : threads) thread.join();
  for (Expected<void>& result : results) RETURN_IF_ERROR(std::move(result));
  return {};
}

}  // namespace firmsign::bench
