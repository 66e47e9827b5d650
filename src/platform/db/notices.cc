// SPDX-License-Identifier: Apache-2.0

#include "platform/db/notices.h"

#include <utility>

namespace firmsign::db {

class Listeners::Handle final : public Listening {
 public:
  Handle(Listeners& owner, std::list<Entry>::iterator entry) : owner_(owner), entry_(entry) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() override {
    const std::lock_guard lock(owner_.mutex_);
    owner_.entries_.erase(entry_);
  }

 private:
  Listeners& owner_;
  const std::list<Entry>::iterator entry_;
};

std::unique_ptr<Listening> Listeners::Add(std::string topic, std::function<void()> listener) {
  const std::lock_guard lock(mutex_);
  entries_.push_front({.topic = std::move(topic), .listener = std::move(listener)});
  return std::make_unique<Handle>(*this, entries_.begin());
}

void Listeners::Call(std::string_view topic) {
  const std::lock_guard lock(mutex_);
  for (const Entry& entry : entries_) {
    if (entry.topic == topic) entry.listener();
  }
}

void Listeners::CallAll() {
  const std::lock_guard lock(mutex_);
  for (const Entry& entry : entries_) entry.listener();
}

}  // namespace firmsign::db
