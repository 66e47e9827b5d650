// SPDX-License-Identifier: Apache-2.0
//
// OpenID providers: issuers of tokens with which a role can be assumed.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html

#include "services/iam/handlers.h"
#include "services/iam/oidc_provider.h"
#include "services/iam/operations.h"

namespace firmsign::iam {
namespace {

constexpr std::int64_t kProvidersMax = 100;
constexpr std::size_t kClientIdsMax = 100;
constexpr std::size_t kThumbprintsMax = 5;

// One of the account's, with its lists.
struct Provider {
  Entity entity;
  OidcLists lists;
};

template <class Op>
Found<Op, Provider> NeedProvider(db::Reader& reader, const Call<Op>& call) {
  const std::string& arn = call.input().open_id_connect_provider_arn;
  const auto named = ParseEntityArn(arn, Kind::kOidcProvider);
  if (!named) {
    return aws::Refuse<errors::InvalidInputException>(fmt::format("{} is not the ARN of an OpenID provider.", arn));
  }
  ASSIGN_OR_RETURN(auto found, entities::FindByArn(reader, Kind::kOidcProvider, arn));
  if (!found || found->account != call.facts().account()) {
    return aws::Refuse<errors::NoSuchEntityException>(fmt::format("OpenIDConnect Provider not found for arn {}", arn));
  }
  ASSIGN_OR_RETURN(OidcLists lists, ParseOidcLists(found->document));
  return Provider{*std::move(found), std::move(lists)};
}

// InvalidInputException: not 40 hexadecimal digits, or too many.
template <class Op>
Found<Op, std::vector<std::string>> ThumbprintsIn(const std::vector<std::string>& list) {
  if (list.size() > kThumbprintsMax) {
    return aws::Refuse<errors::InvalidInputException>(fmt::format("At most {} thumbprints are kept.", kThumbprintsMax));
  }
  std::vector<std::string> thumbprints;
  for (const std::string& one : list) {
    if (!DecodeHex(one)) {
      return aws::Refuse<errors::InvalidInputException>(fmt::format("{} is not a thumbprint in hexadecimal.", one));
    }
    thumbprints.push_back(ToLower(one));
  }
  return thumbprints;
}

// Lets `change` (OidcLists& -> Found<Op, void>) change the lists of a provider.
template <class Op, class ChangeLists>
aws::Result<Op> ChangeProvider(Service& iam, const Call<Op>& call, ChangeLists change) {
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(Provider provider, NeedProvider(transaction, call));
    RETURN_IF_ERROR(change(provider.lists));
    provider.entity.document = FormatOidcLists(provider.lists);
    provider.entity.updated_at = call.facts().now;
    RETURN_IF_ERROR(entities::Update(transaction, provider.entity));
    return typename Op::Output{};
  });
}

}  // namespace

std::expected<gateway::Resolution, aws::OperationError<ops::CreateOpenIDConnectProvider>>
ResolveCreateOpenIDConnectProvider(Service&, const gateway::CallFacts& facts,
                                   const CreateOpenIDConnectProviderRequest& input) {
  gateway::Resolution resolution{{.owner = facts.account(), .arn = {}}};
  if (const auto name = OidcProviderName(input.url)) {
    resolution.arn = MakeArn(facts.account(), Kind::kOidcProvider, "/", *name);
  }
  return resolution;
}

aws::Result<ops::CreateOpenIDConnectProvider> CreateOpenIDConnectProvider(
    Service& iam, const Call<ops::CreateOpenIDConnectProvider>& call) {
  using Op = ops::CreateOpenIDConnectProvider;
  const CreateOpenIDConnectProviderRequest& input = call.input();
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<Op> {
    const AccountId& account = call.facts().account();
    const auto name = OidcProviderName(input.url);
    if (!name) {
      return aws::Refuse<errors::InvalidInputException>(
          "Invalid Open ID Connect Provider URL: it begins with https:// and has no user, query or fragment.");
    }
    ASSIGN_OR_RETURN(const policy::Tags tags, TagsIn<Op>(input.tags));
    ASSIGN_OR_RETURN(const auto taken, entities::Find(transaction, account, Kind::kOidcProvider, *name));
    if (taken) {
      return aws::Refuse<errors::EntityAlreadyExistsException>(
          fmt::format("Provider with url {} already exists.", input.url));
    }
    ASSIGN_OR_RETURN(const std::int64_t count, entities::Count(transaction, account, Kind::kOidcProvider));
    RETURN_IF_ERROR(CheckQuota<Op>("OpenIdConnectProvidersPerAccount", count, kProvidersMax));
    OidcLists lists{.client_ids = input.client_id_list.value_or(std::vector<std::string>()), .thumbprints = {}};
    RETURN_IF_ERROR(CheckSize<Op>("ClientIdsPerOpenIdConnectProvider", lists.client_ids.size(), kClientIdsMax));
    ASSIGN_OR_RETURN(lists.thumbprints, ThumbprintsIn<Op>(input.thumbprint_list.value_or(std::vector<std::string>())));
    Entity provider{.kind = Kind::kOidcProvider,
                    .id = {},
                    .account = account,
                    .name = *name,
                    .path = "/",
                    .created_at = call.facts().now,
                    .updated_at = call.facts().now,
                    .document = FormatOidcLists(lists)};
    provider.id = provider.arn();
    RETURN_IF_ERROR(entities::Insert(transaction, provider));
    RETURN_IF_ERROR(PutTags(transaction, provider.id, tags));
    return CreateOpenIDConnectProviderResponse{.open_id_connect_provider_arn = provider.arn(),
                                               .tags = TagsAnswer(tags)};
  });
}

