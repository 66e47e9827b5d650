// SPDX-License-Identifier: Apache-2.0
//
// Keys that lie in a hardware token, and the tokens that are configured.

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "engine/keys/signing_key.h"
#include "platform/pkcs11/token.h"

namespace firmsign::keys {

// Thread safety: safe after construction.
class Tokens {
 public:
  Tokens() = default;
  explicit Tokens(std::vector<std::shared_ptr<pkcs11::Token>> tokens) : tokens_(std::move(tokens)) {}

  // kUnavailable: no token of that name is configured here.
  Expected<std::shared_ptr<pkcs11::Token>> Find(std::string_view name) const;
  const std::vector<std::shared_ptr<pkcs11::Token>>& all() const { return tokens_; }

 private:
  std::vector<std::shared_ptr<pkcs11::Token>> tokens_;
};

// The key with this id (raw) and label, of the kind that its certificate says. SignDigest's codes are those of
// pkcs11::Token::Sign, and kCorrupt: what the token returned is no signature by its length.
std::shared_ptr<const SigningKey> MakeTokenKey(std::shared_ptr<pkcs11::Token> token, std::string id, std::string label,
                                               crypto::KeyKind kind);

// The token's key that signs for `public_key`, among those with this id (raw) and label; an empty one means any. Each
// signs once, until one fits. kNotFound: none does. kInvalid: neither RSA nor EC. Else codes as pkcs11::Token::List.
Expected<pkcs11::KeyReference> FindTokenKey(const std::shared_ptr<pkcs11::Token>& token,
                                            const crypto::PublicKey& public_key, const std::string& id,
                                            const std::string& label);

// A master key (keyring.h) that wants the token and `share`, 32 random bytes of the caller: an HMAC by the token's
// secret key with this label over the hash of the share, and with that an HMAC over the share itself. So neither who
// has the share nor the token's worker, which sees hash and answer, knows it. kUnavailable and others: as
// pkcs11::Token::Sign. kCorrupt: the token answers twice in two ways.
Expected<SecretBytes> DeriveMasterKey(const std::shared_ptr<pkcs11::Token>& token, const std::string& label,
                                      const SecretBytes& share);

}  // namespace firmsign::keys
