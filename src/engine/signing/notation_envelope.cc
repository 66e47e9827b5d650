// SPDX-License-Identifier: Apache-2.0
//
// An envelope is a JWS in flattened JSON serialization (RFC 7515 §7.2.2; Notary Project, signature-envelope-jws.md):
//
//   payload     base64url of the payload as it was given: {"targetArtifact":{"mediaType":…,"digest":…,"size":…}}
//   protected   base64url of a JSON object with these members
//     alg       ES384
//     cty       application/vnd.cncf.notary.payload.v1+json
//     crit      the names of all members that follow: an implementation that does not know one must refuse
//     io.cncf.notary.signingScheme         notary.x509.signingAuthority
//     io.cncf.notary.authenticSigningTime  RFC 3339, whole seconds
//     io.cncf.notary.expiry                the same
//     io.cncf.notary.verificationPlugin    com.amazonaws.signer.notation.plugin, which asks GetRevocationStatus
//     com.amazonaws.signer.signingProfileVersion, com.amazonaws.signer.signingJob   ARNs
//   header      not signed: x5c, the certificates from leaf to root in base64 of their DER, and the software that
//   signed signature   base64url of r and s, 48 bytes each: ECDSA over the SHA-384 of protected, a dot, and payload

#include "engine/signing/notation_envelope.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/encoding.h"
#include "platform/crypto/certificate_chain.h"
#include "platform/crypto/ecdsa.h"
#include "platform/json/json.h"

