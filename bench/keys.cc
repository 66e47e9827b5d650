// SPDX-License-Identifier: Apache-2.0
//
// Signatures a second with our keys, in this process and in a hardware token, beside loops written directly against
// OpenSSL (bare_openssl.h) and PKCS#11 (bare_pkcs11.h), on as many threads.
//
// Both verify every signature, since ours are never handed out otherwise; then neither does. Machines are noisy, so the
// two take turns for a while each, and what counts is the median of the ratios of neighbouring turns.

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench/bare_openssl.h"
#include "bench/bare_pkcs11.h"
#include "bench/commands.h"
#include "bench/crowd.h"
#include "bench/meter.h"
#include "engine/keys/signing_key.h"
#include "engine/keys/token_key.h"
#include "platform/crypto/digest.h"
#include "platform/crypto/ecdsa.h"
#include "platform/files/file.h"
#include "platform/pkcs11/token.h"
#include "platform/pkcs11/uri.h"

namespace firmsign::bench {
namespace {

constexpr std::size_t kFileBytesMax = 16 * 1024;
constexpr const char* kToken = "bench";

// One signature on one thread.
using Step = std::function<Expected<void>()>;
// What each thread does; made before the clock runs.
using Steps = std::vector<Step>;

struct Plan {
  std::string folder;
  std::string module;
  std::string worker;
  std::int64_t threads = 0;
  std::int64_t workers = 0;
  std::int64_t sessions = 0;
  std::int64_t rounds = 0;
  double seconds_each = 0;
};

// One key, as file and in the token, where it is called as its file.
struct Subject {
  std::string name;
  std::string pem;
  crypto::PublicKey public_key;
  std::string digest;
};

Expected<Plan> ReadPlan(const Arguments& arguments) {
  Plan plan;
  ASSIGN_OR_RETURN(plan.folder, arguments.Text("folder"));
  ASSIGN_OR_RETURN(plan.module, arguments.Text("module"));
  ASSIGN_OR_RETURN(plan.worker, arguments.Text("worker"));
  ASSIGN_OR_RETURN(plan.threads, arguments.Number("threads"));
  ASSIGN_OR_RETURN(plan.workers, arguments.Number("workers"));
  ASSIGN_OR_RETURN(plan.sessions, arguments.Number("sessions"));
  ASSIGN_OR_RETURN(plan.rounds, arguments.Number("rounds"));
  ASSIGN_OR_RETURN(const std::int64_t milliseconds, arguments.Number("milliseconds"));
  plan.seconds_each = static_cast<double>(milliseconds) / 1000;
  return plan;
}

Expected<crypto::PrivateKey> ReadKey(const Subject& subject) {
  return crypto::PrivateKey::FromPem(SecretBytes(subject.pem));
}

Expected<Subject> ReadSubject(const Plan& plan, const std::string& name) {
  ASSIGN_OR_RETURN(std::string pem, files::ReadWholeFile(plan.folder + "/" + name + ".pem", kFileBytesMax));
  ASSIGN_OR_RETURN(const crypto::PrivateKey key, crypto::PrivateKey::FromPem(SecretBytes(pem)));
  ASSIGN_OR_RETURN(crypto::PublicKey public_key, key.Public());
  return Subject{.name = name,
                 .pem = std::move(pem),
                 .public_key = std::move(public_key),
                 .digest = crypto::DigestOf(crypto::Hash::kSha256, "firmware")};
}

Expected<SecretBytes> ReadPin(const Plan& plan) {
  ASSIGN_OR_RETURN(std::string text, files::ReadWholeFile(plan.folder + "/pin", kFileBytesMax));
  while (text.ends_with('\n')) text.pop_back();
  return SecretBytes(std::move(text));
}

Expected<std::shared_ptr<pkcs11::Token>> MakeToken(const Plan& plan) {
  const std::string text =
      fmt::format("pkcs11:token={}?module-path={}&pin-source=file:{}/pin", kToken, plan.module, plan.folder);
  ASSIGN_OR_RETURN(pkcs11::TokenUri uri, pkcs11::ParseTokenUri(text, ""));
  return std::make_shared<pkcs11::Token>(pkcs11::TokenOptions{.name = kToken,
                                                              .uri = std::move(uri),
                                                              .workers = static_cast<int>(plan.workers),
                                                              .sessions = static_cast<int>(plan.sessions),
                                                              .environment = {"SOFTHSM2_CONF"},
                                                              .command = {plan.worker, "token-worker"}});
}

// Ours: one key, which all threads share.
Steps OurSteps(const Plan& plan, const Subject& subject, const std::shared_ptr<const keys::SigningKey>& key,
               bool is_verified) {
  const Step verified = [&subject, key]() -> Expected<void> {
    RETURN_IF_ERROR(keys::SignVerified(*key, subject.public_key, crypto::Hash::kSha256, subject.digest));
    return {};
  };
  const Step unverified = [&subject, key]() -> Expected<void> {
    RETURN_IF_ERROR(key->SignDigest(crypto::Hash::kSha256, subject.digest));
    return {};
  };
  return Steps(static_cast<std::size_t>(plan.threads), is_verified ? verified : unverified);
}

Expected<Steps> OpenSslSteps(const Plan& plan, const Subject& subject, bool is_verified) {
  Steps steps;
  for (std::int64_t i = 0; i < plan.threads; ++i) {
    ASSIGN_OR_RETURN(std::shared_ptr<BareOpenSsl> key, BareOpenSsl::FromPem(subject.pem));
    steps.emplace_back([&subject, key = std::move(key), is_verified]() -> Expected<void> {
      ASSIGN_OR_RETURN(const std::string_view signature, key->Sign(subject.digest));
      return is_verified ? key->Verify(subject.digest, signature) : Expected<void>();
    });
  }
  return steps;
}

Expected<Steps> Pkcs11Steps(const Plan& plan, const Subject& subject, const BareModule& module, bool is_verified) {
  Steps steps;
  for (std::int64_t i = 0; i < plan.threads; ++i) {
    ASSIGN_OR_RETURN(std::shared_ptr<BareOpenSsl> key, BareOpenSsl::FromPem(subject.pem));
    ASSIGN_OR_RETURN(std::shared_ptr<BarePkcs11> session, BarePkcs11::Make(module, subject.name, key->is_rsa()));
    steps.emplace_back([&subject, key = std::move(key), session = std::move(session), is_verified]() -> Expected<void> {
      ASSIGN_OR_RETURN(const std::string_view signature, session->Sign(subject.digest));
      if (!is_verified) return {};
      if (key->is_rsa()) return key->Verify(subject.digest, signature);
      ASSIGN_OR_RETURN(const std::string der, crypto::EcdsaRawToDer(signature, signature.size() / 2));
      return key->Verify(subject.digest, der);
    });
  }
  return steps;
}

double Median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

// What one side did in one turn, or in several.
struct Turn {
  std::int64_t count = 0;
  double seconds = 0;
  double cpu_seconds = 0;

