// SPDX-License-Identifier: Apache-2.0
//
// For tests: credentials in memory.

#pragma once

#include <map>
#include <utility>

#include "ports/credentials.h"

namespace firmsign::ports {

// Thread safety: safe, once the test has put in what it wants.
class FakeCredentials final : public Credentials {
 public:
  void Add(const AccessKeyId& key, Credential credential) { credentials_.insert_or_assign(key, std::move(credential)); }

  std::optional<Error> find_error;  // when set, Find fails with it

  Expected<Credential> Find(const AccessKeyId& key) const override {
    if (find_error) return std::unexpected(*find_error);
    const auto found = credentials_.find(key);
    if (found == credentials_.end()) return Fail(Code::kNotFound, "no such key");
    return found->second;
  }

 private:
  std::map<AccessKeyId, Credential> credentials_;
};

}  // namespace firmsign::ports
