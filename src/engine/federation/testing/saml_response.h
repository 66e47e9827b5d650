// SPDX-License-Identifier: Apache-2.0
//
// For tests: a SAML identity provider, whose responses are written in canonical form and signed (see
// platform/xmldsig/testing/sign.h).

#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "platform/crypto/key.h"
#include "platform/crypto/testing/vectors.h"
#include "platform/xmldsig/testing/sign.h"

namespace firmsign::federation {

// What an assertion says; change it before it is written.
struct SamlClaims {
  std::string id = "_assertion1";
  std::string issuer = "https://idp.example.com/saml";
  std::string subject = "sam";
  std::string format = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
  std::string recipient = "https://signin.aws.amazon.com/saml";
  std::string audience = "urn:amazon:webservices";
  std::string more_conditions;  // canonical
  std::string more_statements;  // canonical
  Instant issued_at = InstantFromSeconds(1'700'000'000);
  Duration valid_for = std::chrono::minutes(5);
  std::vector<std::pair<std::string, std::vector<std::string>>> attributes;
};

class TestIdentityProvider {
 public:
  const crypto::PrivateKey& key() const { return key_; }

  static std::string Metadata(std::string_view more_attributes = "") {
    std::string base64 = crypto::Vector("crypto/rsa2048.crt.pem");
    base64 = base64.substr(base64.find('\n') + 1);
    base64 = base64.substr(0, base64.find("-----END"));
    return fmt::format(
        R"(<?xml version="1.0"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"
    entityID="https://idp.example.com/saml" {}>
  <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:KeyDescriptor use="signing">
      <ds:KeyInfo><ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>
    </md:KeyDescriptor>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example.com/"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>
)",
        more_attributes, base64);
  }

  static std::string Assertion(const SamlClaims& claims) {
    const std::string issued = FormatIso8601(claims.issued_at);
    const std::string until = FormatIso8601(claims.issued_at + claims.valid_for);
    std::string attributes;
    for (const auto& [name, values] : claims.attributes) {
      attributes += fmt::format(R"(<saml:Attribute Name="{}">)", name);
      for (const std::string& value : values) {
        attributes += fmt::format("<saml:AttributeValue>{}</saml:AttributeValue>", value);
      }
      attributes += "</saml:Attribute>";
    }
    return fmt::format(
        R"(<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="{}" IssueInstant="{}" Version="2.0">)"
        R"(<saml:Issuer>{}</saml:Issuer><saml:Subject><saml:NameID Format="{}">{}</saml:NameID>)"
        R"(<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">)"
        R"(<saml:SubjectConfirmationData NotOnOrAfter="{}" Recipient="{}"></saml:SubjectConfirmationData>)"
        R"(</saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="{}" NotOnOrAfter="{}">)"
        R"(<saml:AudienceRestriction><saml:Audience>{}</saml:Audience></saml:AudienceRestriction>{}</saml:Conditions>)"
        R"({}<saml:AttributeStatement>{}</saml:AttributeStatement></saml:Assertion>)",
        claims.id, issued, claims.issuer, claims.format, claims.subject, until, claims.recipient, issued, until,
        claims.audience, claims.more_conditions, claims.more_statements, attributes);
  }

  static std::string Response(std::string_view inside, std::string_view status = "Success") {
    return fmt::format(
        R"(<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_response1" Version="2.0">)"
        R"(<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:{}"></samlp:StatusCode>)"
        R"(</samlp:Status>{}</samlp:Response>)",
        status, inside);
  }

  // A response whose assertion is signed.
  std::string Answer(const SamlClaims& claims) const {
    return Response(xmldsig::SignXml(key_, Assertion(claims), claims.id));
  }
  // A response that is signed as a whole.
  std::string SignedAnswer(const SamlClaims& claims, std::string_view status = "Success") const {
    return xmldsig::SignXml(key_, Response(Assertion(claims), status), "_response1");
  }

 private:
  crypto::PrivateKey key_ = crypto::PrivateKey::FromPem(crypto::SecretVector("crypto/rsa2048.key.pem")).value();
};

}  // namespace firmsign::federation