namespace firmsign::signing {
namespace {

constexpr std::size_t kEnvelopeBytesMax = 1 << 20;
constexpr std::size_t kCertificatesMax = 16;
constexpr std::size_t kNumberBytes = 48;  // P-384
constexpr std::string_view kAlgorithm = "ES384";
constexpr std::string_view kScheme = "notary.x509.signingAuthority";
constexpr std::string_view kPlugin = "com.amazonaws.signer.notation.plugin";
constexpr std::string_view kAgent = "firmsign";
constexpr std::string_view kThumbprints = "io.cncf.notary.x509chain.thumbprint#S256";

constexpr std::string_view kSchemeName = "io.cncf.notary.signingScheme";
constexpr std::string_view kTimeName = "io.cncf.notary.authenticSigningTime";
constexpr std::string_view kExpiryName = "io.cncf.notary.expiry";
constexpr std::string_view kPluginName = "io.cncf.notary.verificationPlugin";
constexpr std::string_view kProfileVersionName = "com.amazonaws.signer.signingProfileVersion";
constexpr std::string_view kJobName = "com.amazonaws.signer.signingJob";
constexpr std::array<std::string_view, 6> kCritical = {kSchemeName, kTimeName,           kExpiryName,
                                                       kPluginName, kProfileVersionName, kJobName};

Expected<std::string> TextOf(const json::Value& object, std::string_view name, std::string_view what) {
  const json::Value* member = object.Find(name);
  const std::string* text = member == nullptr ? nullptr : member->AsString();
  if (text == nullptr || text->empty()) {
    return Fail(Code::kInvalid, fmt::format("{}: {} is missing or no text", what, name));
  }
  return *text;
}

// As OCI's image specification spells it (descriptor.md, "Digests"), with its registered algorithms and SHA-384.
bool IsDigest(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::size_t>, 3> kAlgorithms = {
      {{"sha256:", 64}, {"sha384:", 96}, {"sha512:", 128}}};
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return std::ranges::any_of(kAlgorithms, [&](const auto& algorithm) {
    return text.starts_with(algorithm.first) && text.size() == algorithm.first.size() + algorithm.second &&
           std::ranges::all_of(text.substr(algorithm.first.size()), is_hex);
  });
}

Expected<void> CheckPayload(std::string_view payload) {
  constexpr std::string_view kWhat = "the payload is no Notary Project payload";
  if (payload.size() > kNotationPayloadBytesMax) {
    return Fail(Code::kInvalid, fmt::format("{}: it is longer than {} bytes", kWhat, kNotationPayloadBytesMax));
  }
  const auto value = json::Parse(payload);
  if (!value) return Fail(Code::kInvalid, fmt::format("{}: {}", kWhat, value.error().message));
  const json::Value* target = value->Find("targetArtifact");
  if (target == nullptr || target->AsObject() == nullptr) {
    return Fail(Code::kInvalid, fmt::format("{}: it must be a JSON object with a targetArtifact", kWhat));
  }
  const std::string what = fmt::format("{}: targetArtifact", kWhat);
  RETURN_IF_ERROR(TextOf(*target, "mediaType", what));
  ASSIGN_OR_RETURN(const std::string digest, TextOf(*target, "digest", what));
  if (!IsDigest(digest)) {
    return Fail(Code::kInvalid, fmt::format("{}: digest is not sha256, sha384 or sha512, a colon, and lower-case "
                                            "hexadecimal digits of that length",
                                            what));
  }
  const json::Value* size = target->Find("size");
  if (size == nullptr || size->AsInt() == nullptr || *size->AsInt() < 0) {
    return Fail(Code::kInvalid, fmt::format("{}: targetArtifact: size is missing or no length", kWhat));
  }
  return {};
}

std::string FormatProtected(const SignatureFacts& facts) {
  std::string text;
  json::Writer writer(text);
  const auto member = [&writer](std::string_view name, std::string_view value) {
    writer.Name(name);
    writer.String(value);
  };
  writer.BeginObject();
  member("alg", kAlgorithm);
  member("cty", kNotationPayloadFormat);
  writer.Name("crit");
  writer.BeginArray();
  for (const std::string_view name : kCritical) writer.String(name);
  writer.EndArray();
  member(kSchemeName, kScheme);
  member(kTimeName, FormatIso8601(facts.signed_at));
  member(kExpiryName, FormatIso8601(facts.expires_at));
  member(kPluginName, kPlugin);
  member(kProfileVersionName, facts.profile_version_arn);
  member(kJobName, facts.job_arn);
  writer.EndObject();
  return text;
}

std::string FormatEnvelope(std::string_view payload64, std::string_view protected64, std::string_view signature,
                           const std::vector<crypto::Certificate>& chain) {
  std::string text;
  json::Writer writer(text);
  writer.BeginObject();
  writer.Name("payload");
  writer.String(payload64);
  writer.Name("protected");
  writer.String(protected64);
  writer.Name("header");
  writer.BeginObject();
  writer.Name("x5c");
  writer.BeginArray();
  for (const crypto::Certificate& certificate : chain) writer.String(EncodeBase64(certificate.ToDer()));
  writer.EndArray();
  writer.Name("io.cncf.notary.signingAgent");
  writer.String(kAgent);
  writer.EndObject();
  writer.Name("signature");
  writer.String(EncodeBase64Url(signature));
  writer.EndObject();
  return text;
}

std::string FormatThumbprints(const std::vector<crypto::Certificate>& chain) {
  std::string text;
  json::Writer writer(text);
  writer.BeginArray();
  for (const crypto::Certificate& certificate : chain) writer.String(EncodeHex(certificate.FingerprintSha256()));
  writer.EndArray();
  return text;
}

std::string DigestOfInput(std::string_view protected64, std::string_view payload64) {
  crypto::Digest digest(crypto::Hash::kSha384);
  digest.Update(protected64);
  digest.Update(".");
  digest.Update(payload64);
  return digest.Finish();
}

// Every critical name is one that is understood here, and all of those are there and critical.
Expected<void> CheckCritical(const json::Value& headers) {
  const json::Value* crit = headers.Find("crit");
  const json::Array* names = crit == nullptr ? nullptr : crit->AsArray();
  if (names == nullptr) return Fail(Code::kInvalid, "the envelope's crit is missing or no list");
  std::vector<std::string_view> missing(kCritical.begin(), kCritical.end());
  for (const json::Value& value : *names) {
    const std::string* name = value.AsString();
    if (name == nullptr || std::erase(missing, *name) == 0) {
      return Fail(Code::kInvalid,
                  fmt::format("the envelope has a critical header that is not understood or comes twice: {}",
                              name == nullptr ? "no text" : *name));
    }
  }
  if (missing.empty()) return {};
  return Fail(Code::kInvalid, fmt::format("the envelope's header {} is not critical", missing.front()));
}

Expected<void> RequireText(const json::Value& headers, std::string_view name, std::string_view expected) {
  ASSIGN_OR_RETURN(const std::string text, TextOf(headers, name, "the envelope"));
  if (text == expected) return {};
  return Fail(Code::kInvalid, fmt::format("the envelope's {} is {}; only {} is understood", name, text, expected));
}

Expected<Instant> TimeOf(const json::Value& headers, std::string_view name) {
  ASSIGN_OR_RETURN(const std::string text, TextOf(headers, name, "the envelope"));
  const std::optional<Instant> at = ParseIso8601(text);
  if (!at) return Fail(Code::kInvalid, fmt::format("the envelope's {} is no time", name));
  return *at;
}

Expected<SignatureFacts> ParseProtected(std::string_view protected64) {
  const std::optional<std::string> text = DecodeBase64Url(protected64);
  if (!text) return Fail(Code::kInvalid, "the envelope's protected headers are not base64url");
  ASSIGN_OR_RETURN(const json::Value headers, json::Parse(*text));
  RETURN_IF_ERROR(RequireText(headers, "alg", kAlgorithm));
  RETURN_IF_ERROR(RequireText(headers, "cty", kNotationPayloadFormat));
  RETURN_IF_ERROR(CheckCritical(headers));
  RETURN_IF_ERROR(RequireText(headers, kSchemeName, kScheme));
  RETURN_IF_ERROR(RequireText(headers, kPluginName, kPlugin));
  SignatureFacts facts;
  ASSIGN_OR_RETURN(facts.signed_at, TimeOf(headers, kTimeName));
  ASSIGN_OR_RETURN(facts.expires_at, TimeOf(headers, kExpiryName));
  ASSIGN_OR_RETURN(facts.profile_version_arn, TextOf(headers, kProfileVersionName, "the envelope"));
  ASSIGN_OR_RETURN(facts.job_arn, TextOf(headers, kJobName, "the envelope"));
  return facts;
}

Expected<std::vector<crypto::Certificate>> ParseChain(const json::Value& envelope) {
  const json::Value* header = envelope.Find("header");
  const json::Value* x5c = header == nullptr ? nullptr : header->Find("x5c");
  const json::Array* list = x5c == nullptr ? nullptr : x5c->AsArray();
  if (list == nullptr || list->empty() || list->size() > kCertificatesMax) {
    return Fail(Code::kInvalid, "the envelope's x5c is missing, empty or too long");
  }
  std::vector<crypto::Certificate> chain;
  for (const json::Value& value : *list) {
    const std::string* text = value.AsString();
    const std::optional<std::string> der = text == nullptr ? std::nullopt : DecodeBase64(*text);
    if (!der) return Fail(Code::kInvalid, "the envelope's x5c holds what is not base64");
    ASSIGN_OR_RETURN(crypto::Certificate certificate, crypto::Certificate::FromDer(*der));
    chain.push_back(std::move(certificate));
  }
  return chain;
}

Expected<void> CheckSignature(const crypto::Certificate& leaf, std::string_view digest, std::string_view signature64) {
  const std::optional<std::string> raw = DecodeBase64Url(signature64);
  if (!raw || leaf.public_key().kind().curve != "secp384r1") {
    return Fail(Code::kInvalid, "the envelope's signature is not one on P-384");
  }
  ASSIGN_OR_RETURN(const std::string der, crypto::EcdsaRawToDer(*raw, kNumberBytes));
  if (leaf.public_key().VerifyDigest(crypto::Hash::kSha384, digest, der)) return {};
  return Fail(Code::kInvalid, "the signature is not one of its certificate over this payload");
}

}  // namespace

Expected<NotationSignature> SignNotationPayload(std::string_view payload, const ServiceIdentity& identity,
                                                const SignatureFacts& facts) {
  CHECK(Seconds(facts.expires_at) > Seconds(facts.signed_at));
  RETURN_IF_ERROR(CheckPayload(payload));
  if (auto can_sign = CheckIdentity(identity, facts.signed_at); !can_sign) {
    return Fail(Code::kInternal, "the service cannot sign: " + can_sign.error().message);
  }
  const std::string protected64 = EncodeBase64Url(FormatProtected(facts));
  const std::string payload64 = EncodeBase64Url(payload);
  NotationSignature signature{.signed_digest = DigestOfInput(protected64, payload64)};
  ASSIGN_OR_RETURN(const std::string der, identity.key->SignDigest(crypto::Hash::kSha384, signature.signed_digest));
  const auto raw = crypto::EcdsaDerToRaw(der, kNumberBytes);
  if (!raw) return Fail(Code::kInternal, "the new signature cannot be read: " + raw.error().message);
  signature.envelope = FormatEnvelope(payload64, protected64, *raw, identity.chain);
  const auto verified = VerifyNotationEnvelope(signature.envelope, identity.chain.back(), facts.signed_at);
  if (!verified) return Fail(Code::kInternal, "the new signature does not verify: " + verified.error().message);
  signature.metadata.emplace(kThumbprints, FormatThumbprints(identity.chain));
  return signature;
}

Expected<VerifiedEnvelope> VerifyNotationEnvelope(std::string_view envelope, const crypto::Certificate& root,
                                                  Instant at) {
  ASSIGN_OR_RETURN(const json::Value value, json::Parse(envelope, {.bytes_max = kEnvelopeBytesMax, .depth_max = 8}));
  if (value.AsObject() == nullptr || value.AsObject()->size() != 4) {
    return Fail(Code::kInvalid, "the envelope must be an object of payload, protected, header and signature");
  }
  ASSIGN_OR_RETURN(const std::string payload64, TextOf(value, "payload", "the envelope"));
  ASSIGN_OR_RETURN(const std::string protected64, TextOf(value, "protected", "the envelope"));
  ASSIGN_OR_RETURN(const std::string signature64, TextOf(value, "signature", "the envelope"));
  ASSIGN_OR_RETURN(const std::vector<crypto::Certificate> certificates, ParseChain(value));
  const std::string digest = DigestOfInput(protected64, payload64);
  RETURN_IF_ERROR(CheckSignature(certificates.front(), digest, signature64));

  VerifiedEnvelope verified{.signature = {.signed_digest = digest}};
  ASSIGN_OR_RETURN(verified.signature.facts, ParseProtected(protected64));
  RETURN_IF_ERROR(CheckPeriod(verified.signature.facts, at));
  std::optional<std::string> payload = DecodeBase64Url(payload64);
  if (!payload) return Fail(Code::kInvalid, "the envelope's payload is not base64url");
  RETURN_IF_ERROR(CheckPayload(*payload));
  verified.payload = *std::move(payload);
  ASSIGN_OR_RETURN(verified.signature.chain,
                   crypto::VerifyCodeSigningChain(certificates.front(), std::span(certificates).subspan(1), root,
                                                  verified.signature.facts.signed_at));
  if (verified.signature.chain.size() != certificates.size()) {
    return Fail(Code::kInvalid, "the envelope's x5c has certificates that are not of the chain");
  }
  return verified;
}

}  // namespace firmsign::signing
