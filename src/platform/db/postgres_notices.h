// SPDX-License-Identifier: Apache-2.0
//
// The thread that sends and hears NOTIFY, over a connection of its own.
//
// A NOTIFY inside a transaction takes a lock of the whole database while that commits
// (https://www.postgresql.org/docs/15/sql-notify.html), which would undo the grouping of commits; so it is sent apart,
// and what comes in a short time is sent once. Internal to platform/db.

#pragma once

#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>

#include "platform/db/notices.h"
#include "platform/db/postgres.h"

namespace firmsign::db {

// Thread safety: safe.
class PgNotices {
 public:
  explicit PgNotices(const PostgresOptions& options);
  PgNotices(const PgNotices&) = delete;
  PgNotices& operator=(const PgNotices&) = delete;
  ~PgNotices();

  // Both start the thread if it does not run yet. Listen returns when this process is counted as a listener, or could
  // not connect at once: who says that it serves is seen to.
  void Notify(std::string_view topic);
  std::unique_ptr<Listening> Listen(std::string topic, std::function<void()> listener);

 private:
  void Start();
  void Run();
  void Serve(class PgConnection& connection);
  void WaitForMore(int socket) const;
  void SetHasTried();
  bool is_stopping() const;

  const PostgresOptions& options_;
  Listeners listeners_;
  const int wake_;  // an eventfd: there is something to send, or it is the end
  mutable std::mutex mutex_;
  std::condition_variable stop_wanted_;
  std::condition_variable tried_;
  std::set<std::string> waiting_;  // topics to be sent
  bool is_stopping_ = false;
  bool has_tried_ = false;  // to connect
  std::thread thread_;
};

}  // namespace firmsign::db
