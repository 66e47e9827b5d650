// SPDX-License-Identifier: Apache-2.0

#include "platform/pkcs11/worker.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include "platform/pkcs11/lanes.h"
#include "platform/pkcs11/packet.h"
#include "platform/pkcs11/testing/faulty.h"

namespace firmsign::pkcs11 {
namespace {

TEST(Worker, EndsWithTheServerThoughTheModuleHangsWhileItStarts) {
  const testing::Faulty faulty({});
  const std::string stalled = faulty.folder() + "/stalled";
  const auto lanes = *Lanes::Make(1);
  int sockets[2] = {-1, -1};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets), 0);
  const int its_socket = fcntl(sockets[1], F_DUPFD_CLOEXEC, kLanesDescriptor + 1);
  const int its_lanes = fcntl(lanes->descriptor(), F_DUPFD_CLOEXEC, kLanesDescriptor + 1);
  const pid_t worker = fork();
  if (worker == 0) {
    setenv("FAULTY_STALL", stalled.c_str(), 1);
    dup2(its_socket, kSetUpSocket);
    dup2(its_lanes, kLanesDescriptor);
    execl(FIRMSIGN_TOKEN_WORKER, FIRMSIGN_TOKEN_WORKER, "1", nullptr);
    _exit(1);
  }
  for (const int descriptor : {sockets[1], its_socket, its_lanes}) close(descriptor);
  const std::string set_up =
      FormatPacket({.kind = PacketKind::kSetUp, .fields = {FIRMSIGN_FAULTY_TOKEN, "pkcs11:token=faulty"}});
  ASSERT_EQ(send(sockets[0], set_up.data(), set_up.size(), MSG_NOSIGNAL), static_cast<ssize_t>(set_up.size()));
  while (!std::filesystem::exists(stalled)) std::this_thread::yield();
  close(sockets[0]);
  int status = -1;
  EXPECT_EQ(waitpid(worker, &status, 0), worker);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace firmsign::pkcs11
