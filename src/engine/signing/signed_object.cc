// SPDX-License-Identifier: Apache-2.0
//
// The signed object: one compact JSON object (RFC 8259), members in this order, no white space, no final line end.
//
//   rawPayloadSize      number  length in bytes of what was signed
//   signature           string  base64 (RFC 4648 §4, padded): DER SEQUENCE{r,s}, or RSASSA-PKCS1-v1_5
//   signatureAlgorithm  string  Java's name: SHA256withECDSA, SHA256withRSA, SHA1withRSA
// then in the embedded format
//   payload             string  base64 of what was signed
// or in the detached format
//   payloadLocation     object  {"s3":{"bucketName":…,"key":…,"version":…}}: the version that was signed
//
// What was signed is the image alone, or with Layout::kSha1Prefix (TI CC3220SF) the 20 raw bytes of the image's SHA-1
// and then the image, which is the boot file of that board.

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/check.h"
#include "base/encoding.h"
#include "engine/signing/payload.h"
#include "engine/signing/sign.h"
#include "platform/json/json.h"

namespace firmsign::signing {
namespace {

constexpr std::size_t kObjectBytesMax = 64 << 20;
constexpr std::size_t kSha1Bytes = 20;
constexpr std::string_view kPayloadName = ",\"payload\":\"";
constexpr std::string_view kEnd = "\"}";

bool IsEmbedded(const Recipe& recipe) { return recipe.format == ImageFormat::kJsonEmbedded; }

// Everything up to and without the payload, or in the detached format the whole object.
std::string FormatHead(const Recipe& recipe, const Signature& signature, const SourceLocation& source) {
  std::string head;
  json::Writer writer(head);
  writer.BeginObject();
  writer.Name("rawPayloadSize");
  writer.Int(static_cast<std::int64_t>(signature.payload_size));
  writer.Name("signature");
  writer.String(EncodeBase64(signature.bytes));
  writer.Name("signatureAlgorithm");
  writer.String(recipe.algorithm_name());
  if (IsEmbedded(recipe)) return head;
  writer.Name("payloadLocation");
  writer.BeginObject();
  writer.Name("s3");
  writer.BeginObject();
  writer.Name("bucketName");
  writer.String(source.bucket);
  writer.Name("key");
  writer.String(source.key);
  writer.Name("version");
  writer.String(source.version);
  writer.EndObject();
  writer.EndObject();
  writer.EndObject();
  return head;
}

// Base64 of bytes that come in pieces of any length.
class Base64Stream {
 public:
  explicit Base64Stream(const Sink& sink) : sink_(sink) {}

  Expected<void> Write(std::string_view bytes) {
    if (!rest_.empty()) {
      const std::size_t missing = std::min(3 - rest_.size(), bytes.size());
      rest_.append(bytes.substr(0, missing));
      bytes.remove_prefix(missing);
      if (rest_.size() < 3) return {};
      RETURN_IF_ERROR(sink_(EncodeBase64(rest_)));
      rest_.clear();
    }
    const std::size_t whole = bytes.size() - bytes.size() % 3;
    rest_.assign(bytes.substr(whole));
    return whole == 0 ? Expected<void>() : sink_(EncodeBase64(bytes.substr(0, whole)));
  }

  Expected<void> Finish() { return rest_.empty() ? Expected<void>() : sink_(EncodeBase64(rest_)); }

