// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "platform/db/database.h"

namespace firmsign::db::testing {

// A database that commits and then breaks, before it has said so.
class LosesAnswers : public Database {
 public:
  explicit LosesAnswers(Database& inner) : inner_(inner) {}
  Expected<void> InTransaction(const Work& work) override {
    if (is_away) return Fail(Code::kUnavailable, "it cannot be reached");
    RETURN_IF_ERROR(inner_.InTransaction(work));
    if (!std::exchange(loses_next, false)) return {};
    is_away = goes_away;
    return Fail(Code::kUnavailable, "it may or may not have happened");
  }
  Expected<void> Read(const ReadWork& work) override { return inner_.Read(work); }
  void Notify(std::string_view topic) override { inner_.Notify(topic); }
  std::unique_ptr<Listening> Listen(std::string topic, std::function<void()> listener) override {
    return inner_.Listen(std::move(topic), std::move(listener));
  }
  Instant Now() const override { return inner_.Now(); }

  bool loses_next = false;
  bool goes_away = false;  // with the answer that it loses
  bool is_away = false;

 private:
  Database& inner_;
};

}  // namespace firmsign::db::testing
