// SPDX-License-Identifier: Apache-2.0

#include "platform/crypto/seal.h"

#include <openssl/evp.h>

#include <array>
#include <limits>
#include <memory>

#include "base/check.h"

namespace firmsign::crypto {
namespace {

constexpr char kVersion = 0x01;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kOverheadBytes = 1 + kNonceBytes + kTagBytes;

struct FreeCipherContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeCipherContext>;

const unsigned char* Unsigned(const char* bytes) { return reinterpret_cast<const unsigned char*>(bytes); }
unsigned char* Unsigned(char* bytes) { return reinterpret_cast<unsigned char*>(bytes); }

int Length(std::string_view bytes) {
  CHECK(bytes.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max()));
  return static_cast<int>(bytes.size());
}

// A context with key and nonce set and `context` fed as additional data.
CipherContext Begin(const SecretBytes& key, std::string_view nonce, std::string_view context, bool encrypt) {
  static EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  CHECK(cipher != nullptr);
  CHECK(key.size() == kSealingKeyBytes);
  const std::string_view key_bytes = key.Reveal(SecretAccess("the cipher needs its key"));
  CipherContext state(EVP_CIPHER_CTX_new());
  CHECK(state != nullptr);
  CHECK(EVP_CipherInit_ex2(state.get(), cipher, Unsigned(key_bytes.data()), Unsigned(nonce.data()), encrypt ? 1 : 0,
                           nullptr) == 1);
  int written = 0;
  CHECK(EVP_CipherUpdate(state.get(), nullptr, &written, Unsigned(context.data()), Length(context)) == 1);
  return state;
}

}  // namespace

std::string Seal(const SecretBytes& key, std::string_view context, const SecretBytes& plain, Random& random) {
  const std::string_view text = plain.Reveal(SecretAccess("it is about to be encrypted"));
  std::array<unsigned char, kNonceBytes> nonce;
  random.Fill(nonce);

  std::string box;
  box.reserve(kOverheadBytes + text.size());
  box.push_back(kVersion);
  box.append(reinterpret_cast<const char*>(nonce.data()), nonce.size());
  box.resize(kOverheadBytes + text.size());

  const CipherContext state = Begin(key, std::string_view(box).substr(1, kNonceBytes), context, /*encrypt=*/true);
  char* out = box.data() + 1 + kNonceBytes;
  int written = 0;
  CHECK(EVP_CipherUpdate(state.get(), Unsigned(out), &written, Unsigned(text.data()), Length(text)) == 1);
  CHECK(static_cast<std::size_t>(written) == text.size());
  out += written;
  CHECK(EVP_CipherFinal_ex(state.get(), Unsigned(out), &written) == 1 && written == 0);
  CHECK(EVP_CIPHER_CTX_ctrl(state.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(kTagBytes), out) == 1);
  return box;
}

Expected<SecretBytes> Open(const SecretBytes& key, std::string_view context, std::string_view box) {
  if (box.size() < kOverheadBytes || box[0] != kVersion) return Fail(Code::kCorrupt, "this is not a sealed box");
  const std::string_view nonce = box.substr(1, kNonceBytes);
  const std::string_view cipher_text = box.substr(1 + kNonceBytes, box.size() - kOverheadBytes);
  std::string tag(box.substr(box.size() - kTagBytes));

  const CipherContext state = Begin(key, nonce, context, /*encrypt=*/false);
  std::string plain(cipher_text.size(), '\0');
  int written = 0;
  bool opened = EVP_CipherUpdate(state.get(), Unsigned(plain.data()), &written, Unsigned(cipher_text.data()),
                                 Length(cipher_text)) == 1 &&
                EVP_CIPHER_CTX_ctrl(state.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(kTagBytes), tag.data()) == 1;
  if (opened) {
    std::array<unsigned char, kTagBytes> rest;
    opened = EVP_CipherFinal_ex(state.get(), rest.data(), &written) == 1;
  }
  if (!opened) {
    // What was decrypted is not authentic, but it may still be part of the secret.
    Wipe(plain);
    return Fail(Code::kCorrupt, "the sealed box does not open with this key in this place");
  }
  return SecretBytes(std::move(plain));
}

}  // namespace firmsign::crypto
