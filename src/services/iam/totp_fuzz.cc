// SPDX-License-Identifier: Apache-2.0
//
// Any text is taken for the code of a device: it is a code of one of three steps, or of none.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "services/iam/totp.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace iam = firmsign::iam;
  constexpr std::int64_t kSteps = 100'000;
  // The seed of RFC 6238, appendix B, in base32.
  static const firmsign::SecretBytes seed("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
  std::string_view text(reinterpret_cast<const char*>(data), size);
  // The first bytes say when it is.
  std::int64_t step = 1;
  for (const char c : text.substr(0, 3)) step = (step * 256 + static_cast<unsigned char>(c)) % kSteps;
  text.remove_prefix(std::min<std::size_t>(text.size(), 3));
  const auto found = iam::FindTotpStep(seed, text, firmsign::InstantFromSeconds(step * 30));
  if (found && (*found < step - 1 || *found > step + 1 || iam::TotpCode(seed, *found) != text)) std::abort();
  const std::string right = iam::TotpCode(seed, step);
  if (!iam::FindTotpStep(seed, right, firmsign::InstantFromSeconds(step * 30))) std::abort();
  if (text == right && !found) std::abort();
  return 0;
}
