// SPDX-License-Identifier: Apache-2.0
//
// Principals in the policies of roles and buckets. People name users and roles by ARN; kept are their unique ids, so
// that somebody else who is given the name of a deleted one later does not come into its rights. Answers show ARNs
// again, and the bare id of what is gone.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html

#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "platform/db/database.h"
#include "ports/principals.h"

namespace firmsign::iam {

// `document` names principals. kInvalid: it names a user or role that there is not; the message is for the client.
Expected<std::string> WithIds(db::Reader& reader, const std::string& document);
Expected<std::string> WithArns(db::Reader& reader, const std::string& document);

// Thread safety: safe. `database` outlives it.
class Principals final : public ports::Principals {
 public:
  explicit Principals(db::Database& database) : database_(database) {}
  Expected<std::string> WithIds(const std::string& document) const override;
  Expected<std::string> WithArns(const std::string& document) const override;

 private:
  db::Database& database_;
};

}  // namespace firmsign::iam
