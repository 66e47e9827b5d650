// SPDX-License-Identifier: Apache-2.0
//
// Keyring: seals secrets at rest under the deployment's data key, which the master key wraps.
//
// The master key comes from a file of mode 0600 (default DIR/master.key), or a systemd credential; never from the
// configuration. The wrapped data key and a key-check value lie in the database (apps/server stores them), so that the
// master key can be changed without touching every secret, and a wrong one is noticed at start.

#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/random.h"
#include "base/secret.h"

namespace firmsign::keys {

// 32 random bytes, written as one line of base64.
SecretBytes MakeMasterKey(Random& random);
std::string FormatMasterKey(const SecretBytes& key);
inline constexpr std::string_view kMasterKeyForm = "the master key must be 32 bytes, written as one line of base64";
// By which a master key is called; 16 hexadecimal digits that tell nothing else of it.
std::string MasterKeyId(const SecretBytes& key);
// kInvalid: not 32 bytes of base64.
Expected<SecretBytes> ParseMasterKey(const SecretBytes& text);

// Thread safety: immutable.
class Keyring {
 public:
  // A new data key, wrapped under `master_key`; keep the result of wrapped().
  static std::unique_ptr<Keyring> Make(const SecretBytes& master_key, Random& random);
  // kDenied: this is not the master key that wrapped it.
  static Expected<std::unique_ptr<Keyring>> Unwrap(const SecretBytes& master_key, std::string_view wrapped,
                                                   Random& random);

  const std::string& wrapped() const { return wrapped_; }
  // The data key under another master key: what wrapped() is of the keyring that Unwrap makes of it.
  std::string Wrap(const SecretBytes& master_key) const;
  // `context` names the row, e.g. "acm/private-key/<arn>".
  std::string Seal(std::string_view context, const SecretBytes& plain) const;
  Expected<SecretBytes> Open(std::string_view context, std::string_view box) const;
  // 32 bytes by which `text` is known again as the deployment's own: HMAC-SHA256 under a key that no other context has.
  std::string Mac(std::string_view context, std::string_view text) const;

 private:
  Keyring(SecretBytes data_key, std::string wrapped, Random& random)
      : data_key_(std::move(data_key)), wrapped_(std::move(wrapped)), random_(random) {}
  SecretBytes data_key_;
  std::string wrapped_;
  Random& random_;
};

}  // namespace firmsign::keys
