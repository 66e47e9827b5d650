// SPDX-License-Identifier: Apache-2.0
//
// A SignedData is (RFC 5652 §5, RFC 5754 §3.2):
//
//   ContentInfo  SEQUENCE { signedData, [0] SignedData }
//   SignedData   SEQUENCE { version 1, SET { SHA-384 }, SEQUENCE { data }, [0] certificates, SET { SignerInfo } }
//   SignerInfo   SEQUENCE { version 1, SEQUENCE { issuer, serial number }, SHA-384, [0] attributes, ecdsa-with-SHA384,
//                           OCTET STRING over the signature's DER }
//
// Algorithm identifiers have no parameters. The content is detached: SEQUENCE { data } names its type alone. The
// certificates lie in the order of the chain, leaf first, which is a set and so may have any order outside of DER.
// Attributes are a SET OF in DER order; what is signed is the SHA-384 of that set with the tag of a SET in place of
// [0]:
//
//   contentType             data
//   messageDigest           SHA-384 of the content
//   signingTime             GeneralizedTime with milliseconds
//   CMSAlgorithmProtection  SEQUENCE { SHA-384, [1] ecdsa-with-SHA384 } (RFC 6211)
//   and those of the request

#include "platform/crypto/cms.h"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/objects.h>

#include <array>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "base/check.h"
#include "base/encoding.h"
#include "platform/crypto/certificate_x509.h"
#include "platform/crypto/der.h"
#include "platform/crypto/openssl_error.h"
#include "platform/crypto/pem.h"

