// SPDX-License-Identifier: Apache-2.0
//
// For tests: credentials in memory.

#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "ports/credentials.h"

namespace firmsign::ports {

// Thread safety: safe, once the test has put in what it wants.
class FakeCredentials final : public Credentials {
 public:
  void Add(const AccessKeyId& key, Credential credential, std::string token = {}) {
    credentials_.insert_or_assign(key, std::pair(std::move(credential), std::move(token)));
  }

  std::optional<Error> find_error;  // when set, Find fails with it

  Expected<Credential> Find(const AccessKeyId& key, std::string_view token) const override {
    if (find_error) return std::unexpected(*find_error);
    const auto found = credentials_.find(key);
    if (found == credentials_.end()) return Fail(Code::kNotFound, "no such key");
    if (found->second.second != token) return Fail(Code::kDenied, "another token");
    return found->second.first;
  }
  void NoteUse(const AccessKeyId&, const Region&, std::string_view service, Instant) const override {
    last_use = service;
  }
  mutable std::string last_use;  // the service that was called

 private:
  std::map<AccessKeyId, std::pair<Credential, std::string>> credentials_;
};

}  // namespace firmsign::ports
