// SPDX-License-Identifier: Apache-2.0

#include "gateway/authenticate.h"

#include <fmt/format.h>

#include <algorithm>

#include "platform/telemetry/log.h"

namespace firmsign::gateway {
namespace {

using aws::CommonError;

std::unexpected<AuthenticateProblem> Problem(CommonError error, std::string message) {
  return std::unexpected(AuthenticateProblem{error, std::move(message), {}});
}

// S3 shows each byte of the canonical request in hexadecimal, so that invisible differences can be seen.
std::string HexBytes(std::string_view text) {
  std::string out;
  out.reserve(text.size() * 3);
  for (const char c : text) {
    fmt::format_to(std::back_inserter(out), "{}{:02x}", out.empty() ? "" : " ", static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace

AuthenticateProblem Authenticator::ProblemOf(const sigv4::ClaimError& error) {
  switch (error.problem) {
    case sigv4::ClaimProblem::kNone: return {CommonError::kMissingAuthentication, "Missing Authentication Token", {}};
    case sigv4::ClaimProblem::kMalformedQuery: return {CommonError::kIncompleteQuery, error.message, {}};
    case sigv4::ClaimProblem::kMalformedHeader:
    case sigv4::ClaimProblem::kMissingDate: break;
  }
  return {CommonError::kIncompleteSignature, error.message, {}};
}

std::expected<ports::Credential, AuthenticateProblem> Authenticator::FindCredential(const sigv4::Claim& claim,
                                                                                    Instant now) const {
  Expected<ports::Credential> credential = credentials_.Find(claim.access_key, claim.security_token);
  if (credential) {
    if (!credential->expires || *credential->expires > now) return *std::move(credential);
    return Problem(CommonError::kTokenExpired, "The security token included in the request is expired");
  }
  if (credential.error().code == Code::kNotFound) {
    return Problem(CommonError::kUnknownAccessKey, "The security token included in the request is invalid.");
  }
  if (credential.error().code == Code::kDenied) {
    return Problem(CommonError::kTokenInvalid, "The security token included in the request is invalid.");
  }
  // The cause is for the operator.
  telemetry::Log(telemetry::Level::kWarning, "access_key_not_read",
                 {{"key", claim.access_key.str()}, {"cause", credential.error().message}});
  if (credential.error().code == Code::kUnavailable) {
    return Problem(CommonError::kServiceUnavailable, "Please try again.");
  }
  return Problem(CommonError::kInternal, "We encountered an internal error. Please try again.");
}

std::expected<Authenticator::Claimant, AuthenticateProblem> Authenticator::Identify(
    const sigv4::Claim& claim, const aws::ServiceDescriptor& service, Instant now) const {
  const std::string& region = claim.scope.region;
  const bool is_region_served =
      IsRegion(region) &&
      (options_.regions.empty() || std::ranges::find(options_.regions, region) != options_.regions.end());
  if (!is_region_served) {
    AuthenticateProblem problem{
        CommonError::kWrongScope,
        fmt::format("Credential should be scoped to a valid region; '{}' is not one that this deployment serves.",
                    region),
        {}};
    problem.extras.emplace_back("Region", options_.default_region.str());
    return std::unexpected(std::move(problem));
  }
  if (claim.scope.service != service.signing_name) {
    return Problem(CommonError::kWrongScope,
                   fmt::format("Credential should be scoped to correct service: '{}'.", service.signing_name));
  }

  // A key that nobody has is checked against a secret that nobody has, as long as any, so that the time until the
  // refusal does not tell it from a wrong signature. They share one name in the cache: strangers displace nobody's key.
  static const AccessKeyId kNobody("nobody");
  static const SecretBytes kNobodysSecret(std::string(40, '-'));
  const auto credential = FindCredential(claim, now);
  if (!credential) {
    return Claimant{.identity = {{}, Region(region), signing_keys_.Get(kNobody, kNobodysSecret, claim.scope)},
                    .refusal = credential.error()};
  }
  return Claimant{.identity = {credential->principal, Region(region),
                               signing_keys_.Get(claim.access_key, credential->secret, claim.scope)},
                  .refusal = {}};
}

std::expected<Identity, AuthenticateProblem> Authenticator::AuthenticateForm(const sigv4::Claim& claim,
                                                                             const aws::ServiceDescriptor& service,
                                                                             std::string_view policy,
                                                                             Instant now) const {
  auto claimant = Identify(claim, service, now);
  if (!claimant) return std::unexpected(std::move(claimant).error());
  const bool is_signed = ConstantTimeEquals(sigv4::Sign(claimant->identity.signing_key, policy), claim.signature);
  if (claimant->refusal) return std::unexpected(*std::move(claimant->refusal));
  if (!is_signed) {
    return Problem(CommonError::kSignatureMismatch,
                   "The request signature we calculated does not match the signature you provided. Check your key and "
                   "signing method.");
  }
  return std::move(claimant->identity);
}

std::expected<Identity, AuthenticateProblem> Authenticator::Authenticate(const http::RequestHead& head,
                                                                         const sigv4::Claim& claim,
                                                                         const aws::ServiceDescriptor& service,
                                                                         std::string_view payload_hash,
                                                                         Instant now) const {
  auto claimant = Identify(claim, service, now);
  if (!claimant) return std::unexpected(std::move(claimant).error());
  Identity& identity = claimant->identity;
  const bool is_s3 = service.protocol == aws::Protocol::kRestXml;
  sigv4::Verification verification =
      sigv4::Verify(head, claim, is_s3 ? sigv4::PathRule::kS3 : sigv4::PathRule::kNormalizeAndEncodeTwice, payload_hash,
                    identity.signing_key, now);
  if (claimant->refusal) return std::unexpected(*std::move(claimant->refusal));
  switch (verification.verdict) {
    case sigv4::Verdict::kValid:
      if (claim.security_token.empty()) {
        credentials_.NoteUse(claim.access_key, identity.region, service.signing_name, now);
      }
      break;
    case sigv4::Verdict::kNotYetValid:
    case sigv4::Verdict::kExpired:
      return Problem(claim.presigned ? CommonError::kRequestExpired : CommonError::kClockSkew,
                     std::move(verification.message));
    case sigv4::Verdict::kHeaderNotSigned:
      return Problem(CommonError::kSignatureMismatch, std::move(verification.message));
    case sigv4::Verdict::kMismatch: {
      AuthenticateProblem problem{CommonError::kSignatureMismatch, std::move(verification.message), {}};
      if (is_s3) {
        problem.extras = {{"AWSAccessKeyId", claim.access_key.str()},
                          {"StringToSign", verification.string_to_sign},
                          {"SignatureProvided", claim.signature},
                          {"StringToSignBytes", HexBytes(verification.string_to_sign)},
                          {"CanonicalRequest", verification.canonical_request},
                          {"CanonicalRequestBytes", HexBytes(verification.canonical_request)}};
      }
      return std::unexpected(std::move(problem));
    }
  }
  return std::move(identity);
}

std::expected<Identity, AuthenticateProblem> Authenticator::AuthenticateOperator(const http::RequestHead& head) const {
  const unsigned uid = head.peer.uid.value();
  if (uid != 0 && uid != options_.operator_uid) {
    return Problem(CommonError::kMissingAuthentication,
                   "This socket is for the user that runs Firmsign, and for root.");
  }
  const std::string_view account = head.headers.Get("X-Firmsign-Account");
  if (!account.empty() && !IsAccountId(account)) {
    return Problem(CommonError::kIncompleteSignature, "X-Firmsign-Account must be an account id of 12 digits.");
  }
  const std::string_view region = head.headers.Get("X-Firmsign-Region");
  if (!region.empty() && !IsRegion(region)) {
    return Problem(CommonError::kIncompleteSignature, "X-Firmsign-Region must be a region like us-east-1.");
  }
  Identity identity = Anonymous();
  identity.principal = policy::RootOf(account.empty() ? options_.operator_account : AccountId(account));
  identity.principal.type = policy::PrincipalType::kOperator;
  if (!region.empty()) identity.region = Region(region);
  return identity;
}

}  // namespace firmsign::gateway
