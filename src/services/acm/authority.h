// SPDX-License-Identifier: Apache-2.0
//
// The authority that issues what RequestCertificate asks for: one of each account and region, made when it is first
// needed, and valid for 30 years. What one account has issued says nothing to those who trust another's root.

#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/strong.h"
#include "base/time.h"
#include "platform/crypto/key.h"
#include "services/acm/service.h"

namespace firmsign::acm {

// Thread safety: immutable.
struct PrivateAuthority {
  std::string arn;  // arn:aws:acm-pca:<region>:<account>:certificate-authority/<uuid>
  crypto::Certificate certificate;
  crypto::PrivateKey key;
};

// Of two that make it at once, both get the one that came first. kCorrupt: its key does not open.
Expected<PrivateAuthority> NeedAuthority(const Service& acm, const AccountId& account, const Region& region,
                                         Instant now);

// A certificate that signs code, for `service.certificate_days` from now. `names`: the first becomes the common name.
// kInvalid: it is too long for one. kUnavailable: the authority itself ends before.
Expected<crypto::Certificate> IssueCertificate(const Service& acm, const PrivateAuthority& authority,
                                               const std::vector<std::string>& names, crypto::PublicKey public_key,
                                               Instant now);

}  // namespace firmsign::acm
