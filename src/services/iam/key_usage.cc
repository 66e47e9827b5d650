// SPDX-License-Identifier: Apache-2.0

#include "services/iam/key_usage.h"

#include <utility>

#include "platform/telemetry/log.h"

namespace firmsign::iam {

void KeyUsage::Note(const AccessKeyId& key, const Region& region, std::string_view service, Instant now) {
  {
    const std::shared_lock lock(mutex_);
    const auto found = noted_at_.find(key);
    if (found != noted_at_.end() && now < found->second + kPrecision) return;
  }
  const std::unique_lock lock(mutex_);
  if (noted_at_.size() >= kKeysMax) noted_at_.clear();
  noted_at_.insert_or_assign(key, now);
  unwritten_.insert_or_assign(key, KeyUse{.at = now, .region = region.str(), .service = std::string(service)});
}

Expected<void> KeyUsage::Write() {
  std::unordered_map<AccessKeyId, KeyUse> uses;
  {
    const std::unique_lock lock(mutex_);
    uses = std::exchange(unwritten_, {});
  }
  if (uses.empty()) return {};
  const auto written = store_.database().InTransaction([&](db::Transaction& transaction) -> Expected<void> {
    for (const auto& [key, use] : uses) RETURN_IF_ERROR(Store::SetLastUse(transaction, key, use));
    return {};
  });
  if (written) return {};
  const std::unique_lock lock(mutex_);
  unwritten_.merge(uses);
  return written;
}

void KeyUsage::Start() {
  is_running_ = true;
  repeater_.Start("key usage", std::chrono::minutes(1), [this] {
    if (const auto written = Write(); !written) {
      telemetry::Log(telemetry::Level::kWarning, "key_usage_not_written", {{"cause", written.error().message}});
    }
  });
}

void KeyUsage::Stop() {
  repeater_.Stop();
  if (std::exchange(is_running_, false)) static_cast<void>(Write());
}

}  // namespace firmsign::iam
