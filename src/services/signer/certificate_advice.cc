// SPDX-License-Identifier: Apache-2.0

#include "services/signer/certificate_advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "engine/signing/sign.h"

namespace firmsign::signer {
namespace {

constexpr std::string_view kCodeSigning = "1.3.6.1.5.5.7.3.3";

}  // namespace

std::vector<std::string> AdviseAgainst(const crypto::Certificate& certificate, const signing::Recipe& recipe,
                                       Instant now, std::int64_t days_min) {
  const crypto::CertificateInfo& info = certificate.info();
  std::vector<std::string> advice;
  if (std::ranges::find(info.key_usages, "DIGITAL_SIGNATURE") == info.key_usages.end()) {
    advice.emplace_back("its key usage does not include Digital Signature");
  }
  if (std::ranges::find(info.extended_key_usages, kCodeSigning, &crypto::CertificateInfo::Purpose::oid) ==
      info.extended_key_usages.end()) {
    advice.emplace_back("its extended key usage does not include Code Signing");
  }
  if (const auto fits = signing::CheckKey(recipe, certificate.public_key().kind()); !fits) {
    std::string why = fits.error().message;
    while (why.ends_with('.')) why.pop_back();
    advice.push_back(fmt::format("its key does not sign for {} ({})", recipe.platform->id, why));
  }
  if (info.not_before > now) {
    advice.push_back(fmt::format("it is not valid before {}", FormatIso8601(info.not_before)));
  } else if (info.not_after < now) {
    advice.push_back(fmt::format("it expired at {}", FormatIso8601(info.not_after)));
  } else if (info.not_after - now < std::chrono::hours(24) * days_min) {
    advice.push_back(fmt::format("it expires at {}", FormatIso8601(info.not_after)));
  }
  return advice;
}

}  // namespace firmsign::signer
