// SPDX-License-Identifier: Apache-2.0
//
// For tests: users and roles by ARN and id.

#pragma once

#include <map>
#include <string>
#include <utility>

#include "ports/principals.h"

namespace firmsign::ports {

// Thread safety: safe, once the test has put in what it wants.
class FakePrincipals final : public Principals {
 public:
  void Add(const std::string& arn, const std::string& id) { ids_[arn] = id; }
  std::string missing;  // an ARN that nobody has; empty: none

  Expected<std::string> WithIds(const std::string& document) const override {
    if (!missing.empty() && document.find(missing) != std::string::npos) {
      return Fail(Code::kInvalid, "Invalid principal in policy: " + missing);
    }
    std::string changed = document;
    for (const auto& [arn, id] : ids_) Replace(changed, arn, id);
    return changed;
  }
  Expected<std::string> WithArns(const std::string& document) const override {
    std::string changed = document;
    for (const auto& [arn, id] : ids_) Replace(changed, id, arn);
    return changed;
  }

 private:
  static void Replace(std::string& text, const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
      text.replace(at, from.size(), to);
    }
  }
  std::map<std::string, std::string> ids_;
};

}  // namespace firmsign::ports
