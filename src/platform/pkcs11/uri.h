// SPDX-License-Identifier: Apache-2.0
//
// PKCS#11 URIs (RFC 7512) as Firmsign takes them: which token, of which module, and where its PIN is.
//
//   pkcs11:token=firmware;serial=1234?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/etc/firmsign/pin

#pragma once

#include <string>

#include "base/error.h"

namespace firmsign::pkcs11 {

struct TokenUri {
  std::string text;         // as it was given
  std::string module_path;  // absolute
  std::string pin_file;     // empty: the token wants no PIN
};

// pin-source is an absolute path, file:/path, or credential:NAME, which lies in `credentials_folder`.
// kInvalid: no such URI, or it names no token or module, or holds the PIN itself (pin-value), which command lines,
// configuration files and their copies must not; or `credentials_folder` is empty and needed.
Expected<TokenUri> ParseTokenUri(const std::string& text, const std::string& credentials_folder);

}  // namespace firmsign::pkcs11
