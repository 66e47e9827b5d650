// SPDX-License-Identifier: Apache-2.0
//
// X.509 certificates (RFC 5280): what they say of themselves, in the words that ACM uses.

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <limits>

#include "base/check.h"
#include "base/encoding.h"
#include "platform/crypto/certificate_x509.h"
#include "platform/crypto/key.h"
#include "platform/crypto/key_evp.h"
#include "platform/crypto/openssl_error.h"
#include "platform/crypto/pem.h"

namespace firmsign::crypto {
namespace {

template <class T, void (*Free)(T*)>
struct FreeBy {
  void operator()(T* object) const { Free(object); }
};
template <class T, void (*Free)(T*)>
using Owned = std::unique_ptr<T, FreeBy<T, Free>>;

void FreeBio(BIO* bio) { BIO_free(bio); }
void FreeText(unsigned char* text) { OPENSSL_free(text); }
void FreeGeneralNames(GENERAL_NAMES* names) { GENERAL_NAMES_free(names); }
void FreePurposes(EXTENDED_KEY_USAGE* purposes) { EXTENDED_KEY_USAGE_free(purposes); }

std::string FormatSerial(const ASN1_INTEGER* serial) {
  const Owned<BIGNUM, &BN_free> number(ASN1_INTEGER_to_BN(serial, nullptr));
  if (number == nullptr) return {};
  std::string bytes(std::max(1, BN_num_bytes(number.get())), '\0');
  BN_bn2binpad(number.get(), reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  const std::string hex = EncodeHex(bytes);
  std::string text;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    if (i != 0) text.push_back(':');
    text.append(hex, i, 2);
  }
  return text;
}

std::string PrintName(const X509_NAME* name, unsigned long flags) {
  const Owned<BIO, &FreeBio> bio(BIO_new(BIO_s_mem()));
  CHECK(bio != nullptr);
  if (X509_NAME_print_ex(bio.get(), name, 0, flags) < 0) return {};
  char* text = nullptr;
  const long length = BIO_get_mem_data(bio.get(), &text);
  return length > 0 ? std::string(text, static_cast<std::size_t>(length)) : std::string();
}

// RFC 2253, except that characters beyond ASCII stay readable where they are well formed.
std::string FormatName(const X509_NAME* name) {
  std::string text = PrintName(name, XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB));
  return IsUtf8(text) ? text : PrintName(name, XN_FLAG_RFC2253);
}

// Empty for text that is not UTF-8 or holds a NUL, with which a name could pretend to be another.
std::string TextOf(const ASN1_STRING* string) {
  unsigned char* bytes = nullptr;
  const int length = ASN1_STRING_to_UTF8(&bytes, string);
  if (length < 0) return {};
  const Owned<unsigned char, &FreeText> owner(bytes);
  std::string text(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
  return IsUtf8(text) && text.find('\0') == std::string::npos ? text : std::string();
}

std::string CommonNameOf(const X509_NAME* name) {
  // The last one is the most specific.
  int found = -1;
  for (int at = -1; (at = X509_NAME_get_index_by_NID(name, NID_commonName, at)) >= 0;) found = at;
  return found < 0 ? std::string() : TextOf(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, found)));
}

std::vector<std::string> DnsNamesOf(const X509* x509) {
  std::vector<std::string> found;
  const Owned<GENERAL_NAMES, &FreeGeneralNames> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(x509, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_DNS) continue;
    if (std::string text = TextOf(name->d.dNSName); !text.empty()) found.push_back(std::move(text));
  }
  return found;
}

Expected<Instant> InstantOf(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) {
    return Fail(Code::kInvalid, "a date of the certificate is damaged");
  }
  const std::chrono::year_month_day day{std::chrono::year(parts.tm_year + 1900),
                                        std::chrono::month(static_cast<unsigned>(parts.tm_mon + 1)),
                                        std::chrono::day(static_cast<unsigned>(parts.tm_mday))};
  const std::chrono::sys_seconds seconds = std::chrono::sys_days(day) + std::chrono::hours(parts.tm_hour) +
                                           std::chrono::minutes(parts.tm_min) + std::chrono::seconds(parts.tm_sec);
  return InstantFromSeconds(seconds.time_since_epoch().count());
}

std::string ToUpper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

