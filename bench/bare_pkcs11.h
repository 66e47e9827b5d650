// SPDX-License-Identifier: Apache-2.0
//
// Signing as one would write it directly against a PKCS#11 module, which runs in this process: what our path to a token
// is measured against. Nothing here outlives a module that crashes or hangs.

#pragma once

#include <p11-kit/pkcs11.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/secret.h"

namespace firmsign::bench {

// Thread safety: safe, as the module is with CKF_OS_LOCKING_OK.
class BareModule {
 public:
  // Logs in to the token with this label. kUnavailable: what the module failed with.
  static Expected<std::unique_ptr<BareModule>> Load(const std::string& path, const std::string& token,
                                                    const SecretBytes& pin);
  ~BareModule();
  BareModule(const BareModule&) = delete;
  BareModule& operator=(const BareModule&) = delete;

  Expected<CK_SESSION_HANDLE> OpenSession() const;
  const CK_FUNCTION_LIST& calls() const { return *calls_; }

 private:
  explicit BareModule(CK_FUNCTION_LIST* calls) : calls_(calls) {}

  CK_FUNCTION_LIST* calls_;
  CK_SLOT_ID slot_ = 0;
};

// A session of its own, and the handle of one key, found once. Thread safety: confined.
class BarePkcs11 {
 public:
  // `module` outlives it.
  static Expected<std::unique_ptr<BarePkcs11>> Make(const BareModule& module, const std::string& key, bool is_rsa);
  ~BarePkcs11();
  BarePkcs11(const BarePkcs11&) = delete;
  BarePkcs11& operator=(const BarePkcs11&) = delete;

  // RSASSA-PKCS1-v1_5 over a SHA-256 digest, or r and s of ECDSA. It lies here until the next call.
  Expected<std::string_view> Sign(std::string_view digest);

 private:
  BarePkcs11(const BareModule& module, CK_SESSION_HANDLE session, bool is_rsa)
      : calls_(module.calls()), session_(session), is_rsa_(is_rsa) {}

  Expected<void> FindKey(const std::string& label);

  const CK_FUNCTION_LIST& calls_;
  const CK_SESSION_HANDLE session_;
  const bool is_rsa_;
  CK_OBJECT_HANDLE key_ = 0;
  std::string data_;
  std::string signature_;
};

}  // namespace firmsign::bench
