// SPDX-License-Identifier: Apache-2.0
//
// AssumeRoleWithSAML: a session of a role for whom a SAML provider vouches. The call is not signed; the assertion says
// who calls, and the role's trust policy whether that is enough.
//
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html (what it holds)
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html (saml:...)

#include "engine/federation/saml.h"

#include <charconv>

#include "aws/arn.h"
#include "platform/crypto/digest.h"
#include "services/sts/claimed_session.h"
#include "services/sts/operations.h"
#include "services/sts/session.h"

namespace firmsign::sts {
namespace {

using SamlOp = ops::AssumeRoleWithSAML;
using InvalidAssertion = errors::InvalidIdentityTokenException;

constexpr std::string_view kAttributes = "https://aws.amazon.com/SAML/Attributes/";
constexpr std::chrono::hours kRememberedLonger{1};  // for nodes whose clocks are behind
constexpr std::int64_t kSecondsMin = 900;
constexpr std::int64_t kSecondsMax = 43'200;

// Attributes that conditions may ask about, by the names of their standards: eduPerson, X.500 and what LDAP has of it.
struct KnownAttribute {
  std::string_view name;
  std::string_view key;
};
constexpr KnownAttribute kKnown[] = {{"urn:oid:1.3.6.1.4.1.5923.1.1.1.1", "saml:eduPersonAffiliation"},
                                     {"urn:oid:1.3.6.1.4.1.5923.1.1.1.2", "saml:eduPersonNickname"},
                                     {"urn:oid:1.3.6.1.4.1.5923.1.1.1.3", "saml:eduPersonOrgDN"},
                                     {"urn:oid:1.3.6.1.4.1.5923.1.1.1.4", "saml:eduPersonOrgUnitDN"},
                                     {"urn:oid:1.3.6.1.4.1.5923.1.1.1.5", "saml:eduPersonPrimaryAffiliation"},
                                     {"urn:oid:1.3.6.1.4.1.5923.1.1.1.6", "saml:eduPersonPrincipalName"},
                                     {"urn:oid:1.3.6.1.4.1.5923.1.1.1.7", "saml:eduPersonEntitlement"},
                                     {"urn:oid:1.3.6.1.4.1.5923.1.1.1.8", "saml:eduPersonPrimaryOrgUnitDN"},
                                     {"urn:oid:1.3.6.1.4.1.5923.1.1.1.9", "saml:eduPersonScopedAffiliation"},
                                     {"urn:oid:1.3.6.1.4.1.5923.1.1.1.10", "saml:eduPersonTargetedID"},
                                     {"urn:oid:1.3.6.1.4.1.5923.1.1.1.11", "saml:eduPersonAssurance"},
                                     {"urn:oid:2.5.4.3", "saml:commonName"},
                                     {"urn:oid:2.5.4.4", "saml:surname"},
                                     {"urn:oid:2.5.4.42", "saml:givenName"},
                                     {"urn:oid:2.5.4.45", "saml:x500UniqueIdentifier"},
                                     {"urn:oid:0.9.2342.19200300.100.1.1", "saml:uid"},
                                     {"urn:oid:0.9.2342.19200300.100.1.3", "saml:mail"},
                                     {"urn:oid:0.9.2342.19200300.100.1.45", "saml:organizationStatus"}};

std::vector<std::string> AwsValues(const federation::SamlAssertion& assertion, std::string_view name) {
  return assertion.Values(fmt::format("{}{}", kAttributes, name));
}

// The provider of the role's account, and what the assertion says, if it counts.
struct Vouched {
  ports::SamlProviderFacts provider;
  federation::SamlAssertion assertion;
  std::string recipient;
};
Found<SamlOp, Vouched> CheckAssertion(Service& sts, const AssumeRoleWithSAMLRequest& input, const AccountId& account,
                                      Instant now) {
  const auto text = DecodeBase64(input.saml_assertion);
  if (!text) return aws::Refuse<InvalidAssertion>("Invalid base64 SAMLResponse");
  const auto arn = aws::ParseArn(input.principal_arn);
  auto provider = sts.identities.FindSamlProvider(input.principal_arn);
  if (!provider && provider.error().code != Code::kNotFound) return std::unexpected(std::move(provider).error());
  if (!provider || !arn || AccountId(arn->account) != account) {
    return aws::Refuse<InvalidAssertion>("Specified provider doesn't exist");
  }
  const auto metadata = federation::ParseSamlMetadata(provider->metadata);
  if (!metadata) return std::unexpected(Error{.code = Code::kCorrupt, .message = metadata.error().message});
  auto assertion = federation::ReadSamlResponse(*text, metadata->keys);
  if (!assertion) {
    return aws::Refuse<InvalidAssertion>("Your request included an invalid SAML response: " +
                                         assertion.error().message);
  }
  Vouched vouched{.provider = *std::move(provider), .assertion = *std::move(assertion), .recipient = {}};
  auto problem =
      federation::CheckSaml(vouched.assertion, *metadata, {.endpoint = sts.saml_endpoint}, now, vouched.recipient);
  if (problem && problem->is_expired) return aws::Refuse<errors::ExpiredTokenException>(std::move(problem->message));
  if (problem) return aws::Refuse<InvalidAssertion>(std::move(problem->message));
  return vouched;
}

// Whether a value of the attribute Role names both, in either order.
bool NamesRole(const federation::SamlAssertion& assertion, const AssumeRoleWithSAMLRequest& input) {
  return std::ranges::any_of(AwsValues(assertion, "Role"), [&](const std::string& value) {
    const std::size_t comma = value.find(',');
    if (comma == std::string::npos) return false;
    const std::string_view first = TrimBlanks(std::string_view(value).substr(0, comma));
    const std::string_view second = TrimBlanks(std::string_view(value).substr(comma + 1));
    return (first == input.role_arn && second == input.principal_arn) ||
           (first == input.principal_arn && second == input.role_arn);
  });
}

// The one value of an attribute; nullopt: it has none. InvalidIdentityToken: it has several.
Found<SamlOp, std::optional<std::string>> OneValue(const federation::SamlAssertion& assertion, std::string_view name) {
  std::vector<std::string> values = AwsValues(assertion, name);
  if (values.empty()) return std::nullopt;
  if (values.size() > 1) return aws::Refuse<InvalidAssertion>(fmt::format("{} in AuthnResponse has two values", name));
  return std::move(values.front());
}

Found<SamlOp, std::string> SessionNameIn(const federation::SamlAssertion& assertion) {
  ASSIGN_OR_RETURN(const auto name, OneValue(assertion, "RoleSessionName"));
  if (!name) return aws::Refuse<InvalidAssertion>("RoleSessionName is required in AuthnResponse");
  if (!IsSessionName(*name)) {
    return aws::Refuse<InvalidAssertion>("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}");
  }
  return *name;
}

// How long the session shall be if the request does not say.
Found<SamlOp, std::optional<std::int64_t>> SessionSecondsIn(const federation::SamlAssertion& assertion) {
  ASSIGN_OR_RETURN(const auto text, OneValue(assertion, "SessionDuration"));
  if (!text) return std::nullopt;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
  const bool is_number = error == std::errc() && end == text->data() + text->size();
  if (!is_number || seconds < kSecondsMin || seconds > kSecondsMax) {
    return aws::Refuse<InvalidAssertion>(
        fmt::format("SessionDuration in AuthnResponse must be between {} and {}", kSecondsMin, kSecondsMax));
  }
  return seconds;
}

Found<SamlOp, ClaimedSession> SessionIn(const federation::SamlAssertion& assertion) {
  constexpr std::string_view kTag = "PrincipalTag:";
  ClaimedSession claimed;
  for (const auto& [name, values] : assertion.attributes) {
    if (!name.starts_with(kAttributes)) continue;
    const std::string_view rest = std::string_view(name).substr(kAttributes.size());
    if (!rest.starts_with(kTag)) continue;
    if (values.size() != 1) return aws::Refuse<InvalidAssertion>("A PrincipalTag in AuthnResponse has not one value");
    if (!claimed.tags) claimed.tags.emplace();
    claimed.tags->push_back({.key = std::string(rest.substr(kTag.size())), .value = values.front()});
  }
  if (auto keys = AwsValues(assertion, "TransitiveTagKeys"); !keys.empty()) {
    claimed.transitive_tag_keys = std::move(keys);
  }
  ASSIGN_OR_RETURN(claimed.source_identity, OneValue(assertion, "SourceIdentity"));
  return claimed;
}

}  // namespace

std::expected<gateway::Resolution, aws::OperationError<SamlOp>> ResolveAssumeRoleWithSAML(
    Service& sts, const gateway::CallFacts& facts, const AssumeRoleWithSAMLRequest& input) {
  ASSIGN_OR_RETURN(gateway::Resolution resolution, ResolveRole(sts, input.role_arn));
  ASSIGN_OR_RETURN(const Vouched vouched, CheckAssertion(sts, input, resolution.owner, facts.now));
  const federation::SamlAssertion& assertion = vouched.assertion;
  if (!NamesRole(assertion, input)) {
    return aws::Refuse<errors::AccessDenied>("Not authorized to perform sts:AssumeRoleWithSAML");
  }
  auto& resolved = *std::any_cast<ResolvedRole>(&resolution.value);
  SamlFacts& saml = resolved.saml;
  ASSIGN_OR_RETURN(saml.session_name, SessionNameIn(assertion));
  ASSIGN_OR_RETURN(saml.seconds, SessionSecondsIn(assertion));
  resolved.subject = assertion.subject;
  saml.subject_type = assertion.subject_format;
  resolved.audience = vouched.recipient;
  saml.issuer = assertion.issuer;
  resolved.provider = vouched.provider.arn;
  const std::string doc = resolution.owner.str() + vouched.provider.arn.substr(vouched.provider.arn.rfind('/'));
  // So that the same subject of two providers is two people.
  saml.name_qualifier = EncodeBase64(crypto::DigestOf(crypto::Hash::kSha1, assertion.issuer + doc));
  saml.name = EncodeHex(crypto::DigestOf(
      crypto::Hash::kSha256, fmt::format("{}\n{}\n{}", vouched.provider.arn, input.role_arn, assertion.id)));
  saml.counts_until = assertion.issued_at + federation::kSamlRedeemWithin + federation::kSamlSkew + kRememberedLonger;
  if (assertion.session_not_on_or_after) resolved.session.expires_at = *assertion.session_not_on_or_after;

  ASSIGN_OR_RETURN(ClaimedSession claimed, SessionIn(assertion));
  if (auto taken = TakeClaims(saml.session_name, std::move(claimed), resolution); !taken) {
    return aws::Refuse<InvalidAssertion>("The assertion gives the session what it cannot have: " +
                                         taken.error().message);
  }
  // These stay with the session.
  policy::Context& claims = resolved.session.claims;
  claims.Set("saml:iss", assertion.issuer);
  claims.Set("saml:aud", vouched.recipient);
  claims.Set("saml:sub", assertion.subject);
  claims.Set("saml:sub_type", assertion.subject_format);
  claims.Set("saml:namequalifier", saml.name_qualifier);
  claims.Set("saml:doc", doc);
  resolution.context.Merge(claims);
  for (const auto& [name, key] : kKnown) {
    for (std::string& value : assertion.Values(name)) resolution.context.Add(key, std::move(value));
  }
  resolution.context.Set("aws:FederatedProvider", vouched.provider.arn);

  policy::Principal caller{.type = policy::PrincipalType::kSaml, .account = resolution.owner};
  caller.arn = fmt::format("{}:{}", vouched.provider.arn, assertion.subject);
  caller.user_id = fmt::format("{}:{}", saml.name_qualifier, assertion.subject);
  caller.entity_arn = vouched.provider.arn;
  caller.name = assertion.subject;
  resolution.caller = std::move(caller);
  return resolution;
}

aws::Result<SamlOp> AssumeRoleWithSAML(Service& sts, const Call<SamlOp>& call) {
  const AssumeRoleWithSAMLRequest& input = call.input();
  const auto& resolved = call.resolved<ResolvedRole>();
  const SamlFacts& saml = resolved.saml;
  if (!resolved.role) return aws::Refuse<errors::AccessDenied>("Access Denied");
  const Instant now = call.facts().now;
  ASSIGN_OR_RETURN(
      std::int64_t seconds,
      SecondsOf<SamlOp>(input.duration_seconds ? input.duration_seconds : saml.seconds, *resolved.role, false));
  // Not beyond the session at the provider.
  if (const Instant until = resolved.session.expires_at; until.micros != 0) {
    if (until <= now) return aws::Refuse<errors::ExpiredTokenException>("The session at the provider has ended");
    seconds = std::min(seconds, std::max<std::int64_t>((until.micros - now.micros) / 1'000'000, 1));
  }
  ASSIGN_OR_RETURN(Limits limits, LimitsIn<SamlOp>(sts, input, resolved.role->account));
  RETURN_IF_ERROR(RequireClaims(call));
  policy::Session session = NewSession(now, seconds, resolved.session);
  session.provider = resolved.provider;
  RETURN_IF_ERROR(PackedSize<SamlOp>(limits, session.tags));  // before the assertion is spent
  const auto taken = sts.identities.database().InTransaction([&](db::Transaction& transaction) {
    return sts.identities.TakeAssertion(transaction, saml.name, saml.counts_until, now);
  });
  if (!taken && taken.error().code == Code::kDenied) {
    return aws::Refuse<InvalidAssertion>("The assertion was used for this role before. Sign in again.");
  }
  if (!taken) return std::unexpected(taken.error());
  auto output = IssueRoleSession<SamlOp>(sts, *resolved.role, saml.session_name, std::move(session), std::move(limits));
  if (!output) return output;
  output->subject = resolved.subject;
  output->subject_type = saml.subject_type;
  output->issuer = saml.issuer;
  output->audience = resolved.audience;
  output->name_qualifier = saml.name_qualifier;
  if (!resolved.session.source_identity.empty()) output->source_identity = resolved.session.source_identity;
  return output;
}

}  // namespace firmsign::sts
