// SPDX-License-Identifier: Apache-2.0
//
// What conditions may ask about the certificate that a call names: its tags.

#pragma once

#include <expected>
#include <optional>
#include <string>

#include "services/acm/answers.h"
#include "services/acm/service.h"

namespace firmsign::acm {

// The ARN that the input names; nullopt: none.
template <class Op>
std::optional<std::string> ArnIn(const typename Op::Input& input) {
  if constexpr (requires { input.resource_arn; }) {
    return input.resource_arn;
  } else {
    return input.certificate_arn;
  }
}

// The tags are read only where a policy asks for them. The ARN is the model's to say.
template <class Op>
std::expected<gateway::Resolution, aws::OperationError<Op>> ResolveCertificate(Service& acm,
                                                                               const gateway::CallFacts& facts,
                                                                               const typename Op::Input& input) {
  gateway::Resolution resolution{{.owner = facts.account(), .arn = {}}};
  const std::optional<std::string> arn = ArnIn<Op>(input);
  if (!arn) return resolution;
  const auto read = [&acm, name = NameOf(facts, *arn)]() -> Expected<policy::Context> {
    policy::Context context;
    const auto tags = acm.store.Tags(name);
    // Of what is not there the handler tells.
    if (!tags && tags.error().code == Code::kNotFound) return context;
    if (!tags) return std::unexpected(tags.error());
    for (const StoredTag& tag : *tags) context.Set("aws:ResourceTag/" + tag.key, tag.value.value_or(""));
    return context;
  };
  resolution.on_demand = gateway::ContextOnDemand{.prefix = "aws:resourcetag/", .read = read};
  return resolution;
}

}  // namespace firmsign::acm
