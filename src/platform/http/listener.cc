// SPDX-License-Identifier: Apache-2.0

#include "platform/http/listener.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>

namespace firmsign::http {
namespace {

constexpr int kBacklog = 1024;

std::unexpected<Error> FailWithErrno(const std::string& what) {
  return Fail(Code::kUnavailable, "cannot " + what + ": " + std::strerror(errno));
}

// Closes a descriptor unless it was released.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

std::uint16_t PortOf(int descriptor) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  if (address.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port);
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

}  // namespace

Expected<BoundSocket> BindTcp(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  addrinfo* found = nullptr;
  const std::string name = host == "localhost" ? "127.0.0.1" : host;
  if (name.empty() || ::getaddrinfo(name.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) {
    return Fail(Code::kInvalid, "\"" + host + "\" is not an IP address; write one such as 127.0.0.1 or ::");
  }
  std::unique_ptr<addrinfo, void (*)(addrinfo*)> info(found, ::freeaddrinfo);
  const std::string what = "listen on " + host + " port " + std::to_string(port);
  Descriptor fd(::socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (fd.get() < 0) return FailWithErrno(what);
  int on = 1;
  int off = 0;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  // "::" serves IPv4 as well, whatever the machine's default is.
  if (info->ai_family == AF_INET6) ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  if (::bind(fd.get(), info->ai_addr, info->ai_addrlen) != 0) return FailWithErrno(what);
  if (::listen(fd.get(), kBacklog) != 0) return FailWithErrno(what);
  BoundSocket bound;
  bound.family = info->ai_family;
  bound.port = PortOf(fd.get());
  bound.descriptor = fd.release();
  return bound;
}

Expected<BoundSocket> BindUnix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return Fail(Code::kInvalid, "the path of a Unix socket has 1 to " + std::to_string(sizeof address.sun_path - 1) +
                                    " bytes: \"" + path + "\"");
  }
  path.copy(address.sun_path, path.size());
  struct stat info{};
  if (::lstat(path.c_str(), &info) == 0) {
    if (!S_ISSOCK(info.st_mode)) return Fail(Code::kInvalid, path + " exists and is no socket");
    ::unlink(path.c_str());
  }
  const std::string what = "listen on " + path;
  Descriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (fd.get() < 0) return FailWithErrno(what);
  // Linux makes the file with the mode of the socket's inode, so nobody can connect before the mode is right.
  if (::fchmod(fd.get(), 0600) != 0) return FailWithErrno(what);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return FailWithErrno(what);
  if (::chmod(path.c_str(), 0600) != 0) return FailWithErrno(what);
  if (::listen(fd.get(), kBacklog) != 0) return FailWithErrno(what);
  BoundSocket bound;
  bound.family = AF_UNIX;
  bound.descriptor = fd.release();
  return bound;
}

Peer DescribePeer(int descriptor, int family) {
  Peer peer;
  if (family == AF_UNIX) {
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0) peer.uid = credentials.uid;
    return peer;
  }
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) return peer;
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET6) {
    ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(&address)->sin6_addr, text, sizeof text);
  } else if (address.ss_family == AF_INET) {
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(&address)->sin_addr, text, sizeof text);
  }
  // An IPv4 client of a socket for both families.
  constexpr std::string_view kMapped = "::ffff:";
  std::string_view shown = text;
  if (shown.starts_with(kMapped) && shown.find('.') != std::string_view::npos) shown.remove_prefix(kMapped.size());
  peer.address = std::string(shown);
  return peer;
}

}  // namespace firmsign::http
