// SPDX-License-Identifier: Apache-2.0

#include "platform/crypto/openssl_error.h"

#include <openssl/err.h>

namespace firmsign::crypto {

std::string TakeOpenSslReason() {
  const unsigned long oldest = ERR_get_error();
  ERR_clear_error();
  const char* reason = oldest == 0 ? nullptr : ERR_reason_error_string(oldest);
  return reason == nullptr ? "no reason given" : reason;
}

}  // namespace firmsign::crypto
