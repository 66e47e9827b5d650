// SPDX-License-Identifier: Apache-2.0
//
// Authentication: from a signature to an identity.
//
// The pure part is aws/sigv4; here are the look-ups around it and the words of each refusal. Operators on
// DIR/admin.sock need no signature: the kernel says who they are.

#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/protocol/codec.h"
#include "aws/sigv4/signing_key_cache.h"
#include "aws/sigv4/sigv4.h"
#include "engine/policy/principal.h"
#include "ports/credentials.h"

namespace firmsign::gateway {

struct AuthenticateOptions {
  Region default_region = Region("us-east-1");
  std::vector<std::string> regions;  // that requests may name; empty: every well-formed one
  AccountId operator_account;        // in whose name operators act
  unsigned operator_uid = 0;         // the user who may use the operator's socket beside root
};

// Who calls, and what the verification of a chunked body needs.
struct Identity {
  policy::Principal principal;
  Region region;
  SecretBytes signing_key;
};

struct AuthenticateProblem {
  aws::CommonError error;
  std::string message;
  std::vector<std::pair<std::string, std::string>> extras;  // S3's XML shows what was signed
};

// Thread safety: safe.
class Authenticator {
 public:
  // `credentials` outlives the authenticator.
  Authenticator(const ports::Credentials& credentials, AuthenticateOptions options)
      : credentials_(credentials), options_(std::move(options)) {}

  // `payload_hash`: the last line of the canonical request.
  std::expected<Identity, AuthenticateProblem> Authenticate(const http::RequestHead& head, const sigv4::Claim& claim,
                                                            const aws::ServiceDescriptor& service,
                                                            std::string_view payload_hash, Instant now) const;

  // The identity behind a form that a browser sends, whose signature is that of its policy, as it stands there in
  // base64. Whether the policy allows the form is another question.
  std::expected<Identity, AuthenticateProblem> AuthenticateForm(const sigv4::Claim& claim,
                                                                const aws::ServiceDescriptor& service,
                                                                std::string_view policy, Instant now) const;

  // Why a request without a readable claim is refused.
  static AuthenticateProblem ProblemOf(const sigv4::ClaimError& error);

  // The identity of a peer on the operator's socket. kMissingAuthentication: neither root nor the server's own user.
  std::expected<Identity, AuthenticateProblem> AuthenticateOperator(const http::RequestHead& head) const;

  // Nobody, in the default region.
  Identity Anonymous() const { return {.principal = {}, .region = options_.default_region, .signing_key = {}}; }

 private:
  // Who is named, and the key that the signature must be made with. Whether it was is not asked here.
  struct Claimant {
    Identity identity;
    // Why nobody can be this one: to be told once the signature was checked, whatever came out.
    std::optional<AuthenticateProblem> refusal;
  };
  std::expected<Claimant, AuthenticateProblem> Identify(const sigv4::Claim& claim,
                                                        const aws::ServiceDescriptor& service, Instant now) const;
  std::expected<ports::Credential, AuthenticateProblem> FindCredential(const sigv4::Claim& claim, Instant now) const;

  const ports::Credentials& credentials_;
  const AuthenticateOptions options_;
  mutable sigv4::SigningKeyCache signing_keys_;
};

}  // namespace firmsign::gateway
