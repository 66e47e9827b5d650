// SPDX-License-Identifier: Apache-2.0
//
// What an identity provider says of the session that its token becomes: tags and a source identity. It counts as if
// AssumeRole were asked for it: the same limits, the same condition keys, the same further rights.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/call.h"
#include "model/sts.h"
#include "services/sts/session.h"

namespace firmsign::sts {

struct ClaimedSession {
  std::optional<std::vector<Tag>> tags;
  std::optional<std::vector<std::string>> transitive_tag_keys;
  std::optional<std::string> source_identity;
};

// Whether AssumeRole would take it.
bool IsSessionName(const std::string& name);

// Puts the claims into the resolution of a role: into the session to come, and for conditions. `session_name`: what the
// session will be called. kInvalid: they are none that AssumeRole would take; the message says why.
Expected<void> TakeClaims(const std::string& session_name, ClaimedSession claimed, gateway::Resolution& resolution);

// The rights that the claims need of the role's trust policy, beside that to assume it.
template <class Op>
Found<Op, void> RequireClaims(const Call<Op>& call) {
  const policy::Session& session = call.template resolved<ResolvedRole>().session;
  if (!session.tags.empty()) RETURN_IF_ERROR(call.Require("sts:TagSession", call.resource()));
  if (!session.source_identity.empty()) RETURN_IF_ERROR(call.Require("sts:SetSourceIdentity", call.resource()));
  return {};
}

}  // namespace firmsign::sts
