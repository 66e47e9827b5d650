// SPDX-License-Identifier: Apache-2.0

#include "engine/federation/saml.h"

#include <algorithm>

#include "base/encoding.h"
#include "platform/xml/xml.h"
#include "platform/xmldsig/signed_xml.h"

namespace firmsign::federation {
namespace {

using xmldsig::Name;

constexpr std::string_view kSaml = "urn:oasis:names:tc:SAML:2.0:assertion";
constexpr std::string_view kProtocol = "urn:oasis:names:tc:SAML:2.0:protocol";
constexpr std::string_view kSuccess = "urn:oasis:names:tc:SAML:2.0:status:Success";
constexpr std::string_view kBearer = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
constexpr std::string_view kFormats = "urn:oasis:names:tc:SAML:2.0:nameid-format:";
constexpr std::string_view kAwsEndpoint = "https://signin.aws.amazon.com/saml";
constexpr std::string_view kAwsName = "urn:amazon:webservices";
constexpr std::size_t kSigningKeysMax = 16;
constexpr std::size_t kAttributesMax = 200;

std::unexpected<Error> Refused(std::string why) { return Fail(Code::kInvalid, std::move(why)); }

// Without the white space that indentation brings.
std::string Trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin));
}

Expected<std::optional<Instant>> TimeAt(const xmldsig::Element& element, std::string_view name) {
  const std::string* text = element.Find(name);
  if (text == nullptr) return std::nullopt;
  const auto time = ParseIso8601(*text);
  if (!time) return Refused(std::string(name) + " is not a time");
  return time;
}

// The only child of a name.
Expected<const xmldsig::Element*> Only(const xmldsig::Element& parent, const Name& name) {
  const auto found = parent.Children(name);
  if (found.size() != 1) return Refused(parent.local + " has not one " + std::string(name.local));
  return found.front();
}

Expected<void> ReadSubject(const xmldsig::Element& subject, SamlAssertion& assertion) {
  ASSIGN_OR_RETURN(const xmldsig::Element* name, Only(subject, {kSaml, "NameID"}));
  assertion.subject = name->text;
  if (Trimmed(assertion.subject).empty()) return Refused("NameID is empty");
  const std::string* format = name->Find("Format");
  assertion.subject_format = format != nullptr ? *format : "";
  if (assertion.subject_format.starts_with(kFormats)) assertion.subject_format.erase(0, kFormats.size());
  for (const xmldsig::Element* confirmation : subject.Children({kSaml, "SubjectConfirmation"})) {
    const std::string* method = confirmation->Find("Method");
    const xmldsig::Element* data = confirmation->Child({kSaml, "SubjectConfirmationData"});
    if (method == nullptr || *method != kBearer || data == nullptr) continue;
    const std::string* recipient = data->Find("Recipient");
    ASSIGN_OR_RETURN(const auto until, TimeAt(*data, "NotOnOrAfter"));
    if (recipient == nullptr || !until) continue;  // a bearer's must have both (profiles §4.1.4.2)
    SamlConfirmation read{.recipient = *recipient, .not_before = {}, .not_on_or_after = *until};
    ASSIGN_OR_RETURN(read.not_before, TimeAt(*data, "NotBefore"));
    assertion.confirmations.push_back(std::move(read));
  }
  if (assertion.confirmations.empty()) return Refused("its subject is not confirmed for a bearer");
  return {};
}

Expected<void> ReadConditions(const xmldsig::Element& conditions, SamlAssertion& assertion) {
  ASSIGN_OR_RETURN(assertion.not_before, TimeAt(conditions, "NotBefore"));
  ASSIGN_OR_RETURN(assertion.not_on_or_after, TimeAt(conditions, "NotOnOrAfter"));
  for (const xmldsig::Element& one : conditions.children) {
    if (one.Is({kSaml, "OneTimeUse"}) || one.Is({kSaml, "ProxyRestriction"})) continue;
    // What is not understood may not be taken for fulfilled (core §2.5.1.1).
    if (!one.Is({kSaml, "AudienceRestriction"})) return Refused("it has a condition that is not understood");
    auto& audiences = assertion.audiences.emplace_back();
    for (const xmldsig::Element* audience : one.Children({kSaml, "Audience"})) {
      audiences.push_back(Trimmed(audience->text));
    }
  }
  if (assertion.audiences.empty()) return Refused("it is not restricted to an audience");
  return {};
}

