// SPDX-License-Identifier: Apache-2.0

#include "services/iam/answers.h"

#include "base/encoding.h"
#include "services/iam/principals.h"

namespace firmsign::iam {
namespace {

constexpr std::int64_t kItemsOnAPage = 100;

}  // namespace

std::optional<std::vector<Tag>> TagsAnswer(const policy::Tags& tags) {
  if (tags.empty()) return std::nullopt;
  std::vector<Tag> answer;
  for (const auto& [key, value] : tags) answer.push_back({.key = key, .value = value});
  return answer;
}

std::optional<AttachedPermissionsBoundary> BoundaryAnswer(const Entity& entity) {
  if (entity.boundary.empty()) return std::nullopt;
  return AttachedPermissionsBoundary{.permissions_boundary_type = "Policy",
                                     .permissions_boundary_arn = entity.boundary};
}

User UserAnswer(const Entity& user) {
  return {.path = user.path,
          .user_name = user.name,
          .user_id = user.id,
          .arn = user.arn(),
          .create_date = user.created_at,
          .permissions_boundary = BoundaryAnswer(user)};
}

Group GroupAnswer(const Entity& group) {
  return {.path = group.path,
          .group_name = group.name,
          .group_id = group.id,
          .arn = group.arn(),
          .create_date = group.created_at};
}

Expected<Role> RoleAnswer(db::Reader& reader, const Entity& role) {
  ASSIGN_OR_RETURN(const std::string document, WithArns(reader, role.document));
  Role answer{.path = role.path,
              .role_name = role.name,
              .role_id = role.id,
              .arn = role.arn(),
              .create_date = role.created_at,
              .assume_role_policy_document = EncodePercent(document)};
  if (!role.description.empty()) answer.description = role.description;
  answer.max_session_duration = role.number;
  answer.permissions_boundary = BoundaryAnswer(role);
  return answer;
}

Expected<std::vector<Role>> RoleAnswers(db::Reader& reader, const std::vector<Entity>& roles) {
  std::vector<Role> answers;
  for (const Entity& role : roles) {
    ASSIGN_OR_RETURN(Role answer, RoleAnswer(reader, role));
    answers.push_back(std::move(answer));
  }
  return answers;
}

Expected<Marker> ReadMarker(const std::optional<std::string>& marker, const std::optional<std::int64_t>& max_items) {
  Marker page{.after = {}, .count = max_items.value_or(kItemsOnAPage)};
  if (!marker) return page;
  auto after = DecodeBase64Url(*marker);
  if (!after || after->empty() || !IsUtf8(*after)) {
    return Fail(Code::kInvalid, "Invalid Marker: it is not one that an earlier page gave out.");
  }
  page.after = *std::move(after);
  return page;
}

std::string MakeMarker(std::string_view last) { return EncodeBase64Url(last); }

}  // namespace firmsign::iam
