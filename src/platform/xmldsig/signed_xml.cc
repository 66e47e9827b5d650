// SPDX-License-Identifier: Apache-2.0

#include "platform/xmldsig/signed_xml.h"

#include <xmlsec/xmlsec.h>
// The others need its types.
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/valid.h>
#include <libxml/xmlerror.h>
#include <xmlsec/errors.h>
#include <xmlsec/io.h>
#include <xmlsec/keys.h>
#include <xmlsec/openssl/app.h>
#include <xmlsec/openssl/crypto.h>
#include <xmlsec/transforms.h>
#include <xmlsec/xmldsig.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>

#include "base/check.h"
#include "base/encoding.h"
#include "platform/crypto/openssl_error.h"

namespace firmsign::xmldsig {
namespace {

constexpr std::string_view kDsig = "http://www.w3.org/2000/09/xmldsig#";
constexpr std::size_t kKeysMax = 16;
constexpr int kRsaBitsMin = 2048;

std::unexpected<Error> Refused(std::string why) { return Fail(Code::kInvalid, std::move(why)); }

struct FreeDocument {
  void operator()(xmlDoc* document) const { xmlFreeDoc(document); }
};
using Document = std::unique_ptr<xmlDoc, FreeDocument>;
struct FreeContext {
  void operator()(xmlSecDSigCtx* context) const { xmlSecDSigCtxDestroy(context); }
};
using Context = std::unique_ptr<xmlSecDSigCtx, FreeContext>;

// Both libraries would write to stderr. What matters is told by what they return.
void Ignore(void*, const char*, ...) {}
void IgnoreSecurity(const char*, int, const char*, const char*, const char*, int, const char*) {}

void InitialiseOnce() {
  static std::once_flag once;
  std::call_once(once, [] {
    xmlInitParser();
    CHECK(xmlSecInit() == 0);
    CHECK(xmlSecCheckVersion() == 1);
    CHECK(xmlSecOpenSSLInit() == 0);
    xmlSecErrorsSetCallback(&IgnoreSecurity);
    // No way to a file or a host is left.
    xmlSecIOCleanupCallbacks();
  });
  // Of this thread.
  xmlSetGenericErrorFunc(nullptr, &Ignore);
}

std::string_view View(const xmlChar* text) {
  return text != nullptr ? std::string_view(reinterpret_cast<const char*>(text)) : std::string_view();
}
const xmlChar* Xml(const std::string& text) { return reinterpret_cast<const xmlChar*>(text.c_str()); }
std::string_view NamespaceOf(const xmlNs* ns) { return ns != nullptr ? View(ns->href) : std::string_view(); }

bool Is(const xmlNode& node, const Name& name) {
  return node.type == XML_ELEMENT_NODE && View(node.name) == name.local && NamespaceOf(node.ns) == name.ns;
}

std::vector<xmlNode*> ChildrenOf(const xmlNode& node, const Name& name) {
  std::vector<xmlNode*> found;
  for (xmlNode* child = node.children; child != nullptr; child = child->next) {
    if (Is(*child, name)) found.push_back(child);
  }
  return found;
}

std::string ValueOf(const xmlAttr& attribute) {
  std::string value;
  for (const xmlNode* part = attribute.children; part != nullptr; part = part->next) value += View(part->content);
  return value;
}

// XML's NCName in ASCII, which is what makers of IDs use; no character of it means anything in an XPath expression.
bool IsId(std::string_view text) {
  const auto begins = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto goes_on = [&](char c) { return begins(c) || (c >= '0' && c <= '9') || c == '-' || c == '.'; };
  return !text.empty() && begins(text.front()) && std::ranges::all_of(text, goes_on);
}

// All identifiers of a document, and that it is within the limits.
class Census {
 public:
  Expected<void> Take(const xmlNode& element, std::size_t depth = 1, std::size_t namespaces = 0) {
    if (depth > kDepthMax) return Refused("its elements are nested too deep");
    if (++elements_ > kElementsMax) return Refused("it has too many elements");
    for (const xmlNs* ns = element.nsDef; ns != nullptr; ns = ns->next) ++namespaces;
    if (namespaces > kNamespacesMax) return Refused("it declares too many namespaces");
    std::size_t attributes = 0;
    for (const xmlAttr* attribute = element.properties; attribute != nullptr; attribute = attribute->next) {
      if (++attributes > kAttributesMax) return Refused("an element has too many attributes");
      if (!EqualsIgnoreCase(View(attribute->name), "id")) continue;
      // libxml2 takes xml:id for an identifier by itself.
      if (attribute->ns != nullptr) return Refused("an identifier has a namespace");
      ids_.push_back(ValueOf(*attribute));
    }
    for (const xmlNode* child = element.children; child != nullptr; child = child->next) {
      if (child->type == XML_ELEMENT_NODE) RETURN_IF_ERROR(Take(*child, depth + 1, namespaces));
    }
    return {};
  }
  bool HasOnce(const std::string& id) const { return std::ranges::count(ids_, id) == 1; }

