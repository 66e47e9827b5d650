// SPDX-License-Identifier: Apache-2.0
//
// AWS's managed policies that have to do with signing, read-only and the same in every account.
//
// Their contents: the FreeRTOS user guide (OTA update service role) and the service authorization reference.

#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/time.h"

namespace firmsign::iam {

struct ManagedPolicy {
  std::string_view id;    // ANPA…
  std::string_view path;  // "/service-role/"
  std::string_view name;
  std::string_view description;
  std::string_view document;

  std::string arn() const;  // arn:aws:iam::aws:policy/service-role/…
};

std::span<const ManagedPolicy> ManagedPolicies();
// nullptr: AWS has none of this ARN, or none that is here.
const ManagedPolicy* FindManagedPolicy(std::string_view arn);
// When they were made, as far as anybody can tell.
Instant ManagedPoliciesMadeAt();

}  // namespace firmsign::iam
