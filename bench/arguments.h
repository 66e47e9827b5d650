// SPDX-License-Identifier: Apache-2.0
//
// The driver's command line: `--name value` pairs after the command.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace firmsign::bench {

// Thread safety: immutable.
class Arguments {
 public:
  // kInvalid: a name without a value, or a word that is no name.
  static Expected<Arguments> Parse(int argc, char** argv);

  // kInvalid: it is not there.
  Expected<std::string> Text(std::string_view name) const;
  // kInvalid: it is not there, or no whole number above 0.
  Expected<std::int64_t> Number(std::string_view name) const;
  // The same of lists, with commas between; at least one.
  Expected<std::vector<std::string>> Texts(std::string_view name) const;
  Expected<std::vector<std::int64_t>> Numbers(std::string_view name) const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace firmsign::bench