Expected<void> ReadAttributes(const xmldsig::Element& statement, SamlAssertion& assertion) {
  for (const xmldsig::Element& one : statement.children) {
    if (!one.Is({kSaml, "Attribute"})) return Refused("it has an attribute that is encrypted");
    const std::string* name = one.Find("Name");
    if (name == nullptr) return Refused("it has an attribute without a name");
    auto found = std::ranges::find(assertion.attributes, *name, [](const auto& attribute) { return attribute.first; });
    if (found == assertion.attributes.end()) {
      if (assertion.attributes.size() >= kAttributesMax) return Refused("it has too many attributes");
      assertion.attributes.emplace_back(*name, std::vector<std::string>());
      found = std::prev(assertion.attributes.end());
    }
    for (const xmldsig::Element* value : one.Children({kSaml, "AttributeValue"})) {
      found->second.push_back(Trimmed(value->text));
    }
  }
  return {};
}

Expected<SamlAssertion> ReadAssertion(const xmldsig::Element& element) {
  SamlAssertion assertion;
  const std::string* version = element.Find("Version");
  if (version == nullptr || *version != "2.0") return Refused("its version is not 2.0");
  const std::string* id = element.Find("ID");
  if (id == nullptr || id->empty()) return Refused("it has no ID");
  assertion.id = *id;
  ASSIGN_OR_RETURN(const auto issued_at, TimeAt(element, "IssueInstant"));
  if (!issued_at) return Refused("it does not say when it was issued");
  assertion.issued_at = *issued_at;
  ASSIGN_OR_RETURN(const xmldsig::Element* issuer, Only(element, {kSaml, "Issuer"}));
  assertion.issuer = Trimmed(issuer->text);
  ASSIGN_OR_RETURN(const xmldsig::Element* subject, Only(element, {kSaml, "Subject"}));
  RETURN_IF_ERROR(ReadSubject(*subject, assertion));
  ASSIGN_OR_RETURN(const xmldsig::Element* conditions, Only(element, {kSaml, "Conditions"}));
  RETURN_IF_ERROR(ReadConditions(*conditions, assertion));
  for (const xmldsig::Element* statement : element.Children({kSaml, "AuthnStatement"})) {
    ASSIGN_OR_RETURN(const auto until, TimeAt(*statement, "SessionNotOnOrAfter"));
    if (!until) continue;
    const Instant earliest = std::min(*until, assertion.session_not_on_or_after.value_or(*until));
    assertion.session_not_on_or_after = earliest;
  }
  for (const xmldsig::Element* statement : element.Children({kSaml, "AttributeStatement"})) {
    RETURN_IF_ERROR(ReadAttributes(*statement, assertion));
  }
  return assertion;
}

std::string AttributeOf(const xml::Element& element, std::string_view name) {
  for (const auto& [key, value] : element.attributes) {
    if (key == name) return value;
  }
  return {};
}

void AddKeys(const xml::Element& descriptor, SamlMetadata& metadata) {
  for (const xml::Element& key : descriptor.children) {
    const std::string use = AttributeOf(key, "use");
    if (key.name != "KeyDescriptor" || (!use.empty() && use != "signing")) continue;
    const xml::Element* info = key.Child("KeyInfo");
    if (info == nullptr) continue;
    for (const xml::Element& data : info->children) {
      for (const xml::Element& certificate : data.children) {
        if (certificate.name != "X509Certificate" || metadata.keys.size() >= kSigningKeysMax) continue;
        std::string base64 = certificate.text;
        std::erase_if(base64, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
        auto parsed =
            crypto::PublicKey::FromPem("-----BEGIN CERTIFICATE-----\n" + base64 + "\n-----END CERTIFICATE-----\n");
        if (parsed) metadata.keys.push_back(*std::move(parsed));
      }
    }
  }
}

}  // namespace

Expected<SamlMetadata> ParseSamlMetadata(std::string_view text) {
  const auto root = xml::Parse(text, {.bytes_max = kSamlMetadataBytesMax});
  if (!root) return Refused("it is not XML without a document type: " + root.error().message);
  if (root->name != "EntityDescriptor") return Refused("its root is not an EntityDescriptor");
  SamlMetadata metadata{.entity_id = AttributeOf(*root, "entityID"), .keys = {}, .valid_until = {}};
  if (metadata.entity_id.empty()) return Refused("it has no entityID");
  if (const std::string until = AttributeOf(*root, "validUntil"); !until.empty()) {
    metadata.valid_until = ParseIso8601(until);
    if (!metadata.valid_until) return Refused("validUntil is not a time");
  }
  for (const xml::Element& child : root->children) {
    if (child.name == "IDPSSODescriptor") AddKeys(child, metadata);
  }
  if (metadata.keys.empty()) return Refused("it has no IDPSSODescriptor with a certificate for signing");
  return metadata;
}

