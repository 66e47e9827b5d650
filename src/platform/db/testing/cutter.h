// SPDX-License-Identifier: Apache-2.0
//
// Stands between a test and PostgreSQL, and cuts connections as a server does that is shut down at once.

#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/check.h"
#include "platform/db/testing/databases.h"

namespace firmsign::db::testing {

// Thread safety: safe.
class Cutter {
 public:
  Cutter() : listener_(Socket()) {
    const sockaddr_un address = Address(folder_.path());
    CHECK(bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
    CHECK(listen(listener_, 16) == 0);
    threads_.emplace_back([this] { Accept(); });
  }
  Cutter(const Cutter&) = delete;
  Cutter& operator=(const Cutter&) = delete;
  ~Cutter() {
    static_cast<void>(shutdown(listener_, SHUT_RDWR));
    threads_.front().join();
    Cut();
    for (std::size_t i = 1; i < threads_.size(); ++i) threads_[i].join();
    close(listener_);
  }

  // Of connections through here; all else is as PostgresUrl() has it.
  std::string url() const { return std::string(PostgresUrl()) + "&host=" + folder_.path(); }

  // Closes all that are open now, after the warning that a server sends when it is shut down at once.
  void Cut() {
    // https://www.postgresql.org/docs/15/protocol-message-formats.html, NoticeResponse
    constexpr std::string_view kFields("SWARNING\0C57P02\0Mshut down\0\0", 28);
    const std::string notice = std::string("N\0\0\0", 4) + static_cast<char>(kFields.size() + 4) + std::string(kFields);
    const std::lock_guard lock(mutex_);
    for (const int client : clients_) {
      static_cast<void>(send(client, notice.data(), notice.size(), MSG_NOSIGNAL));
      static_cast<void>(shutdown(client, SHUT_RDWR));
    }
  }

 private:
  static int Socket() {
    const int made = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(made >= 0);
    return made;
  }
  static sockaddr_un Address(const std::string& folder) {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    const std::string path = folder + "/.s.PGSQL.5432";
    CHECK(path.size() < sizeof(address.sun_path));
    path.copy(address.sun_path, path.size());
    return address;
  }
  // The folder of the server's socket.
  static std::string Server() {
    const std::string url = PostgresUrl();
    const std::size_t begin = url.find("host=") + 5;
    return url.substr(begin, url.find('&', begin) - begin);
  }

  void Accept() {
    while (true) {
      const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (client < 0) return;
      const int server = Socket();
      const sockaddr_un address = Address(Server());
      CHECK(connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
      {
        const std::lock_guard lock(mutex_);
        clients_.push_back(client);
      }
      threads_.emplace_back([this, client, server] { Pass(client, server); });
    }
  }

  void Pass(int client, int server) {
    std::array<pollfd, 2> ends{pollfd{.fd = client, .events = POLLIN, .revents = 0},
                               pollfd{.fd = server, .events = POLLIN, .revents = 0}};
    std::array<char, 65536> bytes{};
    bool is_open = true;
    while (is_open && poll(ends.data(), ends.size(), -1) > 0) {
      for (int i = 0; i < 2 && is_open; ++i) {
        if (ends[i].revents == 0) continue;
        const ssize_t count = recv(ends[i].fd, bytes.data(), bytes.size(), 0);
        is_open =
            count > 0 && send(ends[1 - i].fd, bytes.data(), static_cast<std::size_t>(count), MSG_NOSIGNAL) == count;
      }
    }
    const std::lock_guard lock(mutex_);
    std::erase(clients_, client);
    close(client);
    close(server);
  }

  const TemporaryFolder folder_;
  const int listener_;
  std::mutex mutex_;
  std::vector<int> clients_;
  std::vector<std::thread> threads_;  // the first accepts and starts the others
};

}  // namespace firmsign::db::testing
