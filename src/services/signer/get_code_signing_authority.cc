// SPDX-License-Identifier: Apache-2.0
//
// GetCodeSigningAuthority: the certificates that verify what the Lambda and Notation platforms sign. Firmsign's own.

#include "services/signer/operations.h"

namespace firmsign::signer {

aws::Result<ops::GetCodeSigningAuthority> GetCodeSigningAuthority(
    Service& signer, const gateway::Authorized<ops::GetCodeSigningAuthority>&) {
  auto shown = signer.authority.Show();
  if (!shown) return std::unexpected(std::move(shown).error());
  GetCodeSigningAuthorityResponse output;
  output.root_certificate = shown->root.ToPem();
  if (shown->signing) output.signing_certificate = shown->signing->ToPem();
  output.rotates_at = shown->rotates_at;
  return output;
}

}  // namespace firmsign::signer