 private:
  const Sink& sink_;
  std::string rest_;  // zero to two bytes that do not fill a group yet
};

std::optional<crypto::KeyType> KeyTypeOf(std::string_view algorithm) {
  if (algorithm.ends_with("withECDSA")) return crypto::KeyType::kEc;
  if (algorithm.ends_with("withRSA")) return crypto::KeyType::kRsa;
  return std::nullopt;
}

std::optional<crypto::Hash> HashOf(std::string_view algorithm) {
  const std::string_view name = algorithm.substr(0, algorithm.find("with"));
  if (name == "SHA1") return crypto::Hash::kSha1;
  if (name == "SHA256") return crypto::Hash::kSha256;
  if (name == "SHA384") return crypto::Hash::kSha384;
  return std::nullopt;
}

Expected<std::string> RequiredText(const json::Value& object, std::string_view name) {
  const json::Value* member = object.Find(name);
  const std::string* text = member == nullptr ? nullptr : member->AsString();
  if (text == nullptr) return Fail(Code::kInvalid, fmt::format("not a signed object: {} is missing or no text", name));
  return *text;
}

Expected<std::string> RequiredBytes(const json::Value& object, std::string_view name) {
  ASSIGN_OR_RETURN(const std::string text, RequiredText(object, name));
  std::optional<std::string> bytes = DecodeBase64(text);
  if (!bytes) return Fail(Code::kInvalid, fmt::format("not a signed object: {} is not base64", name));
  return *std::move(bytes);
}

Expected<SourceLocation> ParseLocation(const json::Value& location) {
  const json::Value* s3 = location.Find("s3");
  if (s3 == nullptr) return Fail(Code::kInvalid, "not a signed object: payloadLocation has no s3");
  SourceLocation source;
  ASSIGN_OR_RETURN(source.bucket, RequiredText(*s3, "bucketName"));
  ASSIGN_OR_RETURN(source.key, RequiredText(*s3, "key"));
  ASSIGN_OR_RETURN(source.version, RequiredText(*s3, "version"));
  return source;
}

}  // namespace

std::uint64_t SignedObjectBytes(const Recipe& recipe, const Signature& signature, const SourceLocation& source) {
  const std::uint64_t head = FormatHead(recipe, signature, source).size();
  if (!IsEmbedded(recipe)) return head;
  return head + kPayloadName.size() + (signature.payload_size + 2) / 3 * 4 + kEnd.size();
}

Expected<void> WriteSignedObject(const Recipe& recipe, const Signature& signature, Image& image,
                                 const SourceLocation& source, const Sink& sink) {
  std::string head = FormatHead(recipe, signature, source);
  if (!IsEmbedded(recipe)) return sink(head);
  if (image.size() + signature.prefix.size() != signature.payload_size) {
    return Fail(Code::kCorrupt, "the image's size is not what was signed");
  }
  RETURN_IF_ERROR(sink(head.append(kPayloadName)));

  crypto::Digest digest(recipe.hash);
  Base64Stream base64(sink);
  digest.Update(signature.prefix);
  RETURN_IF_ERROR(base64.Write(signature.prefix));
  RETURN_IF_ERROR(ForEachPiece(image, [&](std::string_view piece) {
    digest.Update(piece);
    return base64.Write(piece);
  }));
  RETURN_IF_ERROR(base64.Finish());
  if (digest.Finish() != signature.signed_digest) {
    return Fail(Code::kCorrupt, "the image's bytes are not what was signed: their digest differs");
  }
  return sink(kEnd);
}

Expected<ParsedSignedObject> ParseSignedObject(std::string_view bytes) {
  auto value = json::Parse(bytes, {.bytes_max = kObjectBytesMax, .depth_max = 8});
  if (!value) return Fail(Code::kInvalid, "not a signed object: " + value.error().message);
  if (value->AsObject() == nullptr) return Fail(Code::kInvalid, "not a signed object: no JSON object");

  ParsedSignedObject object;
  const json::Value* size = value->Find("rawPayloadSize");
  if (size == nullptr || size->AsInt() == nullptr || *size->AsInt() < 0) {
    return Fail(Code::kInvalid, "not a signed object: rawPayloadSize is missing or no length");
  }
  object.raw_payload_size = static_cast<std::uint64_t>(*size->AsInt());
  ASSIGN_OR_RETURN(object.signature, RequiredBytes(*value, "signature"));
  ASSIGN_OR_RETURN(object.algorithm_name, RequiredText(*value, "signatureAlgorithm"));
  const json::Value* location = value->Find("payloadLocation");
  const bool has_payload = value->Find("payload") != nullptr;
  if ((location != nullptr) == has_payload) {
    return Fail(Code::kInvalid, "not a signed object: it needs either payload or payloadLocation");
  }
  if (has_payload) {
    ASSIGN_OR_RETURN(object.payload, RequiredBytes(*value, "payload"));
  } else {
    ASSIGN_OR_RETURN(object.location, ParseLocation(*location));
  }
  return object;
}

Expected<void> VerifySignedObject(const ParsedSignedObject& object, Image& image, const crypto::PublicKey& key) {
  const std::optional<crypto::Hash> hash = HashOf(object.algorithm_name);
  const std::optional<crypto::KeyType> key_type = KeyTypeOf(object.algorithm_name);
  if (!hash || !key_type) {
    return Fail(Code::kInvalid, fmt::format("signatureAlgorithm {} is not known", object.algorithm_name));
  }
  if (key.kind().type != *key_type) {
    return Fail(Code::kInvalid, fmt::format("the key is not of the kind that {} needs", object.algorithm_name));
  }
  // SHA-1 is used by the one layout alone, and is accepted for no other.
  const Layout layout = *hash == crypto::Hash::kSha1 ? Layout::kSha1Prefix : Layout::kRaw;
  const std::uint64_t prefix_bytes = layout == Layout::kSha1Prefix ? kSha1Bytes : 0;
  if (image.size() + prefix_bytes != object.raw_payload_size) {
    return Fail(Code::kInvalid, fmt::format("rawPayloadSize is {}, but the image makes {}", object.raw_payload_size,
                                            image.size() + prefix_bytes));
  }
  ASSIGN_OR_RETURN(const ImageDigests digests, DigestImage(image, *hash, layout));
  if (object.payload) {
    if (object.payload->size() != object.raw_payload_size) {
      return Fail(Code::kInvalid, "the payload's length is not rawPayloadSize");
    }
    const bool is_same = crypto::DigestOf(*hash, *object.payload) == digests.signed_digest &&
                         object.payload->starts_with(digests.sha1) &&
                         crypto::DigestOf(crypto::Hash::kSha256,
                                          std::string_view(*object.payload).substr(prefix_bytes)) == digests.sha256;
    if (!is_same) return Fail(Code::kInvalid, "the payload is not the image");
  }
  if (!key.VerifyDigest(*hash, digests.signed_digest, object.signature)) {
    return Fail(Code::kInvalid, "the signature is not one of this key over this image");
  }
  return {};
}

}  // namespace firmsign::signing
