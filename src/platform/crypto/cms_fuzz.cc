// SPDX-License-Identifier: Apache-2.0
//
// Whatever parses as a CMS has all that VerifyCms looks at, is not believed over other content, and survives its PEM.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/encoding.h"
#include "platform/crypto/cms.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace crypto = firmsign::crypto;
  const std::string_view der(reinterpret_cast<const char*>(data), size);
  const auto cms = crypto::ParseCms(der);
  if (!cms) return 0;
  CHECK(!cms->certificates.empty());
  CHECK(cms->message_digest.size() == 48);
  for (const crypto::CmsAttribute& attribute : cms->attributes) {
    const std::string* text = std::get_if<std::string>(&attribute.value);
    CHECK(text == nullptr || firmsign::IsUtf8(*text));
  }
  CHECK(!crypto::VerifyCms(*cms, "content that nobody signed"));
  const auto again = crypto::ParseCmsPem(crypto::FormatCmsPem(der));
  CHECK(again && *again == der);
  return 0;
}
