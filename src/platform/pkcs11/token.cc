// SPDX-License-Identifier: Apache-2.0

#include "platform/pkcs11/token.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <utility>

#include "base/check.h"
#include "platform/files/file.h"
#include "platform/pkcs11/lanes.h"
#include "platform/pkcs11/worker.h"
#include "platform/telemetry/log.h"

namespace firmsign::pkcs11 {
namespace {

using telemetry::Level;
using telemetry::Log;

constexpr int kAttempts = 3;
constexpr std::size_t kPinBytesMax = 1024;
constexpr int kReapMillisecondsMax = 2000;

void SetTimeout(int socket, std::chrono::milliseconds longest) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(longest);
  const timeval time{.tv_sec = seconds.count(), .tv_usec = std::chrono::microseconds(longest - seconds).count()};
  for (const int direction : {SO_RCVTIMEO, SO_SNDTIMEO}) {
    static_cast<void>(setsockopt(socket, SOL_SOCKET, direction, &time, sizeof(time)));
  }
}

// nullopt: the worker talks nonsense.
std::optional<Packet> ParseAnswer(std::string_view bytes) {
  auto parsed = ParsePacket(bytes);
  if (!parsed || (parsed->kind != PacketKind::kDone && parsed->kind != PacketKind::kFailed)) return std::nullopt;
  if (parsed->kind == PacketKind::kFailed && parsed->fields.size() != 3) return std::nullopt;
  return *std::move(parsed);
}

// nullopt: the worker is gone, hangs, or talks nonsense.
std::optional<Packet> SetUp(int socket, const Packet& packet) {
  std::string bytes = FormatPacket(packet);
  const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  Wipe(bytes);  // it may have been the PIN
  if (sent < 0) return std::nullopt;
  std::string answer(kPacketBytesMax, '\0');
  ssize_t received = -1;
  do {
    received = recv(socket, answer.data(), answer.size(), 0);
  } while (received < 0 && errno == EINTR);
  if (received <= 0) return std::nullopt;
  return ParseAnswer(std::string_view(answer).substr(0, static_cast<std::size_t>(received)));
}

Code CodeIn(const Packet& failed) {
  int number = -1;
  const std::string& text = failed.fields[0];
  std::from_chars(text.data(), text.data() + text.size(), number);
  for (const Code code : {Code::kInvalid, Code::kNotFound, Code::kDenied}) {
    if (number == static_cast<int>(code)) return code;
  }
  return Code::kUnavailable;
}

// A descriptor of the worker while it is started: above every number that the worker will know one by, so that none
// overwrites another.
class Inherited {
 public:
  explicit Inherited(int descriptor) : high_(fcntl(descriptor, F_DUPFD_CLOEXEC, kLanesDescriptor + 1)) {}
  ~Inherited() {
    if (high_ >= 0) static_cast<void>(close(high_));
  }
  Inherited(const Inherited&) = delete;
  Inherited& operator=(const Inherited&) = delete;
  int get() const { return high_; }

 private:
  const int high_;
};

pid_t SpawnProcess(const std::vector<std::string>& arguments, const std::vector<std::string>& environment, int socket,
                   int lanes) {
  const auto pointers = [](const std::vector<std::string>& texts) {
    std::vector<char*> list;
    for (const std::string& text : texts) list.push_back(const_cast<char*>(text.c_str()));
    list.push_back(nullptr);
    return list;
  };
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  CHECK(posix_spawn_file_actions_init(&actions) == 0);
  CHECK(posix_spawnattr_init(&attributes) == 0);
  int failed = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  failed |= posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  failed |= posix_spawn_file_actions_adddup2(&actions, socket, kSetUpSocket);
  failed |= posix_spawn_file_actions_adddup2(&actions, lanes, kLanesDescriptor);
  failed |= posix_spawn_file_actions_addclosefrom_np(&actions, kLanesDescriptor + 1);
  // The server blocks signals that mean it; and Ctrl-C in a terminal must not end workers before the jobs they sign.
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  failed |= posix_spawnattr_setsigmask(&attributes, &none);
  failed |= posix_spawnattr_setsigdefault(&attributes, &all);
  failed |= posix_spawnattr_setpgroup(&attributes, 0);
  failed |=
      posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  pid_t pid = -1;
  if (failed == 0) {
    failed = posix_spawn(&pid, arguments[0].c_str(), &actions, &attributes, pointers(arguments).data(),
                         pointers(environment).data());
  }
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return failed == 0 ? pid : -1;
}

}  // namespace

