// SPDX-License-Identifier: Apache-2.0
//
// For tests: what each identity may do, in memory.

#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "ports/policies.h"

namespace firmsign::ports {

// Thread safety: safe, once the test has put in what it wants.
class FakePolicies final : public Policies {
 public:
  // Gives the entity one policy. `document` must be one.
  void Add(const std::string& entity_id, const std::string& source, std::string_view document) {
    auto parsed = policy::ParseDocument(document, policy::DocumentKind::kIdentity);
    CHECK(parsed.has_value());
    auto& entitlements = entitlements_[entity_id];
    if (!entitlements) entitlements = std::make_shared<policy::Entitlements>();
    entitlements->policies.push_back(std::make_shared<policy::Policy>(source, *std::move(parsed)));
  }

  Expected<std::shared_ptr<const policy::Entitlements>> Of(const policy::Principal& principal) const override {
    if (principal.entity_id.empty()) return nullptr;
    const auto found = entitlements_.find(principal.entity_id);
    if (found == entitlements_.end()) return Fail(Code::kDenied, "there is no " + principal.entity_id);
    return found->second;
  }

 private:
  std::map<std::string, std::shared_ptr<policy::Entitlements>> entitlements_;
};

}  // namespace firmsign::ports