namespace firmsign::crypto {
namespace {

constexpr std::string_view kData = "1.2.840.113549.1.7.1";
constexpr std::string_view kSignedData = "1.2.840.113549.1.7.2";
constexpr std::string_view kContentType = "1.2.840.113549.1.9.3";
constexpr std::string_view kMessageDigest = "1.2.840.113549.1.9.4";
constexpr std::string_view kSigningTime = "1.2.840.113549.1.9.5";
constexpr std::string_view kAlgorithmProtection = "1.2.840.113549.1.9.52";
constexpr std::string_view kSha384 = "2.16.840.1.101.3.4.2.2";
constexpr std::string_view kEcdsaWithSha384 = "1.2.840.10045.4.3.3";
constexpr std::string_view kPemLabel = "PKCS7";
constexpr int kCertificatesMax = 16;

struct FreeCms {
  void operator()(CMS_ContentInfo* cms) const { CMS_ContentInfo_free(cms); }
};
struct FreeCertificates {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_pop_free(stack, &X509_free); }
};
using Certificates = std::unique_ptr<STACK_OF(X509), FreeCertificates>;

// `write` is one of OpenSSL's i2d functions.
template <class T, class Write>
std::string Encode(const T* object, Write write) {
  unsigned char* bytes = nullptr;
  const int length = write(object, &bytes);
  if (length <= 0) return {};
  std::string encoded(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
  OPENSSL_free(bytes);
  return encoded;
}

std::string BytesOf(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(ASN1_STRING_length(string))};
}

std::string OidOf(const ASN1_OBJECT* object) {
  std::array<char, 256> oid{};
  const int length = OBJ_obj2txt(oid.data(), oid.size(), object, /*no_name=*/1);
  return length > 0 && static_cast<std::size_t>(length) < oid.size() ? std::string(oid.data()) : std::string();
}

std::string Algorithm(std::string_view oid) { return der::Sequence({der::Oid(oid)}); }

std::string Attribute(std::string_view oid, std::string value) {
  return der::Sequence({der::Oid(oid), der::SetOf({std::move(value)})});
}

// The content of CMSAlgorithmProtection; some write the hash with a NULL for parameters.
std::string AlgorithmProtection(bool with_null) {
  const std::string hash = with_null ? der::Sequence({der::Oid(kSha384), der::Element(0x05, "")}) : Algorithm(kSha384);
  return der::Sequence({hash, der::Element(der::Context(1), der::Oid(kEcdsaWithSha384))});
}

std::string IssuerAndSerial(const Certificate& certificate) {
  const auto* begin = reinterpret_cast<const unsigned char*>(certificate.ToDer().data());
  const std::unique_ptr<X509, FreeX509> x509(d2i_X509(nullptr, &begin, static_cast<long>(certificate.ToDer().size())));
  CHECK(x509 != nullptr);
  return der::Sequence({Encode(X509_get_issuer_name(x509.get()), &i2d_X509_NAME),
                        Encode(X509_get0_serialNumber(x509.get()), &i2d_ASN1_INTEGER)});
}

Expected<std::vector<std::string>> MakeAttributes(const CmsRequest& request) {
  std::vector<std::string> attributes = {
      Attribute(kContentType, der::Oid(kData)),
      Attribute(kMessageDigest, der::Element(der::kOctetString, DigestOf(Hash::kSha384, request.content))),
      Attribute(kSigningTime, der::TimeWithMillis(request.signed_at)),
      Attribute(kAlgorithmProtection, AlgorithmProtection(/*with_null=*/false)),
  };
  for (const CmsAttribute& attribute : request.attributes) {
    if (!der::IsOid(attribute.oid)) return Fail(Code::kInvalid, "no object identifier: " + attribute.oid);
    const std::string* text = std::get_if<std::string>(&attribute.value);
    attributes.push_back(Attribute(attribute.oid, text != nullptr
                                                      ? der::Element(der::kUtf8String, *text)
                                                      : der::TimeWithMillis(std::get<Instant>(attribute.value))));
  }
  return attributes;
}

// The content of an element, without its head. CHECKs that there is one.
std::string_view ContentOf(std::string_view element) {
  const auto* begin = reinterpret_cast<const unsigned char*>(element.data());
  const unsigned char* position = begin;
  long length = 0;
  int tag = 0;
  int tag_class = 0;
  CHECK((ASN1_get_object(&position, &length, &tag, &tag_class, static_cast<long>(element.size())) & 0x80) == 0);
  return element.substr(static_cast<std::size_t>(position - begin), static_cast<std::size_t>(length));
}

std::optional<Instant> TimeOf(const ASN1_TYPE& value) {
  if (value.type == V_ASN1_GENERALIZEDTIME) return der::ParseGeneralizedTime(BytesOf(value.value.asn1_string));
  if (value.type == V_ASN1_UTCTIME) return der::ParseUtcTime(BytesOf(value.value.asn1_string));
  return std::nullopt;
}

// What the attributes are read into, and which were seen.
struct AttributeReader {
  Cms& cms;
  std::set<std::string, std::less<>> seen;

