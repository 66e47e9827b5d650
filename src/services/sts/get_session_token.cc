// SPDX-License-Identifier: Apache-2.0
//
// GetSessionToken and GetFederationToken: sessions that a long-term key makes, with no more rights than its own.
//
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html

#include "services/sts/operations.h"
#include "services/sts/session.h"

namespace firmsign::sts {
namespace {

constexpr std::int64_t kOwnSessionSeconds = 43200;
constexpr std::int64_t kRootSecondsMax = 3600;

// AccessDenied: sessions make no such sessions.
template <class Op>
Found<Op, void> CheckCaller(const Call<Op>& call) {
  const policy::Principal& caller = call.caller();
  const bool is_long_term = caller.session == nullptr && (caller.type == policy::PrincipalType::kUser ||
                                                          caller.type == policy::PrincipalType::kRoot);
  if (is_long_term) return {};
  return aws::Refuse<errors::AccessDenied>(
      fmt::format("Cannot call {} with session credentials", Op::kDescriptor.name));
}

template <class Op>
std::int64_t SecondsFor(const Call<Op>& call) {
  const std::int64_t seconds = call.input().duration_seconds.value_or(kOwnSessionSeconds);
  return call.caller().type == policy::PrincipalType::kRoot ? std::min(seconds, kRootSecondsMax) : seconds;
}

}  // namespace

aws::Result<ops::GetSessionToken> GetSessionToken(Service& sts, const Call<ops::GetSessionToken>& call) {
  RETURN_IF_ERROR(CheckCaller(call));
  ASSIGN_OR_RETURN(const auto mfa, MfaCodeIn(sts, call.facts(), call.input()));
  policy::Session session = NewSession(call.facts().now, SecondsFor(call));
  if (mfa) session.mfa_at = session.issued_at;
  RETURN_IF_ERROR(Take(sts, mfa));
  policy::Principal principal = call.caller();
  principal.session = std::make_shared<const policy::Session>(std::move(session));
  GetSessionTokenResponse output;
  ASSIGN_OR_RETURN(output.credentials, Issue<ops::GetSessionToken>(sts, {.principal = std::move(principal),
                                                                         .policy = {},
                                                                         .policy_arns = {},
                                                                         .parent = call.caller().access_key}));
  return output;
}

aws::Result<ops::GetFederationToken> GetFederationToken(Service& sts, const Call<ops::GetFederationToken>& call) {
  using Op = ops::GetFederationToken;
  const GetFederationTokenRequest& input = call.input();
  const policy::Principal& caller = call.caller();
  RETURN_IF_ERROR(CheckCaller(call));
  ASSIGN_OR_RETURN(Limits limits, LimitsIn<Op>(sts, input, caller.account));
  policy::Session session = NewSession(call.facts().now, SecondsFor(call));
  ASSIGN_OR_RETURN(session.tags, TagsIn<Op>(input.tags));
  ASSIGN_OR_RETURN(const std::int64_t packed, PackedSize<Op>(limits, session.tags));

  policy::Principal principal{.type = policy::PrincipalType::kFederatedUser, .account = caller.account};
  principal.arn = fmt::format("arn:aws:sts::{}:federated-user/{}", caller.account.str(), input.name);
  principal.user_id = fmt::format("{}:{}", caller.account.str(), input.name);
  principal.entity_id = caller.entity_id;
  principal.entity_arn = caller.entity_arn;
  principal.name = input.name;
  principal.session = std::make_shared<const policy::Session>(std::move(session));
  GetFederationTokenResponse output{.packed_policy_size = packed};
  output.federated_user = FederatedUser{.federated_user_id = principal.user_id, .arn = principal.arn};
  ASSIGN_OR_RETURN(output.credentials, Issue<Op>(sts, {.principal = std::move(principal),
                                                       .policy = std::move(limits.policy),
                                                       .policy_arns = std::move(limits.policy_arns),
                                                       .parent = caller.access_key}));
  return output;
}

}  // namespace firmsign::sts
