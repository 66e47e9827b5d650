// SPDX-License-Identifier: Apache-2.0

#include "aws/arn.h"

namespace firmsign::aws {

std::optional<Arn> ParseArn(std::string_view text) {
  constexpr std::string_view kPrefix = "arn:";
  constexpr std::size_t kArnBytesMax = 2048;
  if (text.size() > kArnBytesMax || !text.starts_with(kPrefix)) return std::nullopt;
  text.remove_prefix(kPrefix.size());
  Arn arn;
  for (std::string* part : {&arn.partition, &arn.service, &arn.region, &arn.account}) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    *part = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  arn.resource = text;
  return arn;
}

std::string FormatArn(const Arn& arn) {
  std::string out = "arn";
  for (const std::string* part : {&arn.partition, &arn.service, &arn.region, &arn.account, &arn.resource}) {
    out.append(1, ':').append(*part);
  }
  return out;
}

}  // namespace firmsign::aws
