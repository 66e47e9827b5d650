// SPDX-License-Identifier: Apache-2.0
//
// Who listens for which topic in this process. Internal to platform/db; database.h is the public side.

#pragma once

#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "platform/db/database.h"

namespace firmsign::db {

// Thread safety: safe; a listener must not call it back. Outlives what Add returned.
class Listeners {
 public:
  std::unique_ptr<Listening> Add(std::string topic, std::function<void()> listener);
  // Calls those of one topic.
  void Call(std::string_view topic);
  // Calls all of them: something may have been missed.
  void CallAll();

 private:
  struct Entry {
    std::string topic;
    std::function<void()> listener;
  };
  class Handle;

  std::mutex mutex_;  // held while listeners run, so that one that was removed does not run any more
  std::list<Entry> entries_;
};

}  // namespace firmsign::db
