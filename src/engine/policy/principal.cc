// SPDX-License-Identifier: Apache-2.0

#include "engine/policy/principal.h"

#include <utility>

#include "platform/crypto/digest.h"

namespace firmsign::policy {

Principal RootOf(const AccountId& account, AccessKeyId access_key) {
  Principal root{.type = PrincipalType::kRoot, .account = account};
  root.arn = "arn:aws:iam::" + account.str() + ":root";
  root.user_id = account.str();
  root.access_key = std::move(access_key);
  return root;
}

std::string CanonicalUserId(const AccountId& account) { return crypto::Sha256Hex(account.str()); }

std::string_view NameOf(PrincipalType type) {
  switch (type) {
    case PrincipalType::kAnonymous: return "Anonymous";
    case PrincipalType::kRoot: return "Root";
    case PrincipalType::kOperator: return "operator";
    case PrincipalType::kUser: return "IAMUser";
    case PrincipalType::kAssumedRole: return "AssumedRole";
    case PrincipalType::kFederatedUser: return "FederatedUser";
    case PrincipalType::kWebIdentity: return "WebIdentityUser";
    case PrincipalType::kSaml: return "SAMLUser";
    case PrincipalType::kService: return "AWSService";
  }
  return "";
}

}  // namespace firmsign::policy
