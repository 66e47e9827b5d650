// SPDX-License-Identifier: Apache-2.0

#include "platform/crypto/certificate_chain.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>
#include <string>

#include "base/check.h"
#include "platform/crypto/certificate_x509.h"

namespace firmsign::crypto {
namespace {

struct FreeStore {
  void operator()(X509_STORE* store) const { X509_STORE_free(store); }
};
struct FreeContext {
  void operator()(X509_STORE_CTX* context) const { X509_STORE_CTX_free(context); }
};
struct FreeStack {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_pop_free(stack, &X509_free); }
};
using Stack = std::unique_ptr<STACK_OF(X509), FreeStack>;

// At level 1 signatures over MD5 and SHA-1, RSA keys below 1024 bits and curves below 160 bits are refused.
constexpr int kSecurityLevel = 1;
constexpr int kDepthMax = 8;

// A copy, because OpenSSL's checks leave notes in what they look at.
std::unique_ptr<X509, FreeX509> Copy(const Certificate& certificate) {
  const auto* begin = reinterpret_cast<const unsigned char*>(certificate.ToDer().data());
  std::unique_ptr<X509, FreeX509> x509(d2i_X509(nullptr, &begin, static_cast<long>(certificate.ToDer().size())));
  CHECK(x509 != nullptr);
  return x509;
}

// The one of `known` that `x509` is a copy of; parsing it again would verify its own signature once more, if it has
// one.
Expected<Certificate> FindCopied(const X509* x509, std::span<const Certificate> known) {
  unsigned char* bytes = nullptr;
  const int length = i2d_X509(x509, &bytes);
  if (length <= 0) return Fail(Code::kInvalid, "a certificate of the chain cannot be written");
  const std::string der(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
  OPENSSL_free(bytes);
  const auto found = std::ranges::find(known, der, &Certificate::ToDer);
  return found == known.end() ? Certificate::FromDer(der) : *found;
}

Expected<void> CheckLeaf(const CertificateInfo& info) {
  const bool may_sign = std::ranges::find(info.key_usages, "DIGITAL_SIGNATURE") != info.key_usages.end();
  const bool is_for_code = std::ranges::find(info.extended_key_usages, "CODE_SIGNING",
                                             &CertificateInfo::Purpose::name) != info.extended_key_usages.end();
  if (info.is_authority) return Fail(Code::kInvalid, "the certificate that signed is an authority's: " + info.subject);
  if (!may_sign || !is_for_code) {
    return Fail(Code::kInvalid, "the certificate that signed is not for signing code: " + info.subject);
  }
  return {};
}

}  // namespace

Expected<std::vector<Certificate>> VerifyCodeSigningChain(const Certificate& leaf, std::span<const Certificate> others,
                                                          const Certificate& root, Instant at) {
  RETURN_IF_ERROR(CheckLeaf(leaf.info()));
  if (!root.info().is_authority) return Fail(Code::kInvalid, "the root is no authority: " + root.info().subject);
  const std::unique_ptr<X509_STORE, FreeStore> store(X509_STORE_new());
  const std::unique_ptr<X509_STORE_CTX, FreeContext> context(X509_STORE_CTX_new());
  const Stack untrusted(sk_X509_new_null());
  CHECK(store != nullptr && context != nullptr && untrusted != nullptr);
  for (const Certificate& other : others) CHECK(sk_X509_push(untrusted.get(), Copy(other).release()) > 0);
  CHECK(X509_STORE_add_cert(store.get(), Copy(root).get()) == 1);
  const std::unique_ptr<X509, FreeX509> target = Copy(leaf);
  CHECK(X509_STORE_CTX_init(context.get(), store.get(), target.get(), untrusted.get()) == 1);
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(parameters, Seconds(at));
  X509_VERIFY_PARAM_set_depth(parameters, kDepthMax);
  X509_VERIFY_PARAM_set_auth_level(parameters, kSecurityLevel);
  // What the leaf is for was checked above: OpenSSL 3.0 knows no purpose "code signing".
  CHECK(X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_ANY) == 1);

  const bool is_good = X509_verify_cert(context.get()) == 1;
  ERR_clear_error();
  if (!is_good) {
    return Fail(Code::kInvalid, std::string("the certificate chain is not to be trusted: ") +
                                    X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get())));
  }
  std::vector<Certificate> known = {leaf, root};
  known.insert(known.end(), others.begin(), others.end());
  std::vector<Certificate> chain;
  const STACK_OF(X509)* found = X509_STORE_CTX_get0_chain(context.get());
  for (int i = 0; i < sk_X509_num(found); ++i) {
    ASSIGN_OR_RETURN(Certificate certificate, FindCopied(sk_X509_value(found, i), known));
    if (i != 0 && !certificate.info().is_authority) {
      return Fail(Code::kInvalid, "an issuer in the chain is no authority: " + certificate.info().subject);
    }
    chain.push_back(std::move(certificate));
  }
  return chain;
}

}  // namespace firmsign::crypto