  // False for a value that the attribute cannot have. Values of types that we do not read are passed over.
  bool Take(const std::string& oid, const ASN1_TYPE& value) {
    if (oid == kContentType) return value.type == V_ASN1_OBJECT && OidOf(value.value.object) == kData;
    if (oid == kMessageDigest) {
      if (value.type != V_ASN1_OCTET_STRING) return false;
      cms.message_digest = BytesOf(value.value.octet_string);
      return cms.message_digest.size() == DigestBytes(Hash::kSha384);
    }
    if (oid == kAlgorithmProtection) {
      if (value.type != V_ASN1_SEQUENCE) return false;
      const std::string protection = BytesOf(value.value.sequence);
      return protection == AlgorithmProtection(false) || protection == AlgorithmProtection(true);
    }
    if (oid == kSigningTime) {
      const std::optional<Instant> at = TimeOf(value);
      cms.signed_at = at.value_or(Instant());
      return at.has_value();
    }
    if (value.type == V_ASN1_UTF8STRING) {
      std::string text = BytesOf(value.value.utf8string);
      if (!IsUtf8(text)) return false;
      cms.attributes.push_back({.oid = oid, .value = std::move(text)});
    } else if (value.type == V_ASN1_GENERALIZEDTIME) {
      const std::optional<Instant> at = TimeOf(value);
      if (!at) return false;
      cms.attributes.push_back({.oid = oid, .value = *at});
    }
    return true;
  }
};

Expected<void> ReadAttributes(const CMS_SignerInfo* info, Cms& cms) {
  AttributeReader reader{.cms = cms};
  std::vector<std::string> encoded;
  for (int i = 0; i < CMS_signed_get_attr_count(info); ++i) {
    X509_ATTRIBUTE* attribute = CMS_signed_get_attr(info, i);
    const std::string oid = OidOf(X509_ATTRIBUTE_get0_object(attribute));
    const ASN1_TYPE* value = X509_ATTRIBUTE_count(attribute) == 1 ? X509_ATTRIBUTE_get0_type(attribute, 0) : nullptr;
    if (oid.empty() || value == nullptr || !reader.seen.insert(oid).second || !reader.Take(oid, *value)) {
      return Fail(Code::kInvalid, "a signed attribute is damaged, repeated or has another value than one: " + oid);
    }
    encoded.push_back(Encode(attribute, &i2d_X509_ATTRIBUTE));
  }
  for (const std::string_view oid : {kContentType, kMessageDigest, kSigningTime}) {
    if (!reader.seen.contains(oid)) return Fail(Code::kInvalid, "a signed attribute is missing: " + std::string(oid));
  }
  cms.signed_attributes = der::SetOf(std::move(encoded));
  return {};
}

Expected<void> CheckForm(CMS_ContentInfo* cms) {
  if (OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_signed) return Fail(Code::kInvalid, "the CMS is no SignedData");
  if (CMS_is_detached(cms) != 1 || OBJ_obj2nid(CMS_get0_eContentType(cms)) != NID_pkcs7_data) {
    return Fail(Code::kInvalid, "the CMS has its content inside, or another kind of content than data");
  }
  if (sk_CMS_SignerInfo_num(CMS_get0_SignerInfos(cms)) != 1) {
    return Fail(Code::kInvalid, "the CMS has another number of signatures than one");
  }
  return {};
}

Expected<void> CheckAlgorithms(CMS_SignerInfo* info) {
  X509_ALGOR* digest = nullptr;
  X509_ALGOR* signature = nullptr;
  CMS_SignerInfo_get0_algs(info, nullptr, nullptr, &digest, &signature);
  const ASN1_OBJECT* digest_oid = nullptr;
  const ASN1_OBJECT* signature_oid = nullptr;
  X509_ALGOR_get0(&digest_oid, nullptr, nullptr, digest);
  X509_ALGOR_get0(&signature_oid, nullptr, nullptr, signature);
  if (OBJ_obj2nid(digest_oid) == NID_sha384 && OBJ_obj2nid(signature_oid) == NID_ecdsa_with_SHA384) return {};
  return Fail(Code::kInvalid, "the CMS is not signed by ecdsa-with-SHA384");
}

// All certificates, and which of them is the signature's.
struct FoundCertificates {
  std::vector<Certificate> all;
  std::optional<std::size_t> leaf;
};

Expected<FoundCertificates> ReadCertificates(CMS_ContentInfo* cms, CMS_SignerInfo* info) {
  FoundCertificates found;
  const Certificates stack(CMS_get1_certs(cms));
  if (stack != nullptr && sk_X509_num(stack.get()) > kCertificatesMax) {
    return Fail(Code::kInvalid, "the CMS has too many certificates");
  }
  for (int i = 0; stack != nullptr && i < sk_X509_num(stack.get()); ++i) {
    X509* x509 = sk_X509_value(stack.get(), i);
    ASSIGN_OR_RETURN(Certificate certificate, Certificate::FromDer(Encode(x509, &i2d_X509)));
    if (CMS_SignerInfo_cert_cmp(info, x509) == 0) {
      if (found.leaf) return Fail(Code::kInvalid, "the CMS has two certificates for its signature");
      found.leaf = found.all.size();
    }
    found.all.push_back(std::move(certificate));
  }
  if (!found.leaf) return Fail(Code::kInvalid, "the CMS has no certificate for its signature");
  return found;
}

Expected<Cms> Read(CMS_ContentInfo* content_info) {
  RETURN_IF_ERROR(CheckForm(content_info));
  CMS_SignerInfo* info = sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(content_info), 0);
  RETURN_IF_ERROR(CheckAlgorithms(info));
  ASSIGN_OR_RETURN(FoundCertificates found, ReadCertificates(content_info, info));
  Certificate leaf = found.all[*found.leaf];
  Cms cms{.certificates = std::move(found.all),
          .leaf = std::move(leaf),
          .signature = BytesOf(CMS_SignerInfo_get0_signature(info))};
  RETURN_IF_ERROR(ReadAttributes(info, cms));
  return cms;
}

}  // namespace