// Java's name without its small letters: SHA256WITHRSA, SHA256WITHECDSA.
std::string SignatureAlgorithmOf(const X509* x509) {
  const int nid = X509_get_signature_nid(x509);
  int digest = NID_undef;
  int key = NID_undef;
  if (OBJ_find_sigid_algs(nid, &digest, &key) != 1 || digest == NID_undef) return ToUpper(OBJ_nid2sn(nid));
  const std::string with = std::string(OBJ_nid2sn(digest)) + "WITH";
  switch (key) {
    case NID_rsaEncryption: return ToUpper(with + "RSA");
    case NID_X9_62_id_ecPublicKey: return ToUpper(with + "ECDSA");
    default: return ToUpper(with + OBJ_nid2sn(key));
  }
}

std::vector<std::string> KeyUsagesOf(X509* x509) {
  struct Usage {
    std::uint32_t bit;
    const char* name;
  };
  constexpr std::array<Usage, 9> kUsages = {{{KU_DIGITAL_SIGNATURE, "DIGITAL_SIGNATURE"},
                                             {KU_NON_REPUDIATION, "NON_REPUDIATION"},
                                             {KU_KEY_ENCIPHERMENT, "KEY_ENCIPHERMENT"},
                                             {KU_DATA_ENCIPHERMENT, "DATA_ENCIPHERMENT"},
                                             {KU_KEY_AGREEMENT, "KEY_AGREEMENT"},
                                             {KU_KEY_CERT_SIGN, "CERTIFICATE_SIGNING"},
                                             {KU_CRL_SIGN, "CRL_SIGNING"},
                                             {KU_ENCIPHER_ONLY, "ENCIPHER_ONLY"},
                                             {KU_DECIPHER_ONLY, "DECIPHER_ONLY"}}};
  std::vector<std::string> names;
  const std::uint32_t bits = X509_get_key_usage(x509);
  if (bits == UINT32_MAX) return names;  // no such extension
  for (const Usage& usage : kUsages) {
    if ((bits & usage.bit) != 0) names.emplace_back(usage.name);
  }
  return names;
}

std::string PurposeName(int nid) {
  switch (nid) {
    case NID_server_auth: return "TLS_WEB_SERVER_AUTHENTICATION";
    case NID_client_auth: return "TLS_WEB_CLIENT_AUTHENTICATION";
    case NID_code_sign: return "CODE_SIGNING";
    case NID_email_protect: return "EMAIL_PROTECTION";
    case NID_time_stamp: return "TIME_STAMPING";
    case NID_OCSP_sign: return "OCSP_SIGNING";
    case NID_ipsecEndSystem: return "IPSEC_END_SYSTEM";
    case NID_ipsecTunnel: return "IPSEC_TUNNEL";
    case NID_ipsecUser: return "IPSEC_USER";
    case NID_anyExtendedKeyUsage: return "ANY";
    default: return "CUSTOM";
  }
}

std::vector<CertificateInfo::Purpose> PurposesOf(const X509* x509) {
  std::vector<CertificateInfo::Purpose> found;
  const Owned<EXTENDED_KEY_USAGE, &FreePurposes> purposes(
      static_cast<EXTENDED_KEY_USAGE*>(X509_get_ext_d2i(x509, NID_ext_key_usage, nullptr, nullptr)));
  for (int i = 0; purposes != nullptr && i < sk_ASN1_OBJECT_num(purposes.get()); ++i) {
    const ASN1_OBJECT* object = sk_ASN1_OBJECT_value(purposes.get(), i);
    std::array<char, 256> oid{};
    OBJ_obj2txt(oid.data(), oid.size(), object, /*no_name=*/1);
    found.push_back({.name = PurposeName(OBJ_obj2nid(object)), .oid = oid.data()});
  }
  return found;
}

Expected<CertificateInfo> InfoOf(X509* x509) {
  CertificateInfo info;
  const X509_NAME* subject = X509_get_subject_name(x509);
  info.version = static_cast<int>(X509_get_version(x509)) + 1;
  info.serial_hex_colons = FormatSerial(X509_get0_serialNumber(x509));
  info.subject = FormatName(subject);
  info.issuer = FormatName(X509_get_issuer_name(x509));
  info.common_name = CommonNameOf(subject);
  info.dns_names = DnsNamesOf(x509);
  ASSIGN_OR_RETURN(info.not_before, InstantOf(X509_get0_notBefore(x509)));
  ASSIGN_OR_RETURN(info.not_after, InstantOf(X509_get0_notAfter(x509)));
  info.signature_algorithm = SignatureAlgorithmOf(x509);
  info.key_usages = KeyUsagesOf(x509);
  info.extended_key_usages = PurposesOf(x509);
  info.is_authority = (X509_get_extension_flags(x509) & EXFLAG_CA) != 0;
  if (const long path_length = X509_get_pathlen(x509); path_length >= 0) {
    info.path_length = static_cast<int>(std::min<long>(path_length, std::numeric_limits<int>::max()));
  }
  info.is_self_signed = X509_self_signed(x509, /*verify_signature=*/1) == 1;
  ERR_clear_error();
  return info;
}

