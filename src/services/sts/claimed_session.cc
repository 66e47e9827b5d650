// SPDX-License-Identifier: Apache-2.0

#include "services/sts/claimed_session.h"

#include "aws/validate.h"
#include "gateway/context.h"

namespace firmsign::sts {
namespace {

AssumeRoleRequest RequestFor(const std::string& session_name) {
  return {.role_arn = "arn:aws:iam::000000000000:role/any", .role_session_name = session_name};
}

std::vector<aws::Violation> ViolationsOf(const AssumeRoleRequest& request) {
  return aws::Validate(*ops::AssumeRole::kDescriptor.input, &request);
}

}  // namespace

bool IsSessionName(const std::string& name) { return ViolationsOf(RequestFor(name)).empty(); }

Expected<void> TakeClaims(const std::string& session_name, ClaimedSession claimed, gateway::Resolution& resolution) {
  AssumeRoleRequest request = RequestFor(session_name);
  request.tags = std::move(claimed.tags);
  request.transitive_tag_keys = std::move(claimed.transitive_tag_keys);
  request.source_identity = std::move(claimed.source_identity);
  const auto violations = ViolationsOf(request);
  if (!violations.empty()) return Fail(Code::kInvalid, aws::FormatViolations(violations));
  const auto tags = TagsIn<ops::AssumeRole>(request.tags);
  if (!tags) return Fail(Code::kInvalid, tags.error().error().message);

  gateway::AddInput(*ops::AssumeRole::kDescriptor.input, &request, resolution.context);
  policy::Session& session = std::any_cast<ResolvedRole>(&resolution.value)->session;
  session.tags = *tags;
  session.transitive_tag_keys = request.transitive_tag_keys.value_or(std::vector<std::string>());
  session.source_identity = request.source_identity.value_or("");
  return {};
}

}  // namespace firmsign::sts
