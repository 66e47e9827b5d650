// SPDX-License-Identifier: Apache-2.0

#include "engine/keys/keyring.h"

#include <span>
#include <utility>

#include "base/check.h"
#include "base/encoding.h"
#include "platform/crypto/digest.h"
#include "platform/crypto/seal.h"

namespace firmsign::keys {
namespace {

// What the data key is bound to when it is wrapped.
constexpr std::string_view kDataKeyContext = "firmsign/data-key/1";
constexpr std::string_view kMasterKeyIdContext = "firmsign/master-key-id/1";
// What the label of every derived key begins with.
constexpr std::string_view kMacContext = "firmsign/mac/1/";

SecretBytes MakeKey(Random& random) {
  std::string key(crypto::kSealingKeyBytes, '\0');
  random.Fill(std::span(reinterpret_cast<unsigned char*>(key.data()), key.size()));
  return SecretBytes(std::move(key));
}

}  // namespace

SecretBytes MakeMasterKey(Random& random) { return MakeKey(random); }

std::string FormatMasterKey(const SecretBytes& key) {
  return EncodeBase64(key.Reveal(SecretAccess("to write the master key's file"))) + "\n";
}

std::string MasterKeyId(const SecretBytes& key) {
  constexpr std::size_t kIdBytes = 8;
  return EncodeHex(crypto::Hmac(crypto::Hash::kSha256, key.Reveal(SecretAccess("to derive the name of a master key")),
                                kMasterKeyIdContext)
                       .substr(0, kIdBytes));
}

Expected<SecretBytes> ParseMasterKey(const SecretBytes& text) {
  std::string_view base64 = text.Reveal(SecretAccess("to read the master key's file"));
  // An editor's line end, of either kind, and blanks do no harm.
  while (!base64.empty() && std::string_view(" \t\r\n").find(base64.back()) != std::string_view::npos) {
    base64.remove_suffix(1);
  }
  std::optional<std::string> key = DecodeBase64(base64);
  if (key && key->size() == crypto::kSealingKeyBytes) return SecretBytes(*std::move(key));
  if (key) Wipe(*key);
  return Fail(Code::kInvalid, std::string(kMasterKeyForm));
}

std::unique_ptr<Keyring> Keyring::Make(const SecretBytes& master_key, Random& random) {
  SecretBytes data_key = MakeKey(random);
  std::string wrapped = crypto::Seal(master_key, kDataKeyContext, data_key, random);
  return std::unique_ptr<Keyring>(new Keyring(std::move(data_key), std::move(wrapped), random));
}

Expected<std::unique_ptr<Keyring>> Keyring::Unwrap(const SecretBytes& master_key, std::string_view wrapped,
                                                   Random& random) {
  if (master_key.size() != crypto::kSealingKeyBytes) {
    return Fail(Code::kDenied, "the master key must have 32 bytes");
  }
  auto data_key = crypto::Open(master_key, kDataKeyContext, wrapped);
  if (!data_key || data_key->size() != crypto::kSealingKeyBytes) {
    return Fail(Code::kDenied, "the data key does not open: this is not the master key that wrapped it");
  }
  return std::unique_ptr<Keyring>(new Keyring(*std::move(data_key), std::string(wrapped), random));
}

std::string Keyring::Wrap(const SecretBytes& master_key) const {
  return crypto::Seal(master_key, kDataKeyContext, data_key_, random_);
}

std::string Keyring::Seal(std::string_view context, const SecretBytes& plain) const {
  return crypto::Seal(data_key_, context, plain, random_);
}

Expected<SecretBytes> Keyring::Open(std::string_view context, std::string_view box) const {
  return crypto::Open(data_key_, context, box);
}

std::string Keyring::Mac(std::string_view context, std::string_view text) const {
  const std::string label = std::string(kMacContext) + std::string(context);
  std::string key =
      crypto::Hmac(crypto::Hash::kSha256, data_key_.Reveal(SecretAccess("to derive the key of a context")), label);
  std::string mac = crypto::Hmac(crypto::Hash::kSha256, key, text);
  Wipe(key);
  return mac;
}

}  // namespace firmsign::keys
