// SPDX-License-Identifier: Apache-2.0
//
// What the connections of one server share: options, pools, counters, and the threads that serve sockets.

#pragma once

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>
#include <unordered_set>

#include "platform/http/asio.h"
#include "platform/http/pool.h"
#include "platform/http/response_head.h"
#include "platform/http/server.h"

namespace firmsign::http {

class Connection;
using SteadyTime = std::chrono::steady_clock::time_point;

// Thread safety: safe.
struct ServerState {
  explicit ServerState(const ServerOptions& o)
      : options(o),
        requests("requests", o.pool_threads),
        streams("streams", o.streams_max),
        files("file reads", kFileThreads) {}

  // Only reads of files that are not in the page cache come here; more threads would not make a disk faster.
  static constexpr std::size_t kFileThreads = 4;

  const ServerOptions options;
  Pool requests;  // runs BufferedRuns
  Pool streams;   // runs StreamingRuns
  Pool files;     // reads file bodies from disk
  std::atomic<bool> is_stopping{false};
  std::atomic<std::size_t> in_flight{0};
  std::atomic<std::size_t> connections{0};  // those that count against connections_max
  std::atomic<std::uint64_t> buffered_bytes{0};

  // Coroutines that are alive: connections and accept loops. Stop waits for the last one.
  void Enter() {
    std::unique_lock lock(mutex);
    ++coroutines;
  }
  void Leave() {
    std::unique_lock lock(mutex);
    // Notifying under the lock: the waiter may destroy this object as soon as it sees 0.
    if (--coroutines == 0) all_left.notify_all();
  }
  std::mutex mutex;
  std::condition_variable all_left;
  std::size_t coroutines = 0;
};

// One thread that serves sockets. Connections never move to another. Everything but `context` belongs to that thread.
struct IoThread {
  asio::io_context context{1};
  asio::steady_timer sweep{context};
  std::unordered_set<Connection*> connections;
  DateText date;
  std::thread thread;
};

}  // namespace firmsign::http
