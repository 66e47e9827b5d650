// SPDX-License-Identifier: Apache-2.0

#include "platform/pkcs11/worker.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "platform/pkcs11/module.h"
#include "platform/pkcs11/packet.h"

namespace firmsign::pkcs11 {
namespace {

// Without the module's exit handlers: they may wait for a token that hangs.
[[noreturn]] void End(int status) { _exit(status); }

Packet Receive(int lane, std::string& buffer) {
  buffer.resize(kPacketBytesMax);
  const ssize_t bytes = recv(lane, buffer.data(), buffer.size(), 0);
  if (bytes <= 0) End(0);  // the parent is gone, or wants no more of this
  auto packet = ParsePacket(std::string_view(buffer.data(), static_cast<std::size_t>(bytes)));
  if (!packet) End(1);
  return *std::move(packet);
}

void Send(int lane, const Packet& packet) {
  const std::string bytes = FormatPacket(packet);
  if (send(lane, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) End(0);
}

Packet FailedAnswer(const Failure& failure) {
  return {.kind = PacketKind::kFailed,
          .fields = {std::to_string(static_cast<int>(failure.code)), failure.ends_worker ? "1" : "0", failure.message}};
}

Packet Answer(Session& session, const Packet& asked) {
  if (asked.kind == PacketKind::kSign && asked.fields.size() == 4) {
    const KeyReference key{.type = ParseKeyType(asked.fields[0]), .id = asked.fields[1], .label = asked.fields[2]};
    auto signature = session.Sign(key, asked.fields[3]);
    if (!signature) return FailedAnswer(signature.error());
    return {.kind = PacketKind::kDone, .fields = {*std::move(signature)}};
  }
  if (asked.kind == PacketKind::kList && asked.fields.size() == 2) {
    const auto keys = session.List(asked.fields[0], asked.fields[1]);
    if (!keys) return FailedAnswer(keys.error());
    Packet packet{.kind = PacketKind::kDone, .fields = {}};
    for (const KeyReference& key : *keys) {
      packet.fields.insert(packet.fields.end(), {FormatKeyType(key.type), key.id, key.label});
    }
    return packet;
  }
  return FailedAnswer(
      {.code = Code::kInternal, .message = "the worker does not know what is asked", .ends_worker = true});
}

std::unique_ptr<Module> SetUp(std::string& buffer) {
  Packet set_up = Receive(kFirstLane, buffer);
  Wipe(buffer);
  if (set_up.kind != PacketKind::kSetUp || set_up.fields.size() < 2) End(1);
  std::optional<SecretBytes> pin;
  if (set_up.fields.size() == 3) pin.emplace(std::move(set_up.fields[2]));
  auto module = Module::Load(set_up.fields[0], set_up.fields[1], std::move(pin));
  if (module) {
    // A PIN that is refused is known at once, and asked once: tokens lock themselves after a few.
    auto session = (*module)->OpenSession();
    if (session) {
      Send(kFirstLane, {.kind = PacketKind::kDone, .fields = {}});
      // The session stays open: the login of all others ends with the last one.
      return *std::move(module);
    }
    module = std::unexpected(std::move(session).error());
  }
  Send(kFirstLane, FailedAnswer(module.error()));
  End(0);
}

[[noreturn]] void Serve(Module& module, int lane, std::string& buffer) {
  Session session(module);
  while (true) Send(lane, Answer(session, Receive(lane, buffer)));
}

}  // namespace

int RunWorker(int lanes) {
  if (lanes < 1 || lanes > kLanesMax) return 1;
  std::string buffer;
  const std::unique_ptr<Module> module = SetUp(buffer);
  std::vector<std::jthread> threads;  // never joined: End ends them
  for (int lane = kFirstLane; lane < kFirstLane + lanes; ++lane) {
    threads.emplace_back([&module, lane] {
      std::string own;
      Serve(*module, lane, own);
    });
  }
  // When every lane hangs inside the module, this thread still sees the parent go.
  pollfd waits{.fd = kFirstLane, .events = 0, .revents = 0};
  while (poll(&waits, 1, -1) >= 0 && (waits.revents & (POLLHUP | POLLERR | POLLNVAL)) == 0) {
  }
  End(0);
}

}  // namespace firmsign::pkcs11
