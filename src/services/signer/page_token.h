// SPDX-License-Identifier: Apache-2.0
//
// nextToken: where the next page begins, opaque to clients.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "services/signer/store.h"

namespace firmsign::signer {

inline constexpr std::int64_t kPageMax = 25;
inline constexpr std::string_view kBadToken =
    "The nextToken is not one that this operation returned. Start again without a token.";

std::string FormatJobToken(const Job& last);
// nullopt: not a token of ListSigningJobs.
std::optional<JobPosition> ParseJobToken(std::string_view token);

std::string FormatNameToken(std::string_view last_name);
// nullopt: not a token of a list that is ordered by name.
std::optional<std::string> ParseNameToken(std::string_view token);

}  // namespace firmsign::signer
