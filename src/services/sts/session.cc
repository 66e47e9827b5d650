// SPDX-License-Identifier: Apache-2.0

#include "services/sts/session.h"

#include "aws/arn.h"

namespace firmsign::sts {

policy::Principal RoleSession(const ports::RoleFacts& role, const std::string& name, policy::Session session) {
  policy::Principal principal{.type = policy::PrincipalType::kAssumedRole, .account = role.account};
  principal.arn = fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", role.account.str(), role.name, name);
  principal.user_id = fmt::format("{}:{}", role.id, name);
  principal.entity_id = role.id;
  principal.entity_arn = role.arn;
  principal.name = name;
  principal.session = std::make_shared<const policy::Session>(std::move(session));
  return principal;
}

Expected<gateway::Resolution> ResolveRole(Service& sts, const std::string& arn) {
  gateway::Resource resource{.owner = {}, .arn = arn, .policy = nullptr, .context = {}, .needs_policy = true};
  ResolvedRole resolved;
  auto role = sts.identities.FindRole(arn);
  if (role) {
    resource.owner = role->account;
    resource.policy = role->trust;
    resolved.role = *std::move(role);
  } else if (role.error().code != Code::kNotFound) {
    return std::unexpected(std::move(role).error());
  } else if (const auto parsed = aws::ParseArn(arn); parsed && IsAccountId(parsed->account)) {
    resource.owner = AccountId(parsed->account);
  }
  return gateway::Resolution{std::move(resource), std::move(resolved)};
}

}  // namespace firmsign::sts
