// SPDX-License-Identifier: Apache-2.0

#include "platform/http/pool.h"

#include <utility>

#include "base/thread_name.h"

namespace firmsign::http {

Pool::Pool(const char* name, std::size_t threads_max) : name_(name), threads_max_(threads_max == 0 ? 1 : threads_max) {}

bool Pool::HandOver(Task* task, std::unique_lock<std::mutex>& lock) {
  if (!idle_.empty()) {
    Worker* worker = idle_.back();
    idle_.pop_back();
    worker->task = task;
    lock.unlock();
    worker->wake.notify_one();
    return true;
  }
  if (workers_.size() == threads_max_) return false;
  Worker& worker = workers_.emplace_back();
  worker.thread = std::thread(&Pool::Work, this, std::ref(worker), task);
  return true;
}

bool Pool::Submit(Task* task) {
  std::unique_lock lock(mutex_);
  if (is_stopping_) return false;
  if (!HandOver(task, lock)) waiting_.push_back(task);
  return true;
}

bool Pool::SubmitIfFree(Task* task) {
  std::unique_lock lock(mutex_);
  return !is_stopping_ && HandOver(task, lock);
}

void Pool::Work(Worker& self, Task* first) {
  NameThisThread(name_);
  Task* task = first;
  for (;;) {
    task->Run();
    std::unique_lock lock(mutex_);
    if (!waiting_.empty()) {
      task = waiting_.front();
      waiting_.pop_front();
      continue;
    }
    if (is_stopping_) return;
    self.task = nullptr;
    idle_.push_back(&self);
    self.wake.wait(lock, [&] { return self.task != nullptr || is_stopping_; });
    if (self.task == nullptr) return;
    task = self.task;
  }
}

void Pool::Stop() {
  std::deque<Task*> cancelled;
  {
    std::unique_lock lock(mutex_);
    is_stopping_ = true;
    cancelled.swap(waiting_);
    for (Worker& worker : workers_) worker.wake.notify_one();
  }
  for (Task* task : cancelled) task->Cancel();
  // No thread is made once is_stopping_ is set, so the list stands still.
  for (Worker& worker : workers_) {
    if (worker.thread.joinable()) worker.thread.join();
  }
}

}  // namespace firmsign::http
