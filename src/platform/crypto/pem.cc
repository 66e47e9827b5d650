// SPDX-License-Identifier: Apache-2.0

#include "platform/crypto/pem.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <memory>

#include "base/check.h"
#include "base/encoding.h"
#include "platform/crypto/openssl_error.h"

namespace firmsign::crypto {
namespace {

constexpr std::size_t kLineChars = 64;

struct BioDeleter {
  void operator()(BIO* bio) const { BIO_free(bio); }
};

// What PEM_read_bio_ex allocates; the secure flag has OpenSSL wipe its own intermediate buffers.
struct RawBlock {
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long bytes = 0;

  RawBlock() = default;
  RawBlock(const RawBlock&) = delete;
  RawBlock& operator=(const RawBlock&) = delete;
  ~RawBlock() {
    OPENSSL_secure_free(name);
    OPENSSL_secure_free(header);
    OPENSSL_secure_clear_free(data, static_cast<std::size_t>(bytes));
  }
};

}  // namespace

Expected<std::vector<PemBlock>> ParsePem(std::string_view text) {
  if (text.size() > kPemBytesMax) return Fail(Code::kInvalid, "the PEM text is longer than 4 MiB");
  if (text.empty()) return Fail(Code::kInvalid, "the PEM text is empty");
  const std::unique_ptr<BIO, BioDeleter> bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  CHECK(bio != nullptr);

  std::vector<PemBlock> blocks;
  while (true) {
    RawBlock raw;
    ERR_clear_error();
    if (PEM_read_bio_ex(bio.get(), &raw.name, &raw.header, &raw.data, &raw.bytes,
                        PEM_FLAG_SECURE | PEM_FLAG_EAY_COMPATIBLE) != 1) {
      const bool is_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
      const std::string reason = TakeOpenSslReason();
      if (!is_end) return Fail(Code::kInvalid, "a PEM block is damaged: " + reason);
      if (blocks.empty()) return Fail(Code::kInvalid, "there is no PEM block");
      return blocks;
    }
    const std::string_view header = raw.header == nullptr ? "" : raw.header;
    blocks.push_back({.name = raw.name,
                      .is_encrypted = header.find("ENCRYPTED") != std::string_view::npos,
                      .der = SecretBytes(
                          std::string(reinterpret_cast<const char*>(raw.data), static_cast<std::size_t>(raw.bytes)))});
  }
}

std::string FormatPem(std::string_view name, std::string_view der) {
  const std::string base64 = EncodeBase64(der);
  std::string pem = "-----BEGIN " + std::string(name) + "-----\n";
  for (std::size_t at = 0; at < base64.size(); at += kLineChars) pem.append(base64, at, kLineChars).push_back('\n');
  return pem.append("-----END ").append(name).append("-----\n");
}

}  // namespace firmsign::crypto