 private:
  std::size_t elements_ = 0;
  std::vector<std::string> ids_;
};

Expected<Document> ParseDocument(std::string_view text) {
  if (text.size() > kDocumentBytesMax) return Refused("it is too long");
  // With another encoding a document type could hide from this search, so the parser is told that it is UTF-8.
  if (!IsUtf8(text)) return Refused("it is not UTF-8");
  for (const std::string_view banned : {"<!DOCTYPE", "<!ENTITY"}) {
    if (text.find(banned) != std::string_view::npos) return Refused("it has a document type");
  }
  constexpr int kOptions = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA;
  Document document(xmlReadMemory(text.data(), static_cast<int>(text.size()), nullptr, "UTF-8", kOptions));
  if (document == nullptr || xmlDocGetRootElement(document.get()) == nullptr) return Refused("it is not XML");
  if (document->intSubset != nullptr || document->extSubset != nullptr) return Refused("it has a document type");
  return document;
}

Context MakeContext(const crypto::PublicKey& key) {
  Context context(xmlSecDSigCtxCreate(nullptr));
  CHECK(context != nullptr);
  context->enabledReferenceUris = xmlSecTransformUriTypeSameDocument;
  context->flags |= XMLSEC_DSIG_FLAGS_IGNORE_MANIFESTS;
  const xmlSecTransformId canonical[] = {xmlSecTransformExclC14NId,   xmlSecTransformExclC14NWithCommentsId,
                                         xmlSecTransformInclC14NId,   xmlSecTransformInclC14NWithCommentsId,
                                         xmlSecTransformInclC14N11Id, xmlSecTransformInclC14N11WithCommentsId};
  const xmlSecTransformId digests[] = {xmlSecOpenSSLTransformSha256Id, xmlSecOpenSSLTransformSha384Id,
                                       xmlSecOpenSSLTransformSha512Id};
  const xmlSecTransformId signatures[] = {xmlSecOpenSSLTransformRsaSha256Id,   xmlSecOpenSSLTransformRsaSha384Id,
                                          xmlSecOpenSSLTransformRsaSha512Id,   xmlSecOpenSSLTransformEcdsaSha256Id,
                                          xmlSecOpenSSLTransformEcdsaSha384Id, xmlSecOpenSSLTransformEcdsaSha512Id};
  const auto for_reference = [&](xmlSecTransformId id) {
    CHECK(xmlSecDSigCtxEnableReferenceTransform(context.get(), id) == 0);
  };
  const auto for_signature = [&](xmlSecTransformId id) {
    CHECK(xmlSecDSigCtxEnableSignatureTransform(context.get(), id) == 0);
  };
  for_reference(xmlSecTransformEnvelopedId);
  std::ranges::for_each(canonical, for_reference);
  std::ranges::for_each(digests, for_reference);
  std::ranges::for_each(canonical, for_signature);
  std::ranges::for_each(signatures, for_signature);
  const std::string spki = key.Spki();
  context->signKey = xmlSecOpenSSLAppKeyLoadMemory(reinterpret_cast<const xmlSecByte*>(spki.data()),
                                                   static_cast<xmlSecSize>(spki.size()), xmlSecKeyDataFormatDer,
                                                   nullptr, nullptr, nullptr);
  return context->signKey != nullptr ? std::move(context) : nullptr;
}

bool IsStrong(const crypto::PublicKey& key) {
  const crypto::KeyKind kind = key.kind();
  return kind.type == crypto::KeyType::kEc || (kind.type == crypto::KeyType::kRsa && kind.bits >= kRsaBitsMin);
}

// Whether the key made the signature, and of the element with this ID alone.
bool IsSignedBy(const crypto::PublicKey& key, xmlNode& signature, const std::string& id) {
  const Context context = MakeContext(key);
  const bool was_processed = context != nullptr && xmlSecDSigCtxVerify(context.get(), &signature) == 0;
  // What OpenSSL said of a failure is nobody else's reason.
  static_cast<void>(crypto::TakeOpenSslReason());
  if (!was_processed) return false;
  if (context->status != xmlSecDSigStatusSucceeded) return false;
  if (xmlSecPtrListGetSize(&context->signedInfoReferences) != 1) return false;
  const auto* reference =
      static_cast<const xmlSecDSigReferenceCtx*>(xmlSecPtrListGetItem(&context->signedInfoReferences, 0));
  return reference != nullptr && reference->status == xmlSecDSigStatusSucceeded && View(reference->uri) == "#" + id;
}

// A signature has what XML Signature says it must have, and a KeyInfo, which nobody asked for and which goes.
Expected<void> TidySignature(xmlNode& signature) {
  xmlNode* next = nullptr;
  for (xmlNode* child = signature.children; child != nullptr; child = next) {
    next = child->next;
    if (child->type != XML_ELEMENT_NODE) continue;
    if (Is(*child, {kDsig, "SignedInfo"}) || Is(*child, {kDsig, "SignatureValue"})) continue;
    if (!Is(*child, {kDsig, "KeyInfo"})) return Refused("its signature holds what it need not");
    xmlUnlinkNode(child);
    xmlFreeNode(child);
  }
  return {};
}

// nullopt: the element holds no signature. kInvalid: it holds one that does not count.
Expected<std::optional<bool>> CheckSignature(xmlDoc& document, xmlNode& element, const Census& census,
                                             std::span<const crypto::PublicKey> keys) {
  const std::vector<xmlNode*> signatures = ChildrenOf(element, {kDsig, "Signature"});
  if (signatures.empty()) return std::nullopt;
  if (signatures.size() > 1) return Refused("an element holds two signatures");
  RETURN_IF_ERROR(TidySignature(*signatures.front()));
  xmlAttr* attribute = xmlHasProp(&element, Xml("ID"));
  if (attribute == nullptr || attribute->ns != nullptr) return Refused("the signed element has no ID");
  const std::string id = ValueOf(*attribute);
  if (!IsId(id) || !census.HasOnce(id)) return Refused("the ID of the signed element is no name, or another's too");
  if (xmlAddID(nullptr, &document, Xml(id), attribute) == nullptr || xmlGetID(&document, Xml(id)) != attribute) {
    return Refused("the ID of the signed element is another's too");
  }
  for (const crypto::PublicKey& key : keys.first(std::min(keys.size(), kKeysMax))) {
    if (IsStrong(key) && IsSignedBy(key, *signatures.front(), id)) return true;
  }
  return Refused("its signature is none of its issuer's");
}

Element Copy(const xmlNode& node) {
  Element element{.ns = std::string(NamespaceOf(node.ns)),
                  .local = std::string(View(node.name)),
                  .attributes = {},
                  .text = {},
                  .children = {}};
  for (const xmlAttr* attribute = node.properties; attribute != nullptr; attribute = attribute->next) {
    element.attributes.push_back({.ns = std::string(NamespaceOf(attribute->ns)),
                                  .local = std::string(View(attribute->name)),
                                  .value = ValueOf(*attribute)});
  }
  for (const xmlNode* child = node.children; child != nullptr; child = child->next) {
    if (child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE) element.text += View(child->content);
    if (child->type == XML_ELEMENT_NODE && !Is(*child, {kDsig, "Signature"})) element.children.push_back(Copy(*child));
  }
  return element;
}

}  // namespace

const Element* Element::Child(const Name& name) const {
  const auto found = std::ranges::find_if(children, [&](const Element& child) { return child.Is(name); });
  return found != children.end() ? &*found : nullptr;
}

std::vector<const Element*> Element::Children(const Name& name) const {
  std::vector<const Element*> found;
  for (const Element& child : children) {
    if (child.Is(name)) found.push_back(&child);
  }
  return found;
}

const std::string* Element::Find(std::string_view local_name) const {
  const auto found =
      std::ranges::find_if(attributes, [&](const Attribute& one) { return one.ns.empty() && one.local == local_name; });
  return found != attributes.end() ? &found->value : nullptr;
}

Expected<Element> ReadSigned(std::string_view text, const Name& inner, std::span<const crypto::PublicKey> keys) {
  InitialiseOnce();
  ASSIGN_OR_RETURN(const Document document, ParseDocument(text));
  xmlNode& root = *xmlDocGetRootElement(document.get());
  Census census;
  RETURN_IF_ERROR(census.Take(root));
  ASSIGN_OR_RETURN(const std::optional<bool> is_root_signed, CheckSignature(*document, root, census, keys));
  if (is_root_signed) return Copy(root);
  const std::vector<xmlNode*> candidates = ChildrenOf(root, inner);
  if (candidates.size() != 1) return Refused("it does not hold one signed element");
  ASSIGN_OR_RETURN(const std::optional<bool> is_signed, CheckSignature(*document, *candidates.front(), census, keys));
  if (!is_signed) return Refused("it is not signed");
  return Copy(*candidates.front());
}

}  // namespace firmsign::xmldsig
