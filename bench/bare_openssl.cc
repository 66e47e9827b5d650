// SPDX-License-Identifier: Apache-2.0

#include "bench/bare_openssl.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>

namespace firmsign::bench {
namespace {

const unsigned char* Unsigned(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

bool Prepare(EVP_PKEY_CTX* context, int (*initialise)(EVP_PKEY_CTX*), bool is_rsa) {
  return context != nullptr && initialise(context) == 1 &&
         (!is_rsa || EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1) &&
         EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1;
}

}  // namespace

Expected<std::unique_ptr<BareOpenSsl>> BareOpenSsl::FromPem(const std::string& pem) {
  std::unique_ptr<BareOpenSsl> made(new BareOpenSsl);
  BIO* source = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  made->key_.reset(PEM_read_bio_PrivateKey(source, nullptr, nullptr, nullptr));
  BIO_free(source);
  if (!made->key_) return Fail(Code::kInvalid, "OpenSSL does not read the private key");
  made->sign_.reset(EVP_PKEY_CTX_new(made->key_.get(), nullptr));
  made->verify_.reset(EVP_PKEY_CTX_new(made->key_.get(), nullptr));
  if (!Prepare(made->sign_.get(), &EVP_PKEY_sign_init, made->is_rsa()) ||
      !Prepare(made->verify_.get(), &EVP_PKEY_verify_init, made->is_rsa())) {
    return Fail(Code::kInvalid, "OpenSSL does not sign and verify with the key");
  }
  made->signature_.resize(static_cast<std::size_t>(EVP_PKEY_get_size(made->key_.get())));
  return made;
}

Expected<std::string_view> BareOpenSsl::Sign(std::string_view digest) {
  std::size_t bytes = signature_.size();
  if (EVP_PKEY_sign(sign_.get(), reinterpret_cast<unsigned char*>(signature_.data()), &bytes, Unsigned(digest),
                    digest.size()) != 1) {
    return Fail(Code::kInternal, "OpenSSL does not sign");
  }
  return std::string_view(signature_).substr(0, bytes);
}

Expected<void> BareOpenSsl::Verify(std::string_view digest, std::string_view signature) {
  if (EVP_PKEY_verify(verify_.get(), Unsigned(signature), signature.size(), Unsigned(digest), digest.size()) == 1) {
    return {};
  }
  return Fail(Code::kInternal, "a new signature does not verify");
}

}  // namespace firmsign::bench