Expected<std::string> SignCms(const CmsRequest& request, const SignSha384& sign) {
  if (request.chain.empty()) return Fail(Code::kInvalid, "a signature needs a certificate");
  ASSIGN_OR_RETURN(std::vector<std::string> attributes, MakeAttributes(request));
  const std::string set = der::SetOf(std::move(attributes));
  ASSIGN_OR_RETURN(const std::string signature, sign(DigestOf(Hash::kSha384, set)));

  std::string certificates;
  for (const Certificate& certificate : request.chain) certificates += certificate.ToDer();
  const std::string info = der::Sequence({der::SmallInteger(1), IssuerAndSerial(request.chain.front()),
                                          Algorithm(kSha384), der::Element(der::Context(0), ContentOf(set)),
                                          Algorithm(kEcdsaWithSha384), der::Element(der::kOctetString, signature)});
  const std::string data =
      der::Sequence({der::SmallInteger(1), der::SetOf({Algorithm(kSha384)}), der::Sequence({der::Oid(kData)}),
                     der::Element(der::Context(0), certificates), der::SetOf({info})});
  return der::Sequence({der::Oid(kSignedData), der::Element(der::Context(0), data)});
}

Expected<Cms> ParseCms(std::string_view der) {
  if (der.empty() || der.size() > kCmsBytesMax) return Fail(Code::kInvalid, "there is no CMS of this size");
  const auto* begin = reinterpret_cast<const unsigned char*>(der.data());
  const unsigned char* position = begin;
  const std::unique_ptr<CMS_ContentInfo, FreeCms> content_info(
      d2i_CMS_ContentInfo(nullptr, &position, static_cast<long>(der.size())));
  if (content_info == nullptr || position != begin + der.size()) {
    return Fail(Code::kInvalid, "the CMS is damaged: " + TakeOpenSslReason());
  }
  Expected<Cms> cms = Read(content_info.get());
  ERR_clear_error();
  return cms;
}

Expected<void> VerifyCms(const Cms& cms, std::string_view content) {
  if (DigestOf(Hash::kSha384, content) != cms.message_digest) {
    return Fail(Code::kInvalid, "the content is not what was signed: its digest differs");
  }
  const PublicKey& key = cms.leaf.public_key();
  if (key.kind().type != KeyType::kEc ||
      !key.VerifyDigest(Hash::kSha384, DigestOf(Hash::kSha384, cms.signed_attributes), cms.signature)) {
    return Fail(Code::kInvalid, "the signature is not one of its certificate");
  }
  return {};
}

std::string FormatCmsPem(std::string_view der) { return FormatPem(kPemLabel, der); }

Expected<std::string> ParseCmsPem(std::string_view pem) {
  ASSIGN_OR_RETURN(const std::vector<PemBlock> blocks, ParsePem(pem));
  if (blocks.size() != 1 || blocks[0].name != kPemLabel || blocks[0].is_encrypted) {
    return Fail(Code::kInvalid, "the signature is no PEM block named PKCS7");
  }
  return std::string(blocks[0].der.Reveal(SecretAccess("a signature is no secret")));
}

}  // namespace firmsign::crypto
