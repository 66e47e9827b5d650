// SPDX-License-Identifier: Apache-2.0

#include "services/iam/generation.h"

#include <thread>
#include <utility>

#include "base/check.h"
#include "platform/telemetry/log.h"
#include "services/iam/generation_store.h"

namespace firmsign::iam {
namespace {

constexpr std::string_view kTopic = "iam";
constexpr std::chrono::milliseconds kRenewInterval{400};
constexpr std::chrono::milliseconds kAskInterval{5};
// A node stops relying on its lease this much before it ends, for clocks that do not run alike.
constexpr std::chrono::milliseconds kLeaseMargin{250};
// Rows of nodes that are gone are removed after this time.
constexpr std::chrono::hours kGoneAfter{1};

}  // namespace

Generation::Generation(db::Database& database, GenerationOptions options)
    : database_(database), options_(std::move(options)) {
  CHECK(!options_.is_shared || (options_.steady_now && !options_.node.empty()));
}

Expected<std::uint64_t> Generation::Read() const {
  std::uint64_t number = 0;
  RETURN_IF_ERROR(database_.ReadOne([&](db::Reader& reader) -> Expected<void> {
    ASSIGN_OR_RETURN(number, generations::Read(reader));
    return {};
  }));
  return number;
}

// Never back: several threads may learn of several changes.
void Generation::Know(std::uint64_t generation) const {
  std::uint64_t known = known_.load();
  while (known < generation && !known_.compare_exchange_weak(known, generation)) {
  }
}

Expected<std::uint64_t> Generation::Current() const {
  if (!options_.is_shared || options_.steady_now().time_since_epoch().count() < lease_until_.load()) {
    return known_.load();
  }
  ASSIGN_OR_RETURN(const std::uint64_t generation, Read());
  Know(generation);
  return generation;
}

Expected<void> Generation::BeginChange(db::Transaction& transaction) { return generations::CountUp(transaction); }

Expected<bool> Generation::OthersKnow(std::uint64_t generation) {
  bool is_behind = false;
  RETURN_IF_ERROR(database_.ReadOne([&](db::Reader& reader) -> Expected<void> {
    ASSIGN_OR_RETURN(is_behind, generations::IsAnotherBehind(reader, options_.node, generation, database_.Now()));
    return {};
  }));
  return !is_behind;
}

void Generation::Announce() {
  if (!options_.is_shared) {
    known_.fetch_add(1);
    return;
  }
  // Until it is known which generation this is, this node asks, too.
  const auto deadline = options_.steady_now() + kGenerationLease;
  lease_until_.store(0);
  database_.Notify(kTopic);
  Expected<std::uint64_t> generation = Read();
  if (generation) Know(*generation);
  while (options_.steady_now() < deadline) {
    if (!generation) {
      generation = Read();
      if (generation) Know(*generation);
    } else if (const auto known = OthersKnow(*generation); known && *known) {
      return;
    }
    std::this_thread::sleep_for(kAskInterval);
  }
}

// The database's clock says until when the others wait for this node; this process's own, which was read before, says
// until when it relies on the lease.
Expected<void> Generation::Renew() {
  const auto began = options_.steady_now();
  RETURN_IF_ERROR(database_.InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    ASSIGN_OR_RETURN(const std::uint64_t number, generations::Read(transaction));
    // Before anybody can read that it does.
    Know(number);
    return generations::Lease(transaction, options_.node, number, database_.Now() + kGenerationLease);
  }));
  lease_until_.store((began + kGenerationLease - kLeaseMargin).time_since_epoch().count());
  return {};
}

void Generation::RenewOrLog() {
  const auto renewed = Renew();
  // Once for each outage.
  if (!renewed && !was_away_) {
    telemetry::Log(telemetry::Level::kWarning, "policies_lease_not_renewed", {{"cause", renewed.error().message}});
  }
  was_away_ = !renewed;
}

void Generation::Start() {
  if (!options_.is_shared) return;
  static_cast<void>(database_.InTransaction([&](db::Transaction& transaction) {
    return generations::RemoveGone(transaction, database_.Now() - kGoneAfter);
  }));
  repeater_.Start("policy lease", kRenewInterval, [this] { RenewOrLog(); });
  listening_ = database_.Listen(std::string(kTopic), [this] { repeater_.Wake(); });
}

void Generation::Stop() {
  if (!options_.is_shared) return;
  listening_.reset();
  repeater_.Stop();
  if (lease_until_.exchange(0) == 0) return;
  static_cast<void>(database_.InTransaction(
      [&](db::Transaction& transaction) { return generations::RemoveNode(transaction, options_.node); }));
}

}  // namespace firmsign::iam
