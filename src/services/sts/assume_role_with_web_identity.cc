// SPDX-License-Identifier: Apache-2.0
//
// AssumeRoleWithWebIdentity: a session of a role for the holder of an OpenID provider's token. The call is not signed;
// the token says who calls, and the role's trust policy whether that is enough.
//
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html (keys of web identities)

#include "services/sts/claimed_session.h"
#include "services/sts/operations.h"
#include "services/sts/session.h"

namespace firmsign::sts {
namespace {

using WebIdentityOp = ops::AssumeRoleWithWebIdentity;
using InvalidToken = errors::InvalidIdentityTokenException;

constexpr std::size_t kClaimsMax = 64;
constexpr std::string_view kScheme = "https://";

// What conditions may ask about the token: "token.example.com:sub". Claims that are neither texts nor lists of texts
// nor numbers nor truths are left out.
policy::Context ClaimsOf(const federation::Jwt& token, std::string_view host) {
  policy::Context context;
  std::size_t count = 0;
  for (const auto& [name, value] : *token.claims.AsObject()) {
    const auto texts = policy::TextsOf(value);
    if (!texts || ++count > kClaimsMax) continue;
    for (const std::string& text : *texts) context.Add(fmt::format("{}:{}", host, name), text);
  }
  return context;
}

// The tags and the source identity that the token gives the session. A tag's value is a text, or a list of one.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp
Expected<ClaimedSession> SessionIn(const federation::Jwt& token) {
  constexpr std::string_view kTags = "https://aws.amazon.com/tags";
  const json::Value* nested = token.claims.Find(kTags);
  const auto member = [&](std::string_view name) {
    if (nested != nullptr) return nested->Find(name);
    return token.claims.Find(fmt::format("{}/{}", kTags, name));
  };
  ClaimedSession claimed;
  if (const json::Value* tags = member("principal_tags")) {
    if (tags->AsObject() == nullptr) return Fail(Code::kInvalid, "principal_tags is no object");
    claimed.tags.emplace();
    for (const auto& [key, value] : *tags->AsObject()) {
      const auto texts = policy::TextsOf(value);
      if (!texts || texts->size() != 1) return Fail(Code::kInvalid, "a tag in principal_tags has not one value");
      claimed.tags->push_back({.key = key, .value = texts->front()});
    }
  }
  if (const json::Value* keys = member("transitive_tag_keys")) {
    claimed.transitive_tag_keys = policy::TextsOf(*keys);
    if (!claimed.transitive_tag_keys) return Fail(Code::kInvalid, "transitive_tag_keys is no list of texts");
  }
  const std::string source = token.Text("https://aws.amazon.com/source_identity");
  if (!source.empty()) claimed.source_identity = source;
  return claimed;
}

Found<WebIdentityOp, void> CheckTime(const federation::Jwt& token, Instant now) {
  switch (federation::TimeOf(token, now)) {
    case federation::TokenTime::kValid: return {};
    case federation::TokenTime::kExpired:
      return aws::Refuse<errors::ExpiredTokenException>(
          fmt::format("Token expired: current date/time {} must be before the expiration date/time {}",
                      now.micros / 1'000'000, token.Time("exp")->micros / 1'000'000));
    case federation::TokenTime::kNotYet: return aws::Refuse<InvalidToken>("The token is not valid yet");
    case federation::TokenTime::kNone: break;
  }
  return aws::Refuse<InvalidToken>("The token does not say until when it is valid (exp)");
}

// The provider of the role's account, and that the token is one of it.
Found<WebIdentityOp, ports::OpenIdProviderFacts> CheckToken(Service& sts, const federation::Jwt& token,
                                                            const AccountId& account, Instant now) {
  const std::string issuer = token.Text("iss");
  const std::string address = issuer.starts_with(kScheme) ? issuer : std::string(kScheme) + issuer;
  auto provider = sts.identities.FindOpenIdProvider(account, address);
  if (!provider && provider.error().code == Code::kNotFound) {
    return aws::Refuse<InvalidToken>(
        fmt::format("No OpenIDConnect provider found in your account for {}", address.substr(0, 255)));
  }
  if (!provider) return std::unexpected(std::move(provider).error());
  const auto keys = sts.openid_keys.For(provider->url, token, now);
  if (!keys) {
    return aws::Refuse<errors::IDPCommunicationErrorException>(
        fmt::format("Couldn't retrieve verification key from your identity provider {}", provider->url));
  }
  // Before anything else that the token says is told.
  if (!federation::IsSignedByOneOf(token, **keys)) {
    return aws::Refuse<InvalidToken>("The signature of the token is not one of its provider's");
  }
  RETURN_IF_ERROR(CheckTime(token, now));
  const auto is_client = [&](const std::string& audience) {
    return std::ranges::find(provider->client_ids, audience) != provider->client_ids.end();
  };
  if (!std::ranges::any_of(token.Texts("aud"), is_client)) return aws::Refuse<InvalidToken>("Incorrect token audience");
  if (token.Text("sub").empty()) return aws::Refuse<InvalidToken>("The token names nobody (sub)");
  return *std::move(provider);
}

}  // namespace

std::expected<gateway::Resolution, aws::OperationError<WebIdentityOp>> ResolveAssumeRoleWithWebIdentity(
    Service& sts, const gateway::CallFacts& facts, const AssumeRoleWithWebIdentityRequest& input) {
  const auto token = federation::ParseJwt(input.web_identity_token);
  if (!token) {
    return aws::Refuse<InvalidToken>(
        "The ID Token provided is not a valid JWT. (You may see this error if you sent an "
        "Access Token)");
  }
  ASSIGN_OR_RETURN(gateway::Resolution resolution, ResolveRole(sts, input.role_arn));
  ASSIGN_OR_RETURN(const ports::OpenIdProviderFacts provider, CheckToken(sts, *token, resolution.owner, facts.now));
  const std::string host = provider.url.substr(kScheme.size());
  auto& resolved = *std::any_cast<ResolvedRole>(&resolution.value);
  resolved.subject = token->Text("sub");
  resolved.audience = token->Texts("aud").front();
  resolved.provider = provider.arn;
  resolution.context = ClaimsOf(*token, host);
  resolution.context.Set("aws:FederatedProvider", provider.arn);

  auto claimed = SessionIn(*token);
  auto taken = claimed ? TakeClaims(input.role_session_name, *std::move(claimed), resolution)
                       : std::unexpected(std::move(claimed).error());
  if (!taken) {
    return aws::Refuse<InvalidToken>("The token gives the session what it cannot have: " + taken.error().message);
  }

  policy::Principal caller{.type = policy::PrincipalType::kWebIdentity, .account = resolution.owner};
  caller.arn = fmt::format("{}:{}", host, resolved.subject);
  caller.user_id = fmt::format("{}:{}:{}", provider.arn, resolved.audience, resolved.subject);
  caller.entity_arn = provider.arn;
  caller.name = resolved.subject;
  resolution.caller = std::move(caller);
  // These three stay with the session.
  for (const std::string_view claim : {"aud", "sub", "amr"}) {
    for (std::string& value : token->Texts(claim)) {
      resolved.session.claims.Add(fmt::format("{}:{}", host, claim), std::move(value));
    }
  }
  return resolution;
}

aws::Result<WebIdentityOp> AssumeRoleWithWebIdentity(Service& sts, const Call<WebIdentityOp>& call) {
  const AssumeRoleWithWebIdentityRequest& input = call.input();
  const auto& resolved = call.resolved<ResolvedRole>();
  if (!resolved.role) return aws::Refuse<errors::AccessDenied>("Access Denied");
  ASSIGN_OR_RETURN(const std::int64_t seconds, SecondsOf<WebIdentityOp>(input.duration_seconds, *resolved.role, false));
  ASSIGN_OR_RETURN(Limits limits, LimitsIn<WebIdentityOp>(sts, input, resolved.role->account));
  RETURN_IF_ERROR(RequireClaims(call));
  policy::Session session = NewSession(call.facts().now, seconds, resolved.session);
  session.provider = resolved.provider;
  auto output = IssueRoleSession<WebIdentityOp>(sts, *resolved.role, input.role_session_name, std::move(session),
                                                std::move(limits));
  if (!output) return output;
  output->subject_from_web_identity_token = resolved.subject;
  output->provider = resolved.provider;
  output->audience = resolved.audience;
  if (!resolved.session.source_identity.empty()) output->source_identity = resolved.session.source_identity;
  return output;
}

}  // namespace firmsign::sts
