// SPDX-License-Identifier: Apache-2.0
//
// nextToken: where the next page of a list begins. Opaque to clients, and good for nothing but the list that it came
// from.
//
// The base64 of the position and a MAC over it and the list: the operation, the account, the region, and every filter.
// Any node accepts any token, also after years; a changed one, and one of another list, is refused.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aws/protocol/codec.h"
#include "engine/keys/keyring.h"
#include "gateway/call.h"
#include "services/signer/store.h"

namespace firmsign::signer {

inline constexpr std::int64_t kPageMax = 25;
inline constexpr std::string_view kBadToken =
    "The nextToken is not one that this operation returned for these parameters. Start again without a token.";

// The list that a call asks for; the same for all of its pages.
template <class Op>
std::string ListOf(const gateway::Authorized<Op>& call) {
  typename Op::Input filters = call.input();
  filters.next_token.reset();
  filters.max_results.reset();
  std::string list =
      std::string(Op::kDescriptor.name) + "/" + call.facts().account().str() + "/" + call.facts().region.str() + "/";
  aws::WriteStructAsJson(*Op::kDescriptor.input, &filters, /*redact=*/false, list);
  return list;
}

std::string FormatPageToken(const keys::Keyring& keyring, std::string_view list, std::string_view position);
// The position. nullopt: not a token of this list.
std::optional<std::string> ParsePageToken(const keys::Keyring& keyring, std::string_view list, std::string_view token);

// A position in a list of jobs as text, and back.
std::string FormatJobPosition(const JobPosition& position);
std::optional<JobPosition> ParseJobPosition(std::string_view text);

}  // namespace firmsign::signer