  double rate() const { return static_cast<double>(count) / seconds; }
  double cpu_micros() const { return cpu_seconds * 1e6 / static_cast<double>(count); }
};

// CPU time of this process and of the token's workers, to 10 ms for each of these.
Expected<double> CpuSecondsOfAll() {
  double seconds = OwnCpuSeconds();
  ASSIGN_OR_RETURN(const std::vector<std::int64_t> workers, ChildrenOf(getpid()));
  for (const std::int64_t worker : workers) {
    ASSIGN_OR_RETURN(const double used, CpuSecondsOf(worker));
    seconds += used;
  }
  return seconds;
}

Expected<Turn> TakeTurn(const Steps& steps, double seconds) {
  std::atomic<std::int64_t> total{0};
  ASSIGN_OR_RETURN(const double cpu, CpuSecondsOfAll());
  const SteadyTime start = Now();
  RETURN_IF_ERROR(RunCrowd(static_cast<std::int64_t>(steps.size()), [&](std::size_t thread) -> Expected<void> {
    std::int64_t count = 0;
    for (; SecondsSince(start) < seconds; ++count) RETURN_IF_ERROR(steps[thread]());
    total += count;
    return {};
  }));
  Turn turn{.count = total, .seconds = SecondsSince(start)};
  ASSIGN_OR_RETURN(const double cpu_after, CpuSecondsOfAll());
  turn.cpu_seconds = cpu_after - cpu;
  return turn;
}

// The turns of one side.
class Side {
 public:
  void Add(const Turn& turn) {
    rates_.push_back(turn.rate());
    sum_.count += turn.count;
    sum_.cpu_seconds += turn.cpu_seconds;
  }
  double rate() const { return Median(rates_); }
  double cpu_micros() const { return sum_.cpu_micros(); }

