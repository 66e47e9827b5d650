// SPDX-License-Identifier: Apache-2.0
//
// OpenID providers as they are stored: by the address of the issuer without its scheme, with two lists.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace firmsign::iam {

struct OidcLists {
  std::vector<std::string> client_ids;
  std::vector<std::string> thumbprints;
};

// "https://token.example.com/path" -> "token.example.com/path". nullopt: not https, or with user, query or fragment.
std::optional<std::string> OidcProviderName(std::string_view url);
std::string FormatOidcLists(const OidcLists& lists);
// kCorrupt.
Expected<OidcLists> ParseOidcLists(std::string_view document);

}  // namespace firmsign::iam
