// SPDX-License-Identifier: Apache-2.0
//
// A certificate is DER (RFC 5280 §4.1):
//
//   Certificate     SEQUENCE { TBSCertificate, ecdsa-with-SHA384, BIT STRING over the signature's DER }
//   TBSCertificate  SEQUENCE { [0] version 3, serial number, ecdsa-with-SHA384, issuer, validity, subject,
//                              SubjectPublicKeyInfo, [3] extensions }
//
// Extensions, in this order: authorityKeyIdentifier (not of a self-signed one), subjectKeyIdentifier (SHA-1 of the
// public key's bits, RFC 5280 §4.2.1.2 method 1), basicConstraints and keyUsage (critical), of a leaf extendedKeyUsage,
// and subjectAltName with names of the DNS.

#include "platform/crypto/certificate_issuer.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <span>
#include <utility>

#include "base/check.h"
#include "base/encoding.h"
#include "platform/crypto/certificate_x509.h"
#include "platform/crypto/der.h"

namespace firmsign::crypto {
namespace {

constexpr std::size_t kNameCharsMax = 64;  // RFC 5280, appendix A: ub-common-name, ub-organization-name
constexpr std::size_t kSerialBytes = 16;
constexpr int kPathLengthMax = 16;  // longer chains than anybody verifies

// What is known of the issuer: taken from its certificate, or of a self-signed one from the request.
struct Issuer {
  std::string name;    // DER
  std::string key_id;  // empty: no authorityKeyIdentifier
};

std::string Algorithm() { return der::Sequence({der::Oid("1.2.840.10045.4.3.3")}); }

std::size_t CharactersOf(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

Expected<void> CheckName(std::string_view what, std::string_view text) {
  if (!IsUtf8(text) || text.find('\0') != std::string_view::npos || CharactersOf(text) > kNameCharsMax) {
    return Fail(Code::kInvalid, "the " + std::string(what) + " must be text of at most 64 characters");
  }
  return {};
}

Expected<void> Check(const CertificateRequest& request) {
  if (request.subject.common_name.empty()) return Fail(Code::kInvalid, "a certificate needs a common name");
  RETURN_IF_ERROR(CheckName("common name", request.subject.common_name));
  RETURN_IF_ERROR(CheckName("organization", request.subject.organization));
  if (Seconds(request.not_before) >= Seconds(request.not_after)) {
    return Fail(Code::kInvalid, "the certificate's period ends before it begins");
  }
  if (!request.path_length) return {};
  if (request.role != CertificateRole::kAuthority || *request.path_length < 0 ||
      *request.path_length > kPathLengthMax) {
    return Fail(Code::kInvalid, "only an authority has a path length, from 0 to 16");
  }
  return {};
}

Expected<void> CheckMayIssue(const Certificate& issuer, const CertificateRequest& request) {
  const CertificateInfo& info = issuer.info();
  if (!info.is_authority) return Fail(Code::kInvalid, "the issuer is no authority: " + info.subject);
  if (request.role != CertificateRole::kAuthority || !info.path_length) return {};
  if (*info.path_length == 0 || request.path_length.value_or(0) >= *info.path_length) {
    return Fail(Code::kInvalid, "the issuer's path length leaves no room for this authority: " + info.subject);
  }
  return {};
}

std::string FormatName(const CertificateName& name) {
  const auto part = [](std::string_view oid, std::string_view text) {
    return der::SetOf({der::Sequence({der::Oid(oid), der::Element(der::kUtf8String, text)})});
  };
  return der::Sequence({name.organization.empty() ? std::string() : part("2.5.4.10", name.organization),
                        part("2.5.4.3", name.common_name)});
}

std::string KeyIdOf(const PublicKey& key) {
  const std::string spki = key.Spki();
  const auto* position = reinterpret_cast<const unsigned char*>(spki.data());
  X509_PUBKEY* parsed = d2i_X509_PUBKEY(nullptr, &position, static_cast<long>(spki.size()));
  CHECK(parsed != nullptr);
  const unsigned char* bits = nullptr;
  int length = 0;
  CHECK(X509_PUBKEY_get0_param(nullptr, &bits, &length, nullptr, parsed) == 1);
  std::string id =
      DigestOf(Hash::kSha1, std::string_view(reinterpret_cast<const char*>(bits), static_cast<std::size_t>(length)));
  X509_PUBKEY_free(parsed);
  return id;
}

Issuer IssuerOf(const Certificate& certificate) {
  const auto* begin = reinterpret_cast<const unsigned char*>(certificate.ToDer().data());
  const std::unique_ptr<X509, FreeX509> x509(d2i_X509(nullptr, &begin, static_cast<long>(certificate.ToDer().size())));
  CHECK(x509 != nullptr);
  unsigned char* name = nullptr;
  const int length = i2d_X509_NAME(X509_get_subject_name(x509.get()), &name);
  CHECK(length > 0);
  Issuer issuer{.name = std::string(reinterpret_cast<const char*>(name), static_cast<std::size_t>(length))};
  OPENSSL_free(name);
  const ASN1_OCTET_STRING* id = X509_get0_subject_key_id(x509.get());
  issuer.key_id = id == nullptr ? KeyIdOf(certificate.public_key())
                                : std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(id)),
                                              static_cast<std::size_t>(ASN1_STRING_length(id)));
  ERR_clear_error();
  return issuer;
}

std::string Extension(std::string_view oid, bool is_critical, std::string_view value) {
  return der::Sequence({der::Oid(oid), is_critical ? der::Element(der::kBoolean, "\xff") : std::string(),
                        der::Element(der::kOctetString, value)});
}

std::string FormatDnsNames(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += der::Element(der::ContextPrimitive(2), name);
  return all.empty() ? all : Extension("2.5.29.17", false, der::Element(der::kSequence, all));
}

std::string FormatExtensions(const CertificateRequest& request, const Issuer& issuer) {
  const bool is_authority = request.role == CertificateRole::kAuthority;
  const std::string constraints =
      !is_authority
          ? der::Sequence({})
          : der::Sequence({der::Element(der::kBoolean, "\xff"),
                           request.path_length ? der::SmallInteger(static_cast<std::uint8_t>(*request.path_length))
                                               : std::string()});
  // The first byte counts the unused bits: digitalSignature is bit 0, keyCertSign and cRLSign are bits 5 and 6.
  const std::string usage = der::Element(der::kBitString, is_authority ? "\x01\x06" : "\x07\x80");
  return der::Sequence(
      {issuer.key_id.empty()
           ? std::string()
           : Extension("2.5.29.35", false, der::Sequence({der::Element(der::ContextPrimitive(0), issuer.key_id)})),
       Extension("2.5.29.14", false, der::Element(der::kOctetString, KeyIdOf(request.public_key))),
       Extension("2.5.29.19", true, constraints), Extension("2.5.29.15", true, usage),
       is_authority ? std::string() : Extension("2.5.29.37", false, der::Sequence({der::Oid("1.3.6.1.5.5.7.3.3")})),
       FormatDnsNames(request.dns_names)});
}

std::string MakeSerial(Random& random) {
  std::string serial(kSerialBytes, '\0');
  random.Fill(std::span(reinterpret_cast<unsigned char*>(serial.data()), serial.size()));
  // Never negative, and of the same length always.
  serial[0] = static_cast<char>((static_cast<unsigned char>(serial[0]) & 0x3fU) | 0x40U);
  return serial;
}

Expected<Certificate> Issue(const CertificateRequest& request, const Issuer& issuer, const SignSha384& sign,
                            Random& random) {
  const std::string tbs = der::Sequence(
      {der::Element(der::Context(0), der::SmallInteger(2)), der::Unsigned(MakeSerial(random)), Algorithm(), issuer.name,
       der::Sequence({der::X509Time(request.not_before), der::X509Time(request.not_after)}),
       FormatName(request.subject), request.public_key.Spki(),
       der::Element(der::Context(3), FormatExtensions(request, issuer))});
  ASSIGN_OR_RETURN(const std::string signature, sign(DigestOf(Hash::kSha384, tbs)));
  return Certificate::FromDer(
      der::Sequence({tbs, Algorithm(), der::Element(der::kBitString, std::string(1, '\0') + signature)}));
}

Expected<Certificate> CheckSignature(Certificate certificate, const Certificate& issuer) {
  if (certificate.IsSignedBy(issuer)) return certificate;
  return Fail(Code::kInternal, "the new certificate's signature is not one of the issuer's key");
}

}  // namespace

SignSha384 SignWith(PrivateKey key) {
  return [key = std::move(key)](std::string_view digest) { return key.SignDigest(Hash::kSha384, digest); };
}

Expected<Certificate> IssueCertificate(const CertificateRequest& request, const Certificate& issuer,
                                       const SignSha384& sign, Random& random) {
  RETURN_IF_ERROR(Check(request));
  RETURN_IF_ERROR(CheckMayIssue(issuer, request));
  ASSIGN_OR_RETURN(Certificate certificate, Issue(request, IssuerOf(issuer), sign, random));
  return CheckSignature(std::move(certificate), issuer);
}

Expected<Certificate> IssueSelfSigned(const CertificateRequest& request, const SignSha384& sign, Random& random) {
  RETURN_IF_ERROR(Check(request));
  ASSIGN_OR_RETURN(Certificate certificate, Issue(request, Issuer{.name = FormatName(request.subject)}, sign, random));
  return CheckSignature(certificate, certificate);
}

}  // namespace firmsign::crypto
