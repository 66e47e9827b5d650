// SPDX-License-Identifier: Apache-2.0
//
// One task at a time on a thread of its own, while the owner does something else.

#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <thread>

namespace firmsign {

// The thread starts with the first task. Thread safety: confined to its owner.
class Background {
 public:
  // `name`: of the thread.
  explicit Background(std::string name) : name_(std::move(name)) {}
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;
  // Waits for the task.
  ~Background();

  // Waits for the task before, and hands this one over. What it uses must stay as it is until the next call returns.
  void Run(std::function<void()> task);
  // Until the task is done; at once without one.
  void Wait() const;

 private:
  enum class Turn { kOwner, kTask, kEnd };
  void Work();
  void Give(Turn turn);

  const std::string name_;
  // Whose turn it is owns `task_`.
  std::atomic<Turn> turn_ = Turn::kOwner;
  std::function<void()> task_;
  std::thread thread_;
};

}  // namespace firmsign
