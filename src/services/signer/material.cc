// SPDX-License-Identifier: Apache-2.0

#include "services/signer/material.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/signing/sign.h"
#include "platform/telemetry/log.h"

namespace firmsign::signer {

namespace {

// A short key is refused always, the rest as the options say; what is not refused is returned.
Expected<std::string> HeedAdvice(const ServiceOptions& options, const ports::SigningMaterial& material,
                                 const signing::Recipe& recipe, const gateway::CallFacts& facts) {
  RETURN_IF_ERROR(signing::CheckStrength(material.certificate.public_key().kind()));
  if (options.certificate_advice == CertificateAdvice::kOff) return std::string();
  const auto advice = AdviseAgainst(material.certificate, recipe, facts.now, options.certificate_days_min);
  if (advice.empty()) return std::string();
  const std::string all = fmt::format("{}", fmt::join(advice, "; "));
  if (options.certificate_advice == CertificateAdvice::kRefuse) {
    return Fail(Code::kInvalid, fmt::format("The certificate {} is refused: {}.", material.certificate_arn, all));
  }
  telemetry::Log(telemetry::Level::kWarning, "certificate_advice",
                 {{"request", facts.request_id.str()},
                  {"account", facts.account().str()},
                  {"certificate", material.certificate_arn},
                  {"platform", recipe.platform->id},
                  {"advice", all}});
  return fmt::format("The certificate should not sign: {}.", all);
}

}  // namespace

Expected<CheckedMaterial> CheckMaterial(Service& signer, const gateway::CallFacts& facts, const signing::Recipe& recipe,
                                        const std::optional<SigningMaterial>& given) {
  std::string arn = given ? given->certificate_arn.value_or("") : "";
  if (recipe.platform->service_key) {
    if (arn.empty()) return CheckedMaterial();
    return Fail(Code::kInvalid,
                fmt::format("Platform {} signs with the keys of the code-signing authority: leave out signingMaterial.",
                            recipe.platform->id));
  }
  if (arn.empty()) return Fail(Code::kInvalid, "signing material cannot be null.");
  RETURN_IF_ERROR(signer.certificates.CatchUp());
  const auto material = signer.certificates.Find(facts.account(), facts.region, arn);
  if (material) {
    ASSIGN_OR_RETURN(std::string advice, HeedAdvice(signer.options, **material, recipe, facts));
    return CheckedMaterial{.certificate_arn = std::move(arn), .advice = std::move(advice)};
  }
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
