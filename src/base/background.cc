// SPDX-License-Identifier: Apache-2.0

#include "base/background.h"

#include <utility>

#include "base/thread_name.h"

namespace firmsign {

Background::~Background() {
  if (!thread_.joinable()) return;
  Wait();
  Give(Turn::kEnd);
  thread_.join();
}

void Background::Run(std::function<void()> task) {
  Wait();
  task_ = std::move(task);
  Give(Turn::kTask);
  if (!thread_.joinable()) thread_ = std::thread([this] { Work(); });
}

void Background::Wait() const { turn_.wait(Turn::kTask); }

void Background::Work() {
  NameThisThread(name_.c_str());
  while (true) {
    turn_.wait(Turn::kOwner);
    if (turn_ == Turn::kEnd) return;
    task_();
    Give(Turn::kOwner);
  }
}

void Background::Give(Turn turn) {
  turn_ = turn;
  turn_.notify_one();
}

}  // namespace firmsign