 private:
  std::vector<double> rates_;
  Turn sum_;
};

// Lets the two take turns, and writes what they did under `name`.
Expected<void> Compare(const Plan& plan, std::string_view name, const Steps& our_steps, const Steps& bare_steps,
                       json::Writer& writer) {
  Side ours;
  Side bare;
  std::vector<double> ratios;
  // The first round does not count: workers start in it, and caches fill.
  for (std::int64_t round = 0; round <= plan.rounds; ++round) {
    ASSIGN_OR_RETURN(const Turn our_turn, TakeTurn(our_steps, plan.seconds_each));
    ASSIGN_OR_RETURN(const Turn bare_turn, TakeTurn(bare_steps, plan.seconds_each));
    if (round == 0) continue;
    ours.Add(our_turn);
    bare.Add(bare_turn);
    ratios.push_back(our_turn.rate() / bare_turn.rate());
  }
  writer.Name(name);
  writer.BeginObject();
  WriteMember(writer, "ours_per_second", ours.rate());
  WriteMember(writer, "bare_per_second", bare.rate());
  WriteMember(writer, "ratio", Median(std::move(ratios)));
  WriteMember(writer, "ours_cpu_micros", ours.cpu_micros());
  WriteMember(writer, "bare_cpu_micros", bare.cpu_micros());
  writer.EndObject();
  return {};
}

Expected<void> MeasureSoftware(const Plan& plan, const Subject& subject, json::Writer& writer) {
  ASSIGN_OR_RETURN(crypto::PrivateKey parsed, ReadKey(subject));
  const auto key = keys::MakeSoftwareKey(std::move(parsed));
  for (const bool is_verified : {true, false}) {
    ASSIGN_OR_RETURN(const Steps bare, OpenSslSteps(plan, subject, is_verified));
    RETURN_IF_ERROR(Compare(plan, is_verified ? "software_verified" : "software_unverified",
                            OurSteps(plan, subject, key, is_verified), bare, writer));
  }
  return {};
}

Expected<void> MeasureToken(const Plan& plan, const Subject& subject, const std::shared_ptr<pkcs11::Token>& token,
                            const BareModule& module, json::Writer& writer) {
  ASSIGN_OR_RETURN(pkcs11::KeyReference found, keys::FindTokenKey(token, subject.public_key, "", subject.name));
  const auto key = keys::MakeTokenKey(token, std::move(found.id), std::move(found.label), subject.public_key.kind());
  for (const bool is_verified : {true, false}) {
    ASSIGN_OR_RETURN(const Steps bare, Pkcs11Steps(plan, subject, module, is_verified));
    RETURN_IF_ERROR(Compare(plan, is_verified ? "token_verified" : "token_unverified",
                            OurSteps(plan, subject, key, is_verified), bare, writer));
  }
  return {};
}

}  // namespace

Expected<void> MeasureKeys(const Arguments& arguments, json::Writer& writer) {
  ASSIGN_OR_RETURN(const Plan plan, ReadPlan(arguments));
  ASSIGN_OR_RETURN(const SecretBytes pin, ReadPin(plan));
  ASSIGN_OR_RETURN(const std::shared_ptr<pkcs11::Token> token, MakeToken(plan));
  ASSIGN_OR_RETURN(const std::unique_ptr<BareModule> module, BareModule::Load(plan.module, kToken, pin));
  for (const char* name : {"p256", "rsa2048"}) {
    ASSIGN_OR_RETURN(const Subject subject, ReadSubject(plan, name));
    writer.Name(name);
    writer.BeginObject();
    RETURN_IF_ERROR(MeasureSoftware(plan, subject, writer));
    RETURN_IF_ERROR(MeasureToken(plan, subject, token, *module, writer));
    writer.EndObject();
  }
  WriteMember(writer, "workers_started", token->Statistics().workers_started);
  WriteMember(writer, "workers_lost", token->Statistics().workers_lost);
  return {};
}

}  // namespace firmsign::bench
