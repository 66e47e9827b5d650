// SPDX-License-Identifier: Apache-2.0
//
// For tests: certificates in memory.

#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "ports/certificate_store.h"

namespace firmsign::ports {

// Thread safety: safe, once the test has put in what it wants.
class FakeCertificateStore final : public CertificateStore {
 public:
  void Add(const AccountId& account, const Region& region, const std::string& arn, crypto::Certificate certificate,
           std::shared_ptr<const keys::SigningKey> key) {
    materials_[Key(account, region, arn)] = std::make_shared<const SigningMaterial>(
        SigningMaterial{.certificate_arn = arn, .certificate = std::move(certificate), .key = std::move(key)});
  }
  void Remove(const AccountId& account, const Region& region, const std::string& arn) {
    materials_.erase(Key(account, region, arn));
  }

  Expected<void> CatchUp() override {
    ++catch_ups;
    return {};
  }
  std::atomic<int> catch_ups{0};

  std::optional<Error> find_error;  // when set, Find fails with it

  Expected<std::shared_ptr<const SigningMaterial>> Find(const AccountId& account, const Region& region,
                                                        std::string_view arn) override {
    if (find_error) return std::unexpected(*find_error);
    const auto found = materials_.find(Key(account, region, arn));
    if (found == materials_.end()) return Fail(Code::kNotFound, "no such certificate");
    return found->second;
  }

 private:
  static std::string Key(const AccountId& account, const Region& region, std::string_view arn) {
    return account.str() + "/" + region.str() + "/" + std::string(arn);
  }
  std::map<std::string, std::shared_ptr<const SigningMaterial>> materials_;
};

}  // namespace firmsign::ports
