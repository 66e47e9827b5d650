// SPDX-License-Identifier: Apache-2.0

#include "platform/crypto/stream_cipher.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "base/check.h"

namespace firmsign::crypto {
namespace {

constexpr std::size_t kCounterBytes = 16;
constexpr std::size_t kStepBytes = std::size_t{1} << 30;  // OpenSSL counts in int

struct CounterDeleter {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

// The counter of the block that holds `offset`: a number of 128 bits, most significant byte first.
std::array<unsigned char, kCounterBytes> CounterAt(std::uint64_t offset) {
  std::array<unsigned char, kCounterBytes> counter{};
  std::uint64_t block = offset / kCounterBytes;
  for (std::size_t i = kCounterBytes; block != 0; block >>= 8) counter[--i] = static_cast<unsigned char>(block);
  return counter;
}

}  // namespace

StreamCipher::StreamCipher(SecretBytes key) : key_(std::move(key)) { CHECK(key_.size() == kStreamKeyBytes); }

void StreamCipher::Apply(std::uint64_t offset, std::span<char> bytes) const {
  static EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-CTR", nullptr);
  CHECK(cipher != nullptr);
  const std::string_view key = key_.Reveal(SecretAccess("the cipher needs its key"));
  const auto counter = CounterAt(offset);
  const std::unique_ptr<EVP_CIPHER_CTX, CounterDeleter> state(EVP_CIPHER_CTX_new());
  CHECK(state != nullptr);
  CHECK(EVP_EncryptInit_ex2(state.get(), cipher, reinterpret_cast<const unsigned char*>(key.data()), counter.data(),
                            nullptr) == 1);
  int written = 0;
  // Passes over the beginning of the block.
  if (const std::size_t skipped = offset % kCounterBytes; skipped > 0) {
    std::array<unsigned char, kCounterBytes> ignored{};
    CHECK(EVP_EncryptUpdate(state.get(), ignored.data(), &written, ignored.data(), static_cast<int>(skipped)) == 1);
  }
  while (!bytes.empty()) {
    const std::size_t count = std::min(bytes.size(), kStepBytes);
    auto* const text = reinterpret_cast<unsigned char*>(bytes.data());
    CHECK(EVP_EncryptUpdate(state.get(), text, &written, text, static_cast<int>(count)) == 1);
    bytes = bytes.subspan(count);
  }
}

}  // namespace firmsign::crypto