// A process, its lanes and our end of its socket; ends it with itself.
struct Token::Worker {
  ~Worker() {
    Kill();
    if (socket >= 0) static_cast<void>(close(socket));
    if (pid <= 0) return;
    // A process that hangs in a driver outlives even SIGKILL for a while; init inherits it then.
    pollfd ends{.fd = process, .events = POLLIN, .revents = 0};
    if (process >= 0) {
      static_cast<void>(poll(&ends, 1, kReapMillisecondsMax));
      static_cast<void>(close(process));
    }
    static_cast<void>(waitpid(pid, nullptr, WNOHANG));
  }
  // The id is ours until waitpid.
  void Kill() const {
    if (pid > 0) static_cast<void>(kill(pid, SIGKILL));
  }

  // The socket alone does not tell: what the module forked has it, too.
  bool IsAlive() const {
    std::array<pollfd, 2> ends{pollfd{.fd = socket, .events = 0, .revents = 0},
                               pollfd{.fd = process, .events = POLLIN, .revents = 0}};
    return poll(ends.data(), ends.size(), 0) <= 0;
  }

  pid_t pid = -1;
  int process = -1;  // of pidfd_open(2)
  int socket = -1;
  std::unique_ptr<Lanes> lanes;
  SecretBytes pin;
  bool is_lost = false;  // under the token's mutex
};

Token::~Token() = default;

std::unexpected<Error> Token::Fail(Code code, std::string_view message) const {
  return firmsign::Fail(code, fmt::format("token {}: {}", options_.name, message));
}

TokenStatistics Token::Statistics() const {
  return {.answers = answers_, .workers_started = workers_started_, .workers_lost = workers_lost_};
}

Expected<std::string> Token::Sign(const KeyReference& key, std::string_view data) {
  ASSIGN_OR_RETURN(Packet done, Ask({.kind = PacketKind::kSign,
                                     .fields = {FormatKeyType(key.type), key.id, key.label, std::string(data)}}));
  if (done.fields.size() != 1) return Fail(Code::kUnavailable, "the worker's answer holds no signature");
  return std::move(done.fields.front());
}

Expected<std::vector<KeyReference>> Token::List(const std::string& id, const std::string& label) {
  ASSIGN_OR_RETURN(Packet done, Ask({.kind = PacketKind::kList, .fields = {id, label}}));
  std::vector<KeyReference> keys;
  for (std::size_t i = 0; i + 2 < done.fields.size(); i += 3) {
    keys.push_back({.type = ParseKeyType(done.fields[i]),
                    .id = std::move(done.fields[i + 1]),
                    .label = std::move(done.fields[i + 2])});
  }
  return keys;
}

std::optional<Packet> Token::Converse(const Lane& lane, std::string_view question) const {
  const Worker& worker = *lane.worker;
  const auto answer =
      worker.lanes->Ask(lane.number, question, options_.answer_max, [&worker] { return worker.IsAlive(); });
  return answer ? ParseAnswer(*answer) : std::nullopt;
}

