// SPDX-License-Identifier: Apache-2.0
//
// Principals in the policies of resources. People name users and roles by ARN; kept are unique ids, so that somebody
// else who is given the name later is not let in. Offered by services/iam.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html

#pragma once

#include <string>

#include "base/error.h"

namespace firmsign::ports {

// Thread safety: safe.
class Principals {
 public:
  virtual ~Principals() = default;
  // A valid policy with the unique ids of the users and roles that it names. kInvalid: it names one that there is not;
  // the message is for the client.
  virtual Expected<std::string> WithIds(const std::string& document) const = 0;
  // The same policy as people read it. Whoever is gone keeps the id.
  virtual Expected<std::string> WithArns(const std::string& document) const = 0;
};

}  // namespace firmsign::ports
