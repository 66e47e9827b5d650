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

#include "platform/pkcs11/lanes.h"
#include "platform/pkcs11/module.h"
#include "platform/pkcs11/packet.h"

namespace firmsign::pkcs11 {
namespace {

// Without the module's exit handlers: they may wait for a token that hangs.
[[noreturn]] void End(int status) { _exit(status); }

Packet ReceiveSetUp() {
  std::string buffer(kPacketBytesMax, '\0');
  const ssize_t bytes = recv(kSetUpSocket, buffer.data(), buffer.size(), 0);
  if (bytes <= 0) End(0);  // the server is gone
  auto packet = ParsePacket(std::string_view(buffer.data(), static_cast<std::size_t>(bytes)));
  Wipe(buffer);  // it may hold the PIN
  if (!packet || packet->kind != PacketKind::kSetUp || packet->fields.size() < 2) End(1);
  return *std::move(packet);
}

void Send(const Packet& packet) {
  const std::string bytes = FormatPacket(packet);
  if (send(kSetUpSocket, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) End(0);
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

std::unique_ptr<Module> SetUp() {
  Packet set_up = ReceiveSetUp();
  std::optional<SecretBytes> pin;
  if (set_up.fields.size() == 3) pin.emplace(std::move(set_up.fields[2]));
  auto module = Module::Load(set_up.fields[0], set_up.fields[1], std::move(pin));
  if (module) {
    // A PIN that is refused is known at once, and asked once: tokens lock themselves after a few.
    auto session = (*module)->OpenSession();
    if (session) {
      Send({.kind = PacketKind::kDone, .fields = {}});
      // The session stays open: the login of all others ends with the last one.
      return *std::move(module);
    }
    module = std::unexpected(std::move(session).error());
  }
  Send(FailedAnswer(module.error()));
  End(0);
}

[[noreturn]] void Serve(Module& module, Lanes& lanes) {
  Session session(module);
  std::string question;
  int lane = 0;
  while (true) {
    lane = lanes.Take(question, lane);
    const auto asked = ParsePacket(question);
    if (!asked) End(1);
    lanes.Answer(lane, FormatPacket(Answer(session, *asked)));
  }
}

// On a thread of its own: every other may hang inside the module.
[[noreturn]] void EndWithServer() {
  pollfd waits{.fd = kSetUpSocket, .events = 0, .revents = 0};
  while (poll(&waits, 1, -1) <= 0) {
  }
  End(0);
}

}  // namespace

int RunWorker(int sessions) {
  if (sessions < 1 || sessions > kLanesMax) return 1;
  const std::unique_ptr<Lanes> lanes = Lanes::Open(kLanesDescriptor, sessions);
  if (!lanes) return 1;
  const std::jthread watches(EndWithServer);  // as those below, never joined: End ends them
  const std::unique_ptr<Module> module = SetUp();
  std::vector<std::jthread> others;
  for (int i = 1; i < sessions; ++i) others.emplace_back([&] { Serve(*module, *lanes); });
  Serve(*module, *lanes);
}

}  // namespace firmsign::pkcs11