Expected<Packet> Token::Ask(const Packet& packet) {
  const std::string question = FormatPacket(packet);
  if (question.size() > kPacketBytesMax) return Fail(Code::kInvalid, "what it is asked is too long");
  std::string why;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    ASSIGN_OR_RETURN(Lane lane, TakeLane());
    std::optional<Packet> answer = Converse(lane, question);
    if (!answer) {
      why = "its worker ended or did not answer in time";
      Lose(lane, why);
      continue;
    }
    if (answer->kind == PacketKind::kDone) {
      GiveBack(std::move(lane));
      answers_.fetch_add(1, std::memory_order_relaxed);
      return *std::move(answer);
    }
    const Code code = CodeIn(*answer);
    why = answer->fields[2];
    if (code == Code::kDenied) Refuse(lane.worker->pin);
    if (answer->fields[1] == "1" || code == Code::kDenied) {
      Lose(lane, why);
      if (code == Code::kUnavailable) continue;
    } else {
      GiveBack(std::move(lane));
    }
    return Fail(code == Code::kDenied ? Code::kUnavailable : code, why);
  }
  return Fail(Code::kUnavailable, why);
}

Expected<Token::Lane> Token::TakeLane() {
  std::unique_lock lock(mutex_);
  const auto deadline = std::chrono::steady_clock::now() + options_.start_max + options_.answer_max;
  while (idle_.empty()) {
    const auto now = std::chrono::steady_clock::now();
    if (workers_alive_ < options_.workers && !is_starting_ && now >= next_start_) {
      if (!Start(lock) && workers_alive_ == 0) return std::unexpected(last_error_);
    } else if (workers_alive_ == 0 && !is_starting_) {
      return std::unexpected(last_error_);
    } else if (changed_.wait_until(lock, deadline) == std::cv_status::timeout) {
      return Fail(Code::kUnavailable, "all of its sessions are busy");
    }
  }
  Lane lane = std::move(idle_.front());
  idle_.pop_front();
  return lane;
}

void Token::GiveBack(Lane lane) {
  const std::lock_guard lock(mutex_);
  if (lane.worker->is_lost) return;
  idle_.push_front(std::move(lane));
  changed_.notify_one();
}

void Token::Lose(const Lane& lane, std::string_view why) {
  std::deque<Lane> dropped;  // the last of them waits for the process, so outside the lock
  {
    const std::lock_guard lock(mutex_);
    if (lane.worker->is_lost) return;
    lane.worker->is_lost = true;
    lane.worker->Kill();
    --workers_alive_;
    for (Lane& idle : idle_) {
      if (idle.worker == lane.worker) dropped.push_back(std::move(idle));
    }
    std::erase_if(idle_, [](const Lane& idle) { return idle.worker == nullptr; });
    changed_.notify_all();
  }
  workers_lost_.fetch_add(1, std::memory_order_relaxed);
  Log(Level::kWarning, "token_worker_lost",
      {{"token", options_.name}, {"worker", static_cast<std::int64_t>(lane.worker->pid)}, {"cause", why}});
}

// Starts one worker, without the lock, and puts its lanes among the idle ones.
bool Token::Start(std::unique_lock<std::mutex>& lock) {
  is_starting_ = true;
  lock.unlock();
  auto worker = StartWorker();
  lock.lock();
  is_starting_ = false;
  const bool is_started = worker.has_value();
  if (is_started) {
    ++workers_alive_;
    for (int lane = 0; lane < options_.sessions; ++lane) idle_.push_back({.worker = *worker, .number = lane});
    pause_ = std::chrono::milliseconds(0);
    workers_started_.fetch_add(1, std::memory_order_relaxed);
  } else {
    last_error_ = std::move(worker).error();
    pause_ = std::clamp(2 * pause_, options_.pause_min, options_.pause_max);
    next_start_ = std::chrono::steady_clock::now() + pause_;
    Log(Level::kWarning, "token_away", {{"token", options_.name}, {"cause", last_error_.message}});
  }
  changed_.notify_all();
  return is_started;
}

