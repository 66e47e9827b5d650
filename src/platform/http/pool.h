// SPDX-License-Identifier: Apache-2.0
//
// A bounded pool of threads that may block.
//
// Threads are made when first needed. A task is handed to the thread that went idle last: its stack is still in the
// cache, and exactly one thread wakes for one task.

#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace firmsign::http {

// Something to do once. Its owner keeps it alive until Run or Cancel was called.
class Task {
 public:
  virtual ~Task() = default;
  virtual void Run() = 0;
  // Instead of Run, when the pool stops before the task began.
  virtual void Cancel() = 0;
};

// Thread safety: safe.
class Pool {
 public:
  // `name` is what its threads are called, at most 15 characters.
  Pool(const char* name, std::size_t threads_max);
  ~Pool() { Stop(); }

  // Runs `task` as soon as a thread is free. False when the pool has stopped.
  bool Submit(Task* task);
  // The same, but false also when every thread is busy.
  bool SubmitIfFree(Task* task);
  // Cancels what waits, waits for what runs, ends the threads. Idempotent.
  void Stop();

 private:
  struct Worker {
    Task* task = nullptr;
    std::condition_variable wake;
    std::thread thread;
  };

  // Hands the task to an idle or a new thread. With mutex_ held.
  bool HandOver(Task* task, std::unique_lock<std::mutex>& lock);
  void Work(Worker& self, Task* first);

  const char* const name_;
  const std::size_t threads_max_;
  std::mutex mutex_;
  std::deque<Worker> workers_;
  std::vector<Worker*> idle_;  // the last went idle last
  std::deque<Task*> waiting_;
  bool is_stopping_ = false;
};

}  // namespace firmsign::http
