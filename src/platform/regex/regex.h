// SPDX-License-Identifier: Apache-2.0
//
// Patterns of API models, compiled once (PCRE2). The whole value must match.

#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/error.h"

namespace firmsign::regex {

// Thread safety: immutable.
class Pattern {
 public:
  // UTF-8 mode. kInvalid: not a pattern; the message says where.
  static Expected<Pattern> Compile(std::string_view pattern);

  // False also when matching takes more steps than the limit, so that no input can hold a thread.
  bool MatchesWhole(std::string_view text) const;

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

// Compiles each distinct pattern once per process; patterns come from the model, so a bad one ends the process.
const Pattern& Cached(std::string_view pattern);

}  // namespace firmsign::regex
