// SPDX-License-Identifier: Apache-2.0
//
// The policy book: what users and roles may do, from memory once it was read.

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/policy/evaluate.h"
#include "platform/db/database.h"
#include "ports/policies.h"
#include "services/iam/entity_store.h"
#include "services/iam/generation.h"
#include "services/iam/kept.h"

namespace firmsign::iam {

// The document of a managed policy, AWS's or the account's own: its default version. kNotFound: there is none of this
// ARN. Within the caller's snapshot.
Expected<std::string> DocumentOf(db::Reader& reader, std::string_view policy_arn);
// The policies that count for one user, group or role, with those of a user's groups.
Expected<policy::Entitlements> EntitlementsOf(db::Reader& reader, const Entity& entity);

// Thread safety: safe. Lifetime: database and generation outlive it.
class PolicyBook final : public ports::Policies {
 public:
  PolicyBook(db::Database& database, const Generation& generation) : database_(database), generation_(generation) {}

  // Also kCorrupt when a stored policy cannot be read, and the codes of db::Reader.
  Expected<std::shared_ptr<const policy::Entitlements>> Of(const policy::Principal& principal) const override;
  // A managed policy by its ARN, as a session's. kNotFound: there is none.
  Expected<std::shared_ptr<const policy::Policy>> Managed(const std::string& arn) const;

 private:
  static constexpr std::size_t kEntitiesKeptMax = 10'000;

  db::Database& database_;
  const Generation& generation_;
  mutable Kept<std::shared_ptr<const policy::Entitlements>> entitlements_{kEntitiesKeptMax};
  mutable Kept<std::shared_ptr<const policy::Policy>> managed_{kEntitiesKeptMax};
};

}  // namespace firmsign::iam
