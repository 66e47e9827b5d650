// SPDX-License-Identifier: Apache-2.0
//
// What is inside a Certificate, for the other files of this folder. Nobody else includes this.

#pragma once

#include <openssl/x509.h>

#include <memory>
#include <string>

#include "platform/crypto/key.h"

namespace firmsign::crypto {

struct FreeX509 {
  void operator()(X509* certificate) const { X509_free(certificate); }
};

struct Certificate::State {
  std::unique_ptr<X509, FreeX509> x509;
  std::string der;
  CertificateInfo info;
  PublicKey public_key;
};

}  // namespace firmsign::crypto