std::vector<std::string> SamlAssertion::Values(std::string_view name) const {
  const auto found = std::ranges::find(attributes, name, [](const auto& one) { return std::string_view(one.first); });
  return found != attributes.end() ? found->second : std::vector<std::string>();
}

Expected<SamlAssertion> ReadSamlResponse(std::string_view text, std::span<const crypto::PublicKey> keys) {
  const Name assertion{kSaml, "Assertion"};
  auto signed_one = xmldsig::ReadSigned(text, assertion, keys);
  if (!signed_one && signed_one.error().code == Code::kInvalid && text.contains("EncryptedAssertion")) {
    return Refused(signed_one.error().message + " (encrypted assertions are not taken)");
  }
  ASSIGN_OR_RETURN(const xmldsig::Element read, std::move(signed_one));
  if (read.Is(assertion)) return ReadAssertion(read);
  if (!read.Is({kProtocol, "Response"})) return Refused("it is no response");
  ASSIGN_OR_RETURN(const xmldsig::Element* status, Only(read, {kProtocol, "Status"}));
  ASSIGN_OR_RETURN(const xmldsig::Element* code, Only(*status, {kProtocol, "StatusCode"}));
  const std::string* value = code->Find("Value");
  if (value == nullptr || *value != kSuccess) return Refused("its status is not Success");
  if (read.Child({kSaml, "EncryptedAssertion"}) != nullptr) return Refused("encrypted assertions are not taken");
  ASSIGN_OR_RETURN(const xmldsig::Element* only, Only(read, assertion));
  ASSIGN_OR_RETURN(SamlAssertion inside, ReadAssertion(*only));
  const xmldsig::Element* issuer = read.Child({kSaml, "Issuer"});
  if (issuer != nullptr && Trimmed(issuer->text) != inside.issuer) return Refused("its issuer is not the response's");
  if (const std::string* destination = read.Find("Destination")) inside.destination = *destination;
  return inside;
}

bool SamlAddressee::IsRecipient(std::string_view url) const {
  return url == kAwsEndpoint || (!endpoint.empty() && url == endpoint);
}

bool SamlAddressee::IsAudience(std::string_view name) const { return name == kAwsName || IsRecipient(name); }

std::optional<SamlProblem> CheckSaml(const SamlAssertion& assertion, const SamlMetadata& provider,
                                     const SamlAddressee& addressee, Instant now, std::string& recipient) {
  const auto expired = [](std::string message) {
    return SamlProblem{.is_expired = true, .message = std::move(message)};
  };
  const auto wrong = [](std::string message) {
    return SamlProblem{.is_expired = false, .message = std::move(message)};
  };
  if (assertion.issuer != provider.entity_id) return wrong("Issuer not present in specified provider");
  if (assertion.destination && !addressee.IsRecipient(*assertion.destination)) {
    return wrong("The destination of the response is another");
  }
  if (provider.valid_until && now >= *provider.valid_until) return wrong("The metadata of the provider has expired");
  for (const auto& restriction : assertion.audiences) {
    const bool is_ours = std::ranges::any_of(restriction, [&](const auto& name) { return addressee.IsAudience(name); });
    if (!is_ours) return wrong("The audience of the assertion is another");
  }
  if (now + kSamlSkew < assertion.issued_at) return wrong("The assertion is of the future");
  if (now >= assertion.issued_at + kSamlRedeemWithin + kSamlSkew) {
    return expired("Token must be redeemed within 5 minutes of issuance");
  }
  if (assertion.not_before && now + kSamlSkew < *assertion.not_before) return wrong("The assertion is not valid yet");
  if (assertion.not_on_or_after && now >= *assertion.not_on_or_after + kSamlSkew) {
    return expired("The assertion has expired");
  }
  bool is_addressed = false;
  for (const SamlConfirmation& one : assertion.confirmations) {
    if (!addressee.IsRecipient(one.recipient)) continue;
    is_addressed = true;
    if (one.not_before && now + kSamlSkew < *one.not_before) continue;
    if (now >= one.not_on_or_after + kSamlSkew) continue;
    recipient = one.recipient;
    return std::nullopt;
  }
  if (!is_addressed) return wrong("The recipient of the assertion is another");
  return expired("The assertion's subject is not confirmed at this time");
}

}  // namespace firmsign::federation
