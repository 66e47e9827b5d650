// SPDX-License-Identifier: Apache-2.0
//
// A vendor's PKCS#11 module (OASIS PKCS#11 2.40) and sessions of one token, as a worker process uses them.
//
// Nothing here runs in the server: the module is foreign code, and worker.h says what becomes of its crashes.

#pragma once

#include <p11-kit/pkcs11.h>

#include <atomic>
#include <expected>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/secret.h"
#include "platform/pkcs11/key_reference.h"

namespace firmsign::pkcs11 {

struct Failure {
  Code code = Code::kUnavailable;
  std::string message;
  bool ends_worker = false;  // only a new process can find the token again
};

template <class T>
using Outcome = std::expected<T, Failure>;

// Thread safety: safe. It is never unloaded: many modules cannot be.
class Module {
 public:
  // Loads `path` and finds the token that `uri` means. kInvalid: no such module, or several tokens fit. kUnavailable:
  // no token fits now.
  static Outcome<std::unique_ptr<Module>> Load(const std::string& path, const std::string& uri,
                                               std::optional<SecretBytes> pin);

  // A session that is logged in. kDenied: the token refuses the PIN, or has refused it before: then it is not asked
  // again. kExhausted: it has no more sessions.
  Outcome<CK_SESSION_HANDLE> OpenSession();
  // For a key that wants the PIN before each signature.
  Outcome<void> LogInForKey(CK_SESSION_HANDLE session);

  const CK_FUNCTION_LIST& calls() const { return *calls_; }
  // Whether this process has found any key yet.
  std::atomic<bool>& has_found_key() { return has_found_key_; }

 private:
  Module(CK_FUNCTION_LIST* calls, std::optional<SecretBytes> pin) : calls_(calls), pin_(std::move(pin)) {}

  Outcome<void> FindToken(const std::string& uri);
  Outcome<void> LogIn(CK_SESSION_HANDLE session, CK_USER_TYPE user);

  CK_FUNCTION_LIST* calls_;
  const std::optional<SecretBytes> pin_;
  CK_SLOT_ID slot_ = 0;
  std::mutex logging_in_;
  bool is_pin_refused_ = false;
  std::atomic<bool> has_found_key_{false};
};

// Thread safety: confined.
class Session {
 public:
  // `module` outlives the session.
  explicit Session(Module& module) : module_(module) {}
  ~Session() { Drop(); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Raw: CKM_RSA_PKCS of `data`, r and s of CKM_ECDSA, or CKM_SHA256_HMAC. A session that was lost is opened anew.
  // kNotFound: no such key. kInvalid: the key cannot do this.
  Outcome<std::string> Sign(const KeyReference& key, std::string_view data);
  // RSA and EC private keys, kKeysListedMax at most. An empty id or label means any.
  Outcome<std::vector<KeyReference>> List(const std::string& id, const std::string& label);

 private:
  struct Key {
    CK_OBJECT_HANDLE handle = 0;
    bool wants_pin = false;  // CKA_ALWAYS_AUTHENTICATE
  };

  template <class T, class Function>
  Outcome<T> Retried(Function function);
  Outcome<std::vector<CK_OBJECT_HANDLE>> FindObjects(CK_ATTRIBUTE* attributes, CK_ULONG count, std::size_t objects_max);
  Outcome<Key> FindKey(const KeyReference& reference);
  Outcome<std::string> SignOnce(const KeyReference& reference, std::string_view data);
  Outcome<std::vector<KeyReference>> ListOnce(const std::string& id, const std::string& label);
  std::optional<KeyReference> Describe(CK_OBJECT_HANDLE object) const;
  void Drop();

  Module& module_;
  std::optional<CK_SESSION_HANDLE> session_;
  std::map<KeyReference, Key> keys_;  // handles of this session
};

}  // namespace firmsign::pkcs11
