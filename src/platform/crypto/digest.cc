// SPDX-License-Identifier: Apache-2.0

#include "platform/crypto/digest.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>
#include <utility>

#include "base/check.h"
#include "base/encoding.h"
#include "platform/crypto/digest_evp.h"

namespace firmsign::crypto {
namespace {

constexpr std::size_t kHashes = 5;
constexpr std::array<const char*, kHashes> kNames = {"MD5", "SHA1", "SHA256", "SHA384", "SHA512"};
constexpr std::array<std::size_t, kHashes> kBytes = {16, 20, 32, 48, 64};

std::size_t Index(Hash hash) { return static_cast<std::size_t>(hash); }

struct FreeDigestContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeDigestContext>;

DigestContext MakeDigestContext() {
  DigestContext context(EVP_MD_CTX_new());
  CHECK(context != nullptr);
  return context;
}

struct FreeMacContext {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using MacContext = std::unique_ptr<EVP_MAC_CTX, FreeMacContext>;

MacContext MakeMacContext(Hash hash) {
  // Fetched once and never freed, as the digests are.
  static EVP_MAC* const mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  CHECK(mac != nullptr);
  MacContext context(EVP_MAC_CTX_new(mac));
  CHECK(context != nullptr);
  std::array<OSSL_PARAM, 2> params = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(kNames[Index(hash)]), 0),
      OSSL_PARAM_construct_end()};
  CHECK(EVP_MAC_CTX_set_params(context.get(), params.data()) == 1);
  return context;
}

}  // namespace

const EVP_MD* MessageDigest(Hash hash) {
  // Fetched once for the whole process: EVP_sha256() would look the implementation up again in every call, under a
  // lock.
  static const std::array<EVP_MD*, kHashes> digests = [] {
    std::array<EVP_MD*, kHashes> fetched{};
    for (std::size_t i = 0; i < kHashes; ++i) {
      fetched[i] = EVP_MD_fetch(nullptr, kNames[i], nullptr);
      CHECK(fetched[i] != nullptr);
    }
    return fetched;
  }();
  return digests[Index(hash)];
}

std::size_t DigestBytes(Hash hash) { return kBytes[Index(hash)]; }

struct Digest::State {
  Hash hash;
  DigestContext context = MakeDigestContext();

  void Begin() const { CHECK(EVP_DigestInit_ex2(context.get(), MessageDigest(hash), nullptr) == 1); }
};

Digest::Digest(Hash hash) : state_(std::make_unique<State>(State{.hash = hash})) { state_->Begin(); }
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;
Digest::~Digest() = default;

void Digest::Update(std::string_view bytes) {
  CHECK(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) == 1);
}

std::string Digest::Finish() {
  std::string digest(DigestBytes(state_->hash), '\0');
  CHECK(EVP_DigestFinal_ex(state_->context.get(), reinterpret_cast<unsigned char*>(digest.data()), nullptr) == 1);
  state_->Begin();
  return digest;
}

std::string DigestOf(Hash hash, std::string_view bytes) {
  thread_local const DigestContext context = MakeDigestContext();
  std::string digest(DigestBytes(hash), '\0');
  CHECK(EVP_DigestInit_ex2(context.get(), MessageDigest(hash), nullptr) == 1);
  CHECK(EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1);
  CHECK(EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(digest.data()), nullptr) == 1);
  return digest;
}

std::string Sha256Hex(std::string_view bytes) { return EncodeHex(DigestOf(Hash::kSha256, bytes)); }

std::string Hmac(Hash hash, std::string_view key, std::string_view bytes) {
  thread_local std::array<MacContext, kHashes> contexts;
  MacContext& context = contexts[Index(hash)];
  if (!context) context = MakeMacContext(hash);
  // A null key would mean "the key of last time", so an empty one still needs an address.
  const auto* key_bytes = reinterpret_cast<const unsigned char*>(key.empty() ? "" : key.data());
  std::string mac(DigestBytes(hash), '\0');
  std::size_t written = 0;
  CHECK(EVP_MAC_init(context.get(), key_bytes, key.size(), nullptr) == 1);
  CHECK(EVP_MAC_update(context.get(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()) == 1);
  CHECK(EVP_MAC_final(context.get(), reinterpret_cast<unsigned char*>(mac.data()), &written, mac.size()) == 1);
  CHECK(written == mac.size());
  return mac;
}

}  // namespace firmsign::crypto