// The first element inside a DER SEQUENCE, with its head. All of it when it is not DER: what is hashed is still its
// own.
std::string_view FirstElement(std::string_view der) {
  constexpr int kIsNoDer = 0x81;  // an error, or a length that is not stated
  const auto* begin = reinterpret_cast<const unsigned char*>(der.data());
  const unsigned char* position = begin;
  long length = 0;
  int tag = 0;
  int tag_class = 0;
  if ((ASN1_get_object(&position, &length, &tag, &tag_class, static_cast<long>(der.size())) & kIsNoDer) != 0)
    return der;
  const unsigned char* element = position;
  if ((ASN1_get_object(&position, &length, &tag, &tag_class, length) & kIsNoDer) != 0) return der;
  return der.substr(static_cast<std::size_t>(element - begin),
                    static_cast<std::size_t>(position - element) + static_cast<std::size_t>(length));
}

}  // namespace

Expected<Certificate> Certificate::FromDer(std::string_view der) {
  if (der.empty() || der.size() > kPemBytesMax) return Fail(Code::kInvalid, "there is no certificate of this size");
  const auto* begin = reinterpret_cast<const unsigned char*>(der.data());
  const unsigned char* position = begin;
  std::unique_ptr<X509, FreeX509> x509(d2i_X509(nullptr, &position, static_cast<long>(der.size())));
  if (x509 == nullptr || position != begin + der.size()) {
    return Fail(Code::kInvalid, "the certificate is damaged: " + TakeOpenSslReason());
  }
  KeyHandle key(X509_get_pubkey(x509.get()));
  if (key == nullptr) {
    return Fail(Code::kInvalid, "the certificate's public key cannot be read: " + TakeOpenSslReason());
  }
  ASSIGN_OR_RETURN(PublicKey public_key, MakePublicKey(std::move(key)));
  ASSIGN_OR_RETURN(CertificateInfo info, InfoOf(x509.get()));
  return Certificate(std::make_shared<Certificate::State>(Certificate::State{
      .x509 = std::move(x509), .der = std::string(der), .info = std::move(info), .public_key = std::move(public_key)}));
}

Expected<std::vector<Certificate>> Certificate::ChainFromPem(std::string_view pem) {
  ASSIGN_OR_RETURN(const std::vector<PemBlock> blocks, ParsePem(pem));
  std::vector<Certificate> chain;
  for (const PemBlock& block : blocks) {
    if (block.name != "CERTIFICATE") {
      return Fail(Code::kInvalid, "a PEM block of this kind is no certificate: " + block.name);
    }
    ASSIGN_OR_RETURN(Certificate certificate, FromDer(block.der.Reveal(SecretAccess("a certificate is no secret"))));
    chain.push_back(std::move(certificate));
  }
  return chain;
}

Expected<Certificate> Certificate::FromPem(std::string_view pem) {
  ASSIGN_OR_RETURN(std::vector<Certificate> certificates, ChainFromPem(pem));
  if (certificates.size() > 1) return Fail(Code::kConflict, "there is more than one certificate");
  return std::move(certificates.front());
}

const CertificateInfo& Certificate::info() const { return state_->info; }

const PublicKey& Certificate::public_key() const { return state_->public_key; }

std::string Certificate::ToPem() const { return FormatPem("CERTIFICATE", state_->der); }

const std::string& Certificate::ToDer() const { return state_->der; }

bool Certificate::IsSignedBy(const Certificate& issuer) const {
  X509* x509 = state_->x509.get();
  if (X509_NAME_cmp(X509_get_issuer_name(x509), X509_get_subject_name(issuer.state_->x509.get())) != 0) return false;
  const KeyHandle key(X509_get_pubkey(issuer.state_->x509.get()));
  const bool is_signed = key != nullptr && X509_verify(x509, key.get()) == 1;
  ERR_clear_error();
  return is_signed;
}

std::string Certificate::FingerprintSha256() const { return DigestOf(Hash::kSha256, state_->der); }

std::string Certificate::TbsSha384Hex() const { return EncodeHex(DigestOf(Hash::kSha384, FirstElement(state_->der))); }

}  // namespace firmsign::crypto
