// SPDX-License-Identifier: Apache-2.0

#include "platform/db/postgres_notices.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <utility>

#include "base/check.h"
#include "base/thread_name.h"
#include "platform/db/postgres_connection.h"

namespace firmsign::db {
namespace {

// How long one notice waits for others of the same topic.
constexpr std::chrono::milliseconds kGatherFor{10};
constexpr std::chrono::seconds kReconnectAfter{1};

}  // namespace

PgNotices::PgNotices(const PostgresOptions& options)
    : options_(options), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  CHECK(wake_ >= 0);
}

PgNotices::~PgNotices() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  stop_wanted_.notify_all();
  static_cast<void>(eventfd_write(wake_, 1));
  if (thread_.joinable()) thread_.join();
  close(wake_);
}

void PgNotices::Start() {
  const std::lock_guard lock(mutex_);
  if (thread_.joinable()) return;
  thread_ = std::thread([this] {
    NameThisThread("db notices");
    Run();
  });
}

void PgNotices::Notify(std::string_view topic) {
  Start();
  {
    const std::lock_guard lock(mutex_);
    waiting_.emplace(topic);
  }
  static_cast<void>(eventfd_write(wake_, 1));
}

std::unique_ptr<Listening> PgNotices::Listen(std::string topic, std::function<void()> listener) {
  Start();
  auto listening = listeners_.Add(std::move(topic), std::move(listener));
  std::unique_lock lock(mutex_);
  tried_.wait(lock, [this] { return has_tried_; });
  return listening;
}

void PgNotices::SetHasTried() {
  {
    const std::lock_guard lock(mutex_);
    has_tried_ = true;
  }
  tried_.notify_all();
}

bool PgNotices::is_stopping() const {
  const std::lock_guard lock(mutex_);
  return is_stopping_;
}

void PgNotices::Run() {
  while (!is_stopping()) {
    if (auto connection = PgConnection::Open(options_); connection) {
      // The lock is for CountListeners to see.
      constexpr std::string_view kShow = "SELECT pg_advisory_lock_shared(4702394, hashtext(current_schema())) IS NULL";
      const bool is_listening = (*connection)->Run(kShow, {}, nullptr) && (*connection)->RunOnce("LISTEN firmsign");
      SetHasTried();
      if (is_listening) Serve(**connection);
    }
    SetHasTried();
    std::unique_lock lock(mutex_);
    stop_wanted_.wait_for(lock, kReconnectAfter, [this] { return is_stopping_; });
  }
}

// Until the connection breaks or it is the end.
void PgNotices::Serve(PgConnection& connection) {
  listeners_.CallAll();  // nobody heard what was said while there was no connection
  while (!is_stopping()) {
    std::set<std::string> sending;
    {
      const std::lock_guard lock(mutex_);
      sending.swap(waiting_);
    }
    for (const std::string& topic : sending) {
      if (connection.Run("SELECT pg_notify('firmsign', $1) IS NULL", std::array{ToParameter(topic)}, nullptr)) continue;
      const std::lock_guard lock(mutex_);
      waiting_.merge(sending);  // over the next connection
      return;
    }
    for (const std::string& topic : connection.TakeNotices()) listeners_.Call(topic);
    if (connection.is_broken()) return;
    if (!sending.empty()) std::this_thread::sleep_for(kGatherFor);
    WaitForMore(connection.socket());
  }
}

void PgNotices::WaitForMore(int socket) const {
  std::array<pollfd, 2> waited{pollfd{.fd = socket, .events = POLLIN, .revents = 0},
                               pollfd{.fd = wake_, .events = POLLIN, .revents = 0}};
  static_cast<void>(poll(waited.data(), waited.size(), -1));
  eventfd_t ignored = 0;
  static_cast<void>(eventfd_read(wake_, &ignored));
}

}  // namespace firmsign::db
