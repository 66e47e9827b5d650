// SPDX-License-Identifier: Apache-2.0
//
// Certificates whose keys lie in hardware tokens, as the operator attaches them. Offered by services/acm.

#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/strong.h"
#include "base/time.h"
#include "platform/db/database.h"

namespace firmsign::ports {

struct TokenCertificate {
  AccountId account;
  Region region;
  std::string replaces;  // the ARN of a certificate of this account and region; empty: none
  std::string certificate_pem;
  std::optional<std::string> chain_pem;
  std::string token;      // as the configuration calls it
  std::string key_id;     // hexadecimal; empty: any
  std::string key_label;  // empty: any
  Instant now;
};

// What else happens in the transaction that inserts or replaces the certificate with this ARN.
using AlsoAttach = std::function<Expected<void>(db::Transaction& transaction, const std::string& arn)>;

// Thread safety: safe.
class TokenCertificates {
 public:
  virtual ~TokenCertificates() = default;
  // The ARN of a new certificate, or of the one that was replaced. Its key has signed once. kInvalid: what is wrong
  // with the certificate or the token, in words for the operator. Else codes of the database.
  virtual Expected<std::string> Attach(const TokenCertificate& request, const AlsoAttach& also) = 0;
};

}  // namespace firmsign::ports
