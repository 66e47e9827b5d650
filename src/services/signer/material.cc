// SPDX-License-Identifier: Apache-2.0

#include "services/signer/material.h"

#include <fmt/format.h>

namespace firmsign::signer {

Expected<std::string> CheckMaterial(Service& signer, const AccountId& account, const Region& region,
                                    const signing::Platform& platform, const std::optional<SigningMaterial>& given) {
  std::string arn = given ? given->certificate_arn.value_or("") : "";
  if (platform.service_key) {
    if (arn.empty()) return arn;
    return Fail(Code::kInvalid,
                fmt::format("Platform {} signs with the keys of the code-signing authority: leave out signingMaterial.",
                            platform.id));
  }
  if (arn.empty()) return Fail(Code::kInvalid, "signing material cannot be null.");
  RETURN_IF_ERROR(signer.certificates.CatchUp());
  const auto material = signer.certificates.Find(account, region, arn);
  if (material) return arn;
  if (material.error().code == Code::kDenied) {
    return Fail(Code::kInvalid, fmt::format("The certificate {} signs no more: {}.", arn, material.error().message));
  }
  if (material.error().code != Code::kNotFound) return std::unexpected(material.error());
  return Fail(Code::kInvalid, fmt::format("The certificate {} was not found in ACM in this account and region.", arn));
}

Expected<StringMap> CheckParameters(const std::optional<StringMap>& given) {
  if (!given) return StringMap();
  std::size_t bytes = 0;
  for (const auto& [name, value] : *given) bytes += name.size() + value.size();
  if (bytes <= kParameterBytesMax) return *given;
  return Fail(Code::kInvalid,
              fmt::format("signingParameters have {} bytes of names and values, at most {} are allowed.", bytes,
                          kParameterBytesMax));
}

}  // namespace firmsign::signer
