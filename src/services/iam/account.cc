// SPDX-License-Identifier: Apache-2.0
//
// The account as a whole: its alias and what it has.

#include "services/iam/alias_store.h"
#include "services/iam/handlers.h"
#include "services/iam/mfa_store.h"
#include "services/iam/operations.h"
#include "services/iam/password_store.h"

namespace firmsign::iam {

aws::Result<ops::CreateAccountAlias> CreateAccountAlias(Service& iam, const Call<ops::CreateAccountAlias>& call) {
  using Op = ops::CreateAccountAlias;
  const std::string& alias = call.input().account_alias;
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(const auto holder, aliases::HolderOf(transaction, alias));
    if (holder) {
      return aws::Refuse<errors::EntityAlreadyExistsException>(
          fmt::format("The account alias {} already exists.", alias));
    }
    // An account has one: a new one takes its place.
    RETURN_IF_ERROR(aliases::Put(transaction, call.facts().account(), alias));
    return Op::Output{};
  });
}

aws::Result<ops::DeleteAccountAlias> DeleteAccountAlias(Service& iam, const Call<ops::DeleteAccountAlias>& call) {
  using Op = ops::DeleteAccountAlias;
  const std::string& alias = call.input().account_alias;
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(const auto holder, aliases::HolderOf(transaction, alias));
    if (holder != call.facts().account()) {
      return aws::Refuse<errors::NoSuchEntityException>(fmt::format("The account alias {} cannot be found.", alias));
    }
    RETURN_IF_ERROR(aliases::Remove(transaction, alias));
    return Op::Output{};
  });
}

aws::Result<ops::ListAccountAliases> ListAccountAliases(Service& iam, const Call<ops::ListAccountAliases>& call) {
  using Op = ops::ListAccountAliases;
  return Look(iam, call, [&](db::Reader& reader) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(const auto alias, aliases::Of(reader, call.facts().account()));
    ListAccountAliasesResponse output{.account_aliases = {}, .is_truncated = false, .marker = {}};
    if (alias) output.account_aliases.push_back(*alias);
    return output;
  });
}

aws::Result<ops::GetAccountSummary> GetAccountSummary(Service& iam, const Call<ops::GetAccountSummary>& call) {
  using Op = ops::GetAccountSummary;
  return Look(iam, call, [&](db::Reader& reader) -> aws::Result<Op> {
    const AccountId& account = call.facts().account();
    aws::StringMap summary = {{"UsersQuota", "5000"},
                              {"GroupsQuota", "300"},
                              {"RolesQuota", "1000"},
                              {"PoliciesQuota", "1500"},
                              {"InstanceProfilesQuota", "1000"},
                              {"ServerCertificates", "0"},
                              {"ServerCertificatesQuota", "20"},
                              {"UserPolicySizeQuota", "2048"},
                              {"GroupPolicySizeQuota", "5120"},
                              {"RolePolicySizeQuota", "10240"},
                              {"PolicySizeQuota", "6144"},
                              {"AssumeRolePolicySizeQuota", "2048"},
                              {"GroupsPerUserQuota", "10"},
                              {"AccessKeysPerUserQuota", "2"},
                              {"SigningCertificatesPerUserQuota", "2"},
                              {"AttachedPoliciesPerUserQuota", "10"},
                              {"AttachedPoliciesPerGroupQuota", "10"},
                              {"AttachedPoliciesPerRoleQuota", "10"},
                              {"VersionsPerPolicyQuota", "5"},
                              {"PolicyVersionsInUseQuota", "10000"},
                              {"GlobalEndpointTokenVersion", "2"},
                              {"AccountMFAEnabled", "0"},
                              {"AccountPasswordPresent", "0"},
                              {"AccountSigningCertificatesPresent", "0"}};
    const std::pair<const char*, Kind> counted[] = {{"Users", Kind::kUser},
                                                    {"Groups", Kind::kGroup},
                                                    {"Roles", Kind::kRole},
                                                    {"Policies", Kind::kPolicy},
                                                    {"InstanceProfiles", Kind::kInstanceProfile},
                                                    {"MFADevices", Kind::kMfaDevice}};
    std::int64_t providers = 0;
    for (const auto& [name, kind] : counted) {
      ASSIGN_OR_RETURN(const std::int64_t count, entities::Count(reader, account, kind));
      summary[name] = std::to_string(count);
    }
    for (const Kind kind : {Kind::kSamlProvider, Kind::kOidcProvider}) {
      ASSIGN_OR_RETURN(const std::int64_t count, entities::Count(reader, account, kind));
      providers += count;
    }
    summary["Providers"] = std::to_string(providers);
    ASSIGN_OR_RETURN(const auto root_keys, Store::AccessKeysOf(reader, account, ""));
    summary["AccountAccessKeysPresent"] = root_keys.empty() ? "0" : "1";
    ASSIGN_OR_RETURN(const auto policies, entities::All(reader, account, Kind::kPolicy));
    std::size_t versions = 0;
    for (const Entity& policy : policies) {
      ASSIGN_OR_RETURN(const auto list, entities::VersionsOf(reader, policy.id));
      versions += list.size();
    }
    summary["PolicyVersionsInUse"] = std::to_string(versions);
    ASSIGN_OR_RETURN(const auto devices, entities::All(reader, account, Kind::kMfaDevice));
    std::int64_t in_use = 0;
    for (const Entity& one : devices) {
      ASSIGN_OR_RETURN(const auto device, mfa::Find(reader, one.id));
      if (device && !device->user_id.empty()) ++in_use;
    }
    summary["MFADevicesInUse"] = std::to_string(in_use);
    return GetAccountSummaryResponse{.summary_map = std::move(summary)};
  });
}

// Credentials of other kinds, which no service here takes. Tools that remove a user ask for them first.

namespace {

// NoSuchEntityException: there is no such user.
template <class Op>
aws::Result<Op> ListNone(Service& iam, const Call<Op>& call) {
  return Look(iam, call, [&](db::Reader& reader) -> aws::Result<Op> {
    if (call.input().user_name) RETURN_IF_ERROR(NeedNamed(reader, call));
    typename Op::Output output;
    output.is_truncated = false;
    return output;
  });
}

}  // namespace

aws::Result<ops::ListSSHPublicKeys> ListSSHPublicKeys(Service& iam, const Call<ops::ListSSHPublicKeys>& call) {
  auto output = ListNone(iam, call);
  if (output) output->ssh_public_keys.emplace();
  return output;
}

aws::Result<ops::ListSigningCertificates> ListSigningCertificates(Service& iam,
                                                                  const Call<ops::ListSigningCertificates>& call) {
  return ListNone(iam, call);
}

aws::Result<ops::ListServiceSpecificCredentials> ListServiceSpecificCredentials(
    Service& iam, const Call<ops::ListServiceSpecificCredentials>& call) {
  auto output = ListNone(iam, call);
  if (output) output->service_specific_credentials.emplace();
  return output;
}

}  // namespace firmsign::iam
