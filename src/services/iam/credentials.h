// SPDX-License-Identifier: Apache-2.0
//
// Credentials: the port by which the gateway learns secrets and identities, in front of the store.
//
// It runs on the threads that serve sockets, so what was found, and that nothing was found, is kept in memory for as
// long as its generation lasts (generation.h).

#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "ports/credentials.h"
#include "services/iam/generation.h"
#include "services/iam/kept.h"
#include "services/iam/key_usage.h"
#include "services/iam/policy_book.h"
#include "services/iam/session_tokens.h"
#include "services/iam/store.h"

namespace firmsign::iam {

// Thread safety: safe. Lifetime: all arguments outlive it.
class Credentials final : public ports::Credentials {
 public:
  Credentials(Store& store, const SessionTokens& tokens, const PolicyBook& policies, const Generation& generation,
              KeyUsage& usage)
      : store_(store), tokens_(tokens), policies_(policies), generation_(generation), usage_(usage) {}

  // Also kCorrupt when the secret does not open, and what db::Reader returns; these are not kept either.
  Expected<ports::Credential> Find(const AccessKeyId& key, std::string_view token) const override;
  void NoteUse(const AccessKeyId& key, const Region& region, std::string_view service, Instant now) const override {
    usage_.Note(key, region, service, now);
  }

 private:
  static constexpr std::size_t kKeysKeptMax = 10'000;
  static constexpr std::size_t kUnknownKeysKeptMax = 1'000;
  static constexpr std::size_t kSessionsKeptMax = 2'000;  // a token may have some KiB

  Expected<ports::Credential> FindKey(const AccessKeyId& key) const;
  Expected<ports::Credential> FindSession(const AccessKeyId& key, std::string_view token) const;
  // The principal of a session with the policies that limit it as they are now.
  Expected<policy::Principal> WithPolicies(const OpenedSession& opened) const;

  Store& store_;
  const SessionTokens& tokens_;
  const PolicyBook& policies_;
  const Generation& generation_;
  KeyUsage& usage_;
  mutable Kept<ports::Credential> keys_{kKeysKeptMax};
  mutable Kept<bool> unknown_{kUnknownKeysKeptMax};
  mutable Kept<ports::Credential> sessions_{kSessionsKeptMax};
};

}  // namespace firmsign::iam
