// SPDX-License-Identifier: Apache-2.0
//
// A signed archive is the archive that was given, byte for byte up to its directory, then these entries, then the
// directory with records for them:
//
//   META_INF/                                 a folder, unless the archive has it
//   META_INF/aws_signer_signature_v1.0.SF     PEM (RFC 7468) labelled PKCS7: a CMS SignedData (platform/crypto/cms.cc)
//
// Both are stored, with the time of signing. The content that the CMS signs, detached, is 48 bytes: SHA-384 over the
// name and then the inflated body of every entry but the signature's, in the order of the archive; a folder counts by
// its name, and so does META_INF/. Neither compression nor times nor attributes of entries are signed, and names and
// bodies have no lengths between them: that is the format. Attributes beside the standard ones:
//
//   1.3.187.137.1.2   UTF8String       ARN of the signing job
//   1.3.187.137.1.3   GeneralizedTime  when the signature expires
//   1.3.187.137.1.4   UTF8String       ARN of the signing profile's version

#include "engine/signing/signed_zip.h"

#include <fmt/format.h>

#include <array>
#include <utility>
#include <variant>

#include "base/check.h"
#include "platform/crypto/certificate_chain.h"
#include "platform/crypto/cms.h"
#include "platform/zip/archive.h"

namespace firmsign::signing {
namespace {

constexpr std::string_view kFolderName = "META_INF/";
constexpr std::string_view kSignatureName = "META_INF/aws_signer_signature_v1.0.SF";
constexpr std::size_t kSignatureBytesMax = 2 * crypto::kCmsBytesMax;
constexpr std::string_view kJobOid = "1.3.187.137.1.2";
constexpr std::string_view kExpiryOid = "1.3.187.137.1.3";
constexpr std::string_view kProfileVersionOid = "1.3.187.137.1.4";

zip::Source SourceOf(Image& image) {
  return {.size = image.size(),
          .read_at = [&image](std::uint64_t offset, std::span<char> out) { return image.ReadAt(offset, out); }};
}

// A failure that is not the user's doing.
std::unexpected<Error> Internal(std::string_view what, const Error& error) {
  if (error.code != Code::kInvalid) return std::unexpected(error);
  return Fail(Code::kInternal, fmt::format("{}: {}", what, error.message));
}

// Copies the entries to the sink and returns the digest that is signed. The same bytes are checked, hashed and copied.
Expected<ZipSignature> CopyEntries(const zip::Archive& archive, Image& image, const Sink& sink) {
  crypto::Digest content(crypto::Hash::kSha384);
  crypto::Digest sha256(crypto::Hash::kSha256);
  const auto hash = [&content](std::string_view piece) -> Expected<void> {
    content.Update(piece);
    return {};
  };
  const auto copy = [&](std::string_view piece) {
    sha256.Update(piece);
    return sink(piece);
  };
  RETURN_IF_ERROR(archive.Read({.entry = hash, .body = hash, .raw = copy}));
  if (!archive.Contains(kFolderName)) content.Update(kFolderName);
  sha256.Update(archive.tail());

  ZipSignature signature{.signed_digest = content.Finish()};
  std::string computed = sha256.Finish();
  const std::optional<std::string> stored = image.stored_sha256();
  if (!stored) {
    signature.computed_sha256 = std::move(computed);
  } else if (*stored != computed) {
    return Fail(Code::kCorrupt, "the image's bytes are not what was stored: its SHA-256 differs");
  }
  return signature;
}

// The CMS over the digest, verified.
Expected<std::string> Sign(std::string_view digest, const ServiceIdentity& identity, const SignatureFacts& facts) {
  const std::array<crypto::CmsAttribute, 3> attributes = {{
      {.oid = std::string(kJobOid), .value = facts.job_arn},
      {.oid = std::string(kExpiryOid), .value = facts.expires_at},
      {.oid = std::string(kProfileVersionOid), .value = facts.profile_version_arn},
  }};
  ASSIGN_OR_RETURN(
      std::string der,
      crypto::SignCms(
          {.content = digest, .chain = identity.chain, .signed_at = facts.signed_at, .attributes = attributes},
          [&identity](std::string_view attributes_digest) {
            return identity.key->SignDigest(crypto::Hash::kSha384, attributes_digest);
          }));
  const auto cms = crypto::ParseCms(der);
  if (!cms) return Internal("the new signature cannot be read", cms.error());
  const auto verified = crypto::VerifyCms(*cms, digest);
  if (!verified) return Internal("the new signature does not verify", verified.error());
  return der;
}

template <class T>
Expected<T> AttributeOf(const crypto::Cms& cms, std::string_view oid) {
  for (const crypto::CmsAttribute& attribute : cms.attributes) {
    const T* value = attribute.oid == oid ? std::get_if<T>(&attribute.value) : nullptr;
    if (value != nullptr) return *value;
  }
  return Fail(Code::kInvalid, fmt::format("the signature has no attribute {}", oid));
}

Expected<SignatureFacts> FactsOf(const crypto::Cms& cms) {
  SignatureFacts facts{.signed_at = cms.signed_at};
  ASSIGN_OR_RETURN(facts.job_arn, AttributeOf<std::string>(cms, kJobOid));
  ASSIGN_OR_RETURN(facts.expires_at, AttributeOf<Instant>(cms, kExpiryOid));
  ASSIGN_OR_RETURN(facts.profile_version_arn, AttributeOf<std::string>(cms, kProfileVersionOid));
  return facts;
}

// What an archive holds of a signature: the digest of all its entries but one, and the body of that one.
struct FoundSignature {
  std::string digest;
  std::string pem;
};

Expected<FoundSignature> ReadSignature(const zip::Archive& archive) {
  crypto::Digest content(crypto::Hash::kSha384);
  FoundSignature found;
  bool is_signature = false;
  const auto begin = [&](std::string_view name) -> Expected<void> {
    is_signature = name == kSignatureName;
    if (!is_signature) content.Update(name);
    return {};
  };
  const auto take = [&](std::string_view piece) -> Expected<void> {
    if (!is_signature) {
      content.Update(piece);
      return {};
    }
    found.pem += piece;
    if (found.pem.size() > kSignatureBytesMax) return Fail(Code::kInvalid, "the signature's file is too large");
    return {};
  };
  RETURN_IF_ERROR(archive.Read({.entry = begin, .body = take}));
  found.digest = content.Finish();
  return found;
}

}  // namespace

Expected<ZipSignature> SignZip(const Recipe& recipe, Image& image, const ServiceIdentity& identity,
                               const SignatureFacts& facts, const Sink& sink) {
  CHECK(recipe.platform != nullptr && recipe.platform->output == Output::kSignedZip);
  CHECK(facts.expires_at > facts.signed_at);
  RETURN_IF_ERROR(CheckSize(*recipe.platform, image.size()));
  const auto can_sign = CheckIdentity(identity, facts.signed_at);
  if (!can_sign) return Internal("the service cannot sign", can_sign.error());
  ASSIGN_OR_RETURN(const zip::Archive archive, zip::Archive::Open(SourceOf(image)));
  if (archive.Contains(kSignatureName)) {
    return Fail(Code::kInvalid, "the zip archive is signed already: give the unsigned one");
  }
  ASSIGN_OR_RETURN(ZipSignature signature, CopyEntries(archive, image, sink));
  ASSIGN_OR_RETURN(const std::string der, Sign(signature.signed_digest, identity, facts));

  std::vector<zip::NewEntry> entries;
  if (!archive.Contains(kFolderName)) entries.push_back({.name = std::string(kFolderName)});
  entries.push_back({.name = std::string(kSignatureName), .body = crypto::FormatCmsPem(der)});
  RETURN_IF_ERROR(archive.WriteTailWith(entries, facts.signed_at, sink));
  return signature;
}

Expected<VerifiedSignature> VerifySignedZip(Image& image, const crypto::Certificate& root, Instant at) {
  ASSIGN_OR_RETURN(const zip::Archive archive, zip::Archive::Open(SourceOf(image)));
  if (!archive.Contains(kSignatureName)) return Fail(Code::kNotFound, "the zip archive has no signature");
  ASSIGN_OR_RETURN(FoundSignature found, ReadSignature(archive));
  ASSIGN_OR_RETURN(const std::string der, crypto::ParseCmsPem(found.pem));
  ASSIGN_OR_RETURN(const crypto::Cms cms, crypto::ParseCms(der));
  RETURN_IF_ERROR(crypto::VerifyCms(cms, found.digest));
  VerifiedSignature verified{.signed_digest = std::move(found.digest)};
  ASSIGN_OR_RETURN(verified.facts, FactsOf(cms));
  RETURN_IF_ERROR(CheckPeriod(verified.facts, at));
  ASSIGN_OR_RETURN(verified.chain,
                   crypto::VerifyCodeSigningChain(cms.leaf, cms.certificates, root, verified.facts.signed_at));
  return verified;
}

}  // namespace firmsign::signing
