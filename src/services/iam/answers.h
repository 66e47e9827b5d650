// SPDX-License-Identifier: Apache-2.0
//
// How entities look in answers, and the markers of pages.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/iam.h"
#include "services/iam/entity_store.h"

namespace firmsign::iam {

std::optional<std::vector<Tag>> TagsAnswer(const policy::Tags& tags);  // nullopt: none
std::optional<AttachedPermissionsBoundary> BoundaryAnswer(const Entity& entity);

User UserAnswer(const Entity& user);
Group GroupAnswer(const Entity& group);
// Its trust policy is percent-encoded, as everywhere in answers of IAM.
Expected<Role> RoleAnswer(db::Reader& reader, const Entity& role);
Expected<std::vector<Role>> RoleAnswers(db::Reader& reader, const std::vector<Entity>& roles);

struct Marker {
  std::string after;  // what the last item of the page before is sorted by; empty: none
  std::int64_t count = 100;
};
// kInvalid: the marker is none of ours.
Expected<Marker> ReadMarker(const std::optional<std::string>& marker, const std::optional<std::int64_t>& max_items);
std::string MakeMarker(std::string_view last);

}  // namespace firmsign::iam
