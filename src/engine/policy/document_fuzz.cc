// SPDX-License-Identifier: Apache-2.0
//
// Any text is a policy or is refused. What is parsed decides any request without ado, denies whatever a Deny of
// everything is added to, and a policy without an Allow allows nothing.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "engine/policy/evaluate.h"

namespace {

namespace policy = firmsign::policy;

policy::Principal Sam() {
  policy::Principal principal{.type = policy::PrincipalType::kUser, .account = firmsign::AccountId("111122223333")};
  principal.arn = principal.entity_arn = "arn:aws:iam::111122223333:user/sam";
  principal.entity_id = "AIDASAM";
  principal.name = "sam";
  return principal;
}

bool Allows(const policy::PolicyList& policies, const policy::Policy* resource_policy) {
  policy::Context context;
  context.Set("aws:username", "sam");
  context.Add("aws:TagKeys", "a");
  context.Add("aws:TagKeys", "b");
  context.Set("aws:SourceIp", "192.0.2.1");
  context.Set("aws:CurrentTime", "2026-01-01T00:00:00Z");
  const policy::Entitlements entitlements{.policies = policies};
  const policy::Principal sam = Sam();
  return policy::Evaluate({.principal = sam,
                           .action = "signer:StartSigningJob",
                           .resource = "arn:aws:signer:us-east-1:111122223333:/signing-profiles/release",
                           .owner = sam.account,
                           .context = context,
                           .entitlements = &entitlements,
                           .resource_policy = resource_policy})
      .allowed;
}

std::shared_ptr<const policy::Policy> Parsed(std::string_view text, policy::DocumentKind kind) {
  auto document = policy::ParseDocument(text, kind);
  // A backslash could be part of the name Statement.
  if (document && text.find('\\') == std::string_view::npos && document->places.size() != document->statements.size()) {
    std::abort();
  }
  return document ? std::make_shared<policy::Policy>("fuzz", *std::move(document)) : nullptr;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static const auto kDenial =
      Parsed(R"({"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}})", policy::DocumentKind::kIdentity);
  static_cast<void>(policy::CountedCharacters(text));
  if (const auto identity = Parsed(text, policy::DocumentKind::kIdentity)) {
    const bool is_allowed = Allows({identity}, nullptr);
    bool has_allow = false;
    for (const policy::Statement& statement : identity->statements()) {
      has_allow = has_allow || statement.effect() == policy::Effect::kAllow;
    }
    if ((is_allowed && !has_allow) || Allows({identity, kDenial}, nullptr)) std::abort();
  }
  for (const policy::DocumentKind kind : {policy::DocumentKind::kResource, policy::DocumentKind::kTrust}) {
    const auto parsed = Parsed(text, kind);
    if (parsed != nullptr && Allows({kDenial}, parsed.get())) std::abort();
  }
  return 0;
}
