// SPDX-License-Identifier: Apache-2.0
//
// Token: a hardware token, as the server sees it: worker processes that hold the vendor's module (worker.h), and lanes
// to them (lanes.h), as many as they have sessions.
//
// A worker that crashes, hangs, or says that its token is gone is killed and replaced. What it had in hand is asked
// again of another, three times in all: to sign again does no harm while no signature was handed out. Whether a
// signature is right is the caller's business (engine/keys/signing_key.h).

#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/secret.h"
#include "platform/pkcs11/key_reference.h"
#include "platform/pkcs11/packet.h"
#include "platform/pkcs11/uri.h"

namespace firmsign::pkcs11 {

struct TokenOptions {
  std::string name;  // for messages
  TokenUri uri;
  int workers = 2;
  int sessions = 4;                              // of each worker
  std::chrono::milliseconds answer_max{10'000};  // a worker that takes longer hangs
  std::chrono::milliseconds start_max{30'000};   // for the module to find its token
  std::chrono::milliseconds pause_min{100};      // after a start that failed; doubled up to pause_max
  std::chrono::milliseconds pause_max{5'000};
  std::vector<std::string> environment;  // the variables that a worker inherits
  std::vector<std::string> command = {"/proc/self/exe", "token-worker"};
};

struct TokenStatistics {
  std::int64_t answers = 0;
  std::int64_t workers_started = 0;
  std::int64_t workers_lost = 0;
};

// Thread safety: safe. Workers are started when they are needed.
class Token {
 public:
  explicit Token(TokenOptions options) : options_(std::move(options)) {}
  ~Token();
  Token(const Token&) = delete;
  Token& operator=(const Token&) = delete;

  const TokenOptions& options() const { return options_; }

  // The raw signature: RSASSA-PKCS1-v1_5 over `data`, which is a DigestInfo, r and s of ECDSA over `data`, which is a
  // digest no longer than the curve's order, or an HMAC-SHA256 of `data`. It may be wrong.
  //
  // kUnavailable: the token is away or busy, refuses the PIN, or what is configured does not fit; the message says
  // which. Each worker tries a PIN that is refused once, and none is started for it until its file changes. kNotFound:
  // no such key. kInvalid: the key cannot do this.
  Expected<std::string> Sign(const KeyReference& key, std::string_view data);
  // The private keys with this id and label, kKeysListedMax at most; an empty one means any. Codes as Sign.
  Expected<std::vector<KeyReference>> List(const std::string& id, const std::string& label);

  TokenStatistics Statistics() const;

 private:
  struct Worker;
  struct Lane {
    std::shared_ptr<Worker> worker;
    int number = -1;
  };

  std::optional<Packet> Converse(const Lane& lane, std::string_view question) const;
  Expected<Packet> Ask(const Packet& packet);
  Expected<Lane> TakeLane();
  void GiveBack(Lane lane);
  void Lose(const Lane& lane, std::string_view why);
  bool Start(std::unique_lock<std::mutex>& lock);
  Expected<std::shared_ptr<Worker>> StartWorker();
  bool IsRefused(const SecretBytes& pin);
  void Refuse(const SecretBytes& pin);
  Expected<std::shared_ptr<Worker>> Spawn() const;
  Expected<SecretBytes> ReadPin() const;
  std::unexpected<Error> Fail(Code code, std::string_view message) const;

  const TokenOptions options_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Lane> idle_;
  int workers_alive_ = 0;
  bool is_starting_ = false;
  Error last_error_;  // of a start
  std::chrono::steady_clock::time_point next_start_;
  std::chrono::milliseconds pause_{0};
  SecretBytes refused_pin_;

  std::atomic<std::int64_t> answers_{0};
  std::atomic<std::int64_t> workers_started_{0};
  std::atomic<std::int64_t> workers_lost_{0};
};

}  // namespace firmsign::pkcs11
