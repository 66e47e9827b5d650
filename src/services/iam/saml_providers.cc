// SPDX-License-Identifier: Apache-2.0
//
// SAML providers: whose assertions make sessions of roles.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml.html

#include "engine/federation/saml.h"
#include "services/iam/handlers.h"
#include "services/iam/operations.h"

namespace firmsign::iam {
namespace {

constexpr std::int64_t kSamlProvidersMax = 100;
constexpr std::int64_t kMonthsValid = 1200;  // of metadata that does not say how long; as AWS has it

// One of the account's.
template <class Op>
Found<Op, Entity> NeedSamlProvider(db::Reader& reader, const Call<Op>& call) {
  const std::string& arn = call.input().saml_provider_arn;
  const auto named = ParseEntityArn(arn, Kind::kSamlProvider);
  if (!named)
    return aws::Refuse<errors::InvalidInputException>(fmt::format("{} is not the ARN of a SAML provider.", arn));
  ASSIGN_OR_RETURN(auto found, entities::FindByArn(reader, Kind::kSamlProvider, arn));
  if (!found || found->account != call.facts().account())
    return aws::Refuse<errors::NoSuchEntityException>(fmt::format("SAML Provider not found for arn {}", arn));
  return *std::move(found);
}

// Keeps metadata and until when it is valid. InvalidInputException: it is none, or it asks for encryption.
template <class Op>
Found<Op, void> TakeMetadata(const std::string& text, Instant now, Entity& provider) {
  const auto metadata = federation::ParseSamlMetadata(text);
  if (!metadata) {
    return aws::Refuse<errors::InvalidInputException>("Could not parse metadata: " + metadata.error().message);
  }
  const Instant until = metadata->valid_until.value_or(AddMonths(now, kMonthsValid));
  if (until <= now)
    return aws::Refuse<errors::InvalidInputException>("The metadata is not valid any more (validUntil).");
  provider.document = text;
  provider.number = until.micros / 1'000'000;
  provider.updated_at = now;
  return {};
}

template <class Op>
Found<Op, void> RefuseEncryption(const typename Op::Input& input) {
  if (!input.assertion_encryption_mode && !input.add_private_key) return {};
  return aws::Refuse<errors::InvalidInputException>(
      "Encrypted assertions are not taken here: leave AssertionEncryptionMode and AddPrivateKey out. Assertions travel "
      "over TLS.");
}

}  // namespace

aws::Result<ops::CreateSAMLProvider> CreateSAMLProvider(Service& iam, const Call<ops::CreateSAMLProvider>& call) {
  using Op = ops::CreateSAMLProvider;
  const CreateSAMLProviderRequest& input = call.input();
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<Op> {
    const AccountId& account = call.facts().account();
    RETURN_IF_ERROR(RefuseEncryption<Op>(input));
    ASSIGN_OR_RETURN(const policy::Tags tags, TagsIn<Op>(input.tags));
    ASSIGN_OR_RETURN(const auto taken, entities::Find(transaction, account, Kind::kSamlProvider, input.name));
    if (taken) {
      return aws::Refuse<errors::EntityAlreadyExistsException>(
          fmt::format("SAMLProvider {} already exists.", input.name));
    }
    ASSIGN_OR_RETURN(const std::int64_t count, entities::Count(transaction, account, Kind::kSamlProvider));
    RETURN_IF_ERROR(CheckQuota<Op>("SAMLProvidersPerAccount", count, kSamlProvidersMax));
    const Instant now = call.facts().now;
    Entity provider{.kind = Kind::kSamlProvider,
                    .id = {},
                    .account = account,
                    .name = input.name,
                    .path = "/",
                    .created_at = now,
                    .updated_at = now};
    provider.id = provider.arn();
    RETURN_IF_ERROR(TakeMetadata<Op>(input.saml_metadata_document, now, provider));
    RETURN_IF_ERROR(entities::Insert(transaction, provider));
    RETURN_IF_ERROR(PutTags(transaction, provider.id, tags));
    return CreateSAMLProviderResponse{.saml_provider_arn = provider.id, .tags = TagsAnswer(tags)};
  });
}

aws::Result<ops::GetSAMLProvider> GetSAMLProvider(Service& iam, const Call<ops::GetSAMLProvider>& call) {
  using Op = ops::GetSAMLProvider;
  return Look(iam, call, [&](db::Reader& reader) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(Entity provider, NeedSamlProvider(reader, call));
    ASSIGN_OR_RETURN(const policy::Tags tags, entities::TagsOf(reader, provider.id));
    return GetSAMLProviderResponse{.saml_metadata_document = std::move(provider.document),
                                   .create_date = provider.created_at,
                                   .valid_until = InstantFromSeconds(provider.number),
                                   .tags = TagsAnswer(tags)};
  });
}

aws::Result<ops::UpdateSAMLProvider> UpdateSAMLProvider(Service& iam, const Call<ops::UpdateSAMLProvider>& call) {
  using Op = ops::UpdateSAMLProvider;
  const UpdateSAMLProviderRequest& input = call.input();
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<Op> {
    RETURN_IF_ERROR(RefuseEncryption<Op>(input));
    if (input.remove_private_key) {
      return aws::Refuse<errors::InvalidInputException>("The provider has no private keys.");
    }
    ASSIGN_OR_RETURN(Entity provider, NeedSamlProvider(transaction, call));
    if (input.saml_metadata_document) {
      RETURN_IF_ERROR(TakeMetadata<Op>(*input.saml_metadata_document, call.facts().now, provider));
      RETURN_IF_ERROR(entities::Update(transaction, provider));
    }
    return UpdateSAMLProviderResponse{.saml_provider_arn = provider.id};
  });
}

aws::Result<ops::DeleteSAMLProvider> DeleteSAMLProvider(Service& iam, const Call<ops::DeleteSAMLProvider>& call) {
  using Op = ops::DeleteSAMLProvider;
  return Change(iam, call, [&](db::Transaction& transaction) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(const Entity provider, NeedSamlProvider(transaction, call));
    RETURN_IF_ERROR(entities::Remove(transaction, provider));
    return Op::Output{};
  });
}

aws::Result<ops::ListSAMLProviders> ListSAMLProviders(Service& iam, const Call<ops::ListSAMLProviders>& call) {
  using Op = ops::ListSAMLProviders;
  return Look(iam, call, [&](db::Reader& reader) -> aws::Result<Op> {
    ASSIGN_OR_RETURN(const auto providers, entities::All(reader, call.facts().account(), Kind::kSamlProvider));
    ListSAMLProvidersResponse output;
    output.saml_provider_list.emplace();
    for (const Entity& provider : providers) {
      output.saml_provider_list->push_back(
          {.arn = provider.id, .valid_until = InstantFromSeconds(provider.number), .create_date = provider.created_at});
    }
    return output;
  });
}

}  // namespace firmsign::iam
