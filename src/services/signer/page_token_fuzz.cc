// SPDX-License-Identifier: Apache-2.0
//
// A page token that can be read leads to the same place when it is written again.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "services/signer/page_token.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace signer = firmsign::signer;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto position = signer::ParseJobToken(text)) {
    signer::Job job;
    job.created_at = position->created_at;
    job.id = signer::JobId(position->id);
    const auto again = signer::ParseJobToken(signer::FormatJobToken(job));
    CHECK(again && again->created_at == position->created_at && again->id == position->id);
  }
  if (const auto name = signer::ParseNameToken(text)) {
    CHECK(signer::ParseNameToken(signer::FormatNameToken(*name)) == name);
  }
  return 0;
}