Expected<SecretBytes> Token::ReadPin() const {
  const std::string& path = options_.uri.pin_file;
  if (path.empty()) return SecretBytes();
  struct stat status{};
  if (stat(path.c_str(), &status) == 0 && (status.st_mode & (S_IROTH | S_IWOTH)) != 0) {
    return Fail(Code::kUnavailable,
                fmt::format("everybody may open {}, which holds the PIN; run chmod 600 on it", path));
  }
  auto text = files::ReadWholeFile(path, kPinBytesMax);
  if (!text) return Fail(Code::kUnavailable, text.error().message);
  while (text->ends_with('\n') || text->ends_with('\r')) text->pop_back();
  if (text->empty()) return Fail(Code::kUnavailable, fmt::format("{} is empty; it should hold the PIN", path));
  return SecretBytes(*std::move(text));
}

Expected<std::shared_ptr<Token::Worker>> Token::Spawn() const {
  auto worker = std::make_shared<Worker>();
  auto lanes = Lanes::Make(options_.sessions);
  if (!lanes) return Fail(lanes.error().code, lanes.error().message);
  worker->lanes = *std::move(lanes);
  int pair[2] = {-1, -1};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
    return Fail(Code::kUnavailable, "there are no more file descriptors for its worker");
  }
  worker->socket = pair[0];
  std::vector<std::string> arguments = options_.command;
  arguments.push_back(std::to_string(options_.sessions));
  std::vector<std::string> environment;
  for (const std::string& name : options_.environment) {
    if (const char* value = std::getenv(name.c_str()); value != nullptr) environment.push_back(name + "=" + value);
  }
  const Inherited its_socket(pair[1]);
  static_cast<void>(close(pair[1]));
  const Inherited its_lanes(worker->lanes->descriptor());
  if (its_socket.get() < 0 || its_lanes.get() < 0) {
    return Fail(Code::kUnavailable, "there are no more file descriptors for its worker");
  }
  worker->pid = SpawnProcess(arguments, environment, its_socket.get(), its_lanes.get());
  if (worker->pid <= 0) return Fail(Code::kUnavailable, fmt::format("{} cannot be started", arguments[0]));
  worker->process = static_cast<int>(syscall(SYS_pidfd_open, worker->pid, 0));
  return worker;
}

bool Token::IsRefused(const SecretBytes& pin) {
  const SecretAccess access("to compare the PIN with the one that was refused");
  const std::lock_guard lock(mutex_);
  return !pin.empty() && ConstantTimeEquals(pin.Reveal(access), refused_pin_.Reveal(access));
}

void Token::Refuse(const SecretBytes& pin) {
  const std::lock_guard lock(mutex_);
  refused_pin_ = pin;
}

Expected<std::shared_ptr<Token::Worker>> Token::StartWorker() {
  ASSIGN_OR_RETURN(SecretBytes pin, ReadPin());
  if (IsRefused(pin)) {
    return Fail(Code::kUnavailable,
                fmt::format("it refused the PIN, which is not tried again, since tokens lock themselves. Put the right "
                            "one into {}",
                            options_.uri.pin_file));
  }
  ASSIGN_OR_RETURN(std::shared_ptr<Worker> worker, Spawn());
  Packet set_up{.kind = PacketKind::kSetUp, .fields = {options_.uri.module_path, options_.uri.text}};
  if (!pin.empty()) set_up.fields.emplace_back(pin.Reveal(SecretAccess("to hand the token's PIN to its worker")));
  worker->pin = std::move(pin);
  SetTimeout(worker->socket, options_.start_max);
  const std::optional<Packet> answer = SetUp(worker->socket, set_up);
  if (set_up.fields.size() == 3) Wipe(set_up.fields.back());
  if (!answer) return Fail(Code::kUnavailable, "its worker ended or did not answer in time while the module started");
  if (answer->kind == PacketKind::kFailed) {
    std::string message = answer->fields[2];
    if (CodeIn(*answer) == Code::kDenied) {
      Refuse(worker->pin);
      message += fmt::format(". It is in {}", options_.uri.pin_file);
    }
    // What is wrong with the configuration, too: jobs wait until the operator has mended it.
    return Fail(Code::kUnavailable, message);
  }
  return worker;
}

}  // namespace firmsign::pkcs11
