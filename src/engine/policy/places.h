// SPDX-License-Identifier: Apache-2.0
//
// Places of statements in the text of their document, as simulations tell them.
//
// Lines and columns count from 1, columns in characters. As AWS counts them, a statement begins at its brace, a
// statement that is no list's behind it, and ends behind its closing brace.
// https://docs.aws.amazon.com/cli/latest/reference/iam/simulate-custom-policy.html (examples)

#pragma once

#include <string_view>
#include <vector>

namespace firmsign::policy {

struct Place {
  int line = 1;
  int column = 1;

  friend bool operator==(const Place&, const Place&) = default;
};

struct StatementPlace {
  Place begin;
  Place end;

  friend bool operator==(const StatementPlace&, const StatementPlace&) = default;
};

// Of each statement, in their order. `document` is JSON of a policy; of anything else the places are meaningless.
std::vector<StatementPlace> PlacesOfStatements(std::string_view document);

}  // namespace firmsign::policy