aws::Result<ops::GetOpenIDConnectProvider> GetOpenIDConnectProvider(Service& iam,
                                                                    const Call<ops::GetOpenIDConnectProvider>& call) {
  using Op = ops::GetOpenIDConnectProvider;
  return Look(iam, call, [&](db::Reader& reader) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(Provider provider, NeedProvider(reader, call));
    ASSIGN_OR_RETURN(const policy::Tags tags, entities::TagsOf(reader, provider.entity.id));
    return GetOpenIDConnectProviderResponse{.url = provider.entity.name,
                                            .client_id_list = std::move(provider.lists.client_ids),
                                            .thumbprint_list = std::move(provider.lists.thumbprints),
                                            .create_date = provider.entity.created_at,
                                            .tags = TagsAnswer(tags)};
  });
}

aws::Result<ops::DeleteOpenIDConnectProvider> DeleteOpenIDConnectProvider(
    Service& iam, const Call<ops::DeleteOpenIDConnectProvider>& call) {
  using Op = ops::DeleteOpenIDConnectProvider;
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(const Provider provider, NeedProvider(transaction, call));
    RETURN_IF_ERROR(entities::Remove(transaction, provider.entity));
    return Op::Output{};
  });
}

aws::Result<ops::ListOpenIDConnectProviders> ListOpenIDConnectProviders(
    Service& iam, const Call<ops::ListOpenIDConnectProviders>& call) {
  using Op = ops::ListOpenIDConnectProviders;
  return Look(iam, call, [&](db::Reader& reader) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(const auto providers, entities::All(reader, call.facts().account(), Kind::kOidcProvider));
    ListOpenIDConnectProvidersResponse output;
    output.open_id_connect_provider_list.emplace();
    for (const Entity& provider : providers) output.open_id_connect_provider_list->push_back({.arn = provider.arn()});
    return output;
  });
}

aws::Result<ops::AddClientIDToOpenIDConnectProvider> AddClientIDToOpenIDConnectProvider(
    Service& iam, const Call<ops::AddClientIDToOpenIDConnectProvider>& call) {
  using Op = ops::AddClientIDToOpenIDConnectProvider;
  return ChangeProvider(iam, call, [&](OidcLists& lists) -> Found<Op, void> {
    if (std::ranges::find(lists.client_ids, call.input().client_id) != lists.client_ids.end()) return {};
    lists.client_ids.push_back(call.input().client_id);
    return CheckSize<Op>("ClientIdsPerOpenIdConnectProvider", lists.client_ids.size(), kClientIdsMax);
  });
}

aws::Result<ops::RemoveClientIDFromOpenIDConnectProvider> RemoveClientIDFromOpenIDConnectProvider(
    Service& iam, const Call<ops::RemoveClientIDFromOpenIDConnectProvider>& call) {
  using Op = ops::RemoveClientIDFromOpenIDConnectProvider;
  return ChangeProvider(iam, call, [&](OidcLists& lists) -> Found<Op, void> {
    std::erase(lists.client_ids, call.input().client_id);
    return {};
  });
}

aws::Result<ops::UpdateOpenIDConnectProviderThumbprint> UpdateOpenIDConnectProviderThumbprint(
    Service& iam, const Call<ops::UpdateOpenIDConnectProviderThumbprint>& call) {
  using Op = ops::UpdateOpenIDConnectProviderThumbprint;
  return ChangeProvider(iam, call, [&](OidcLists& lists) -> Found<Op, void> {
    ASSIGN_OR_RETURN(lists.thumbprints, ThumbprintsIn<Op>(call.input().thumbprint_list));
    return {};
  });
}

}  // namespace firmsign::iam
