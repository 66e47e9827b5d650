// SPDX-License-Identifier: Apache-2.0

#include "platform/xmldsig/signed_xml.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/crypto/testing/vectors.h"
#include "platform/xmldsig/testing/sign.h"

namespace firmsign::xmldsig {
namespace {

using ::testing::HasSubstr;

constexpr Name kInner{"urn:test", "Claim"};
constexpr std::string_view kTrue = R"(<t:Claim xmlns:t="urn:test" ID="_a1"><t:Who>sam</t:Who></t:Claim>)";
constexpr std::string_view kFalse = R"(<t:Claim xmlns:t="urn:test" ID="_evil"><t:Who>eve</t:Who></t:Claim>)";

std::string Envelope(std::string_view inside) {
  return fmt::format(R"(<?xml version="1.0"?><t:Answer xmlns:t="urn:test" ID="_r1">{}</t:Answer>)", inside);
}

class SignedXml : public ::testing::Test {
 protected:
  Expected<Element> Read(std::string_view document) const { return ReadSigned(document, kInner, keys); }
  // Whom a document claims to be, or why it is refused.
  std::string Who(std::string_view document) const {
    const auto read = Read(document);
    if (!read) return "refused: " + read.error().message;
    const Element* claim = read->Is(kInner) ? &*read : read->Child(kInner);
    if (claim == nullptr || claim->Child({"urn:test", "Who"}) == nullptr) return "nobody";
    return claim->Child({"urn:test", "Who"})->text;
  }
  std::string Signed(const SignOptions& options = {}) const { return SignXml(key, kTrue, "_a1", options); }

  const crypto::PrivateKey key = crypto::PrivateKey::FromPem(crypto::SecretVector("crypto/rsa2048.key.pem")).value();
  const crypto::PrivateKey other = crypto::PrivateKey::GenerateEc("secp521r1").value();
  const std::vector<crypto::PublicKey> keys{key.Public().value()};
};

TEST_F(SignedXml, GivesTheElementThatIsSigned) {
  const auto inner = Read(Envelope(Signed()));
  ASSERT_TRUE(inner) << inner.error().message;
  EXPECT_TRUE(inner->Is(kInner));
  EXPECT_EQ(*inner->Find("ID"), "_a1");
  ASSERT_EQ(inner->children.size(), 1U) << "the signature is not part of what it signs";
  EXPECT_EQ(inner->children[0].text, "sam");

  const std::string root =
      fmt::format(R"(<t:Answer xmlns:t="urn:test" ID="_r1"><t:Claim ID="_a1"><t:Who>sam</t:Who></t:Claim></t:Answer>)");
  const auto whole = Read(SignXml(key, root, "_r1"));
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_TRUE(whole->Is({"urn:test", "Answer"}));
  EXPECT_EQ(whole->Child(kInner)->Child({"urn:test", "Who"})->text, "sam");
}

TEST_F(SignedXml, TakesEveryAlgorithmThatIsStrong) {
  const crypto::PrivateKey ec = crypto::PrivateKey::GenerateEc("prime256v1").value();
  const crypto::PrivateKey ec384 = crypto::PrivateKey::GenerateEc("secp384r1").value();
  const std::vector<crypto::PublicKey> all{other.Public().value(), ec.Public().value(), ec384.Public().value(),
                                           keys.front()};
  constexpr std::string_view kMore = "http://www.w3.org/2001/04/xmldsig-more#";
  const SignOptions sha384{.method = std::string(kMore) + "rsa-sha384",
                           .digest_method = std::string(kMore) + "sha384",
                           .digest_hash = crypto::Hash::kSha384,
                           .hash = crypto::Hash::kSha384};
  const SignOptions sha512{.method = std::string(kMore) + "rsa-sha512",
                           .digest_method = "http://www.w3.org/2001/04/xmlenc#sha512",
                           .digest_hash = crypto::Hash::kSha512,
                           .hash = crypto::Hash::kSha512};
  EXPECT_TRUE(ReadSigned(Envelope(Signed()), kInner, all));
  EXPECT_TRUE(ReadSigned(Envelope(Signed(sha384)), kInner, all));
  EXPECT_TRUE(ReadSigned(Envelope(Signed(sha512)), kInner, all));
  EXPECT_TRUE(ReadSigned(Envelope(SignXml(ec, kTrue, "_a1")), kInner, all));
  EXPECT_TRUE(ReadSigned(Envelope(SignXml(ec384, kTrue, "_a1")), kInner, all));
}

TEST_F(SignedXml, RefusesWeakAlgorithmsAndKeys) {
  const SignOptions sha1{.method = "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
                         .digest_method = "http://www.w3.org/2000/09/xmldsig#sha1",
                         .digest_hash = crypto::Hash::kSha1,
                         .hash = crypto::Hash::kSha1};
  EXPECT_THAT(Who(Envelope(Signed(sha1))), HasSubstr("refused"));
  SignOptions weak_digest;
  weak_digest.digest_method = "http://www.w3.org/2000/09/xmldsig#sha1";
  weak_digest.digest_hash = crypto::Hash::kSha1;
  EXPECT_THAT(Who(Envelope(Signed(weak_digest))), HasSubstr("refused"));
  // Everybody has the public key: an HMAC with it proves nothing.
  SignOptions hmac;
  hmac.method = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256";
  EXPECT_THAT(Who(Envelope(Signed(hmac))), HasSubstr("refused"));
  const crypto::PrivateKey small = crypto::PrivateKey::FromPem(crypto::SecretVector("crypto/rsa1024.key.pem")).value();
  const std::vector<crypto::PublicKey> weak{small.Public().value()};
  EXPECT_FALSE(ReadSigned(Envelope(SignXml(small, kTrue, "_a1")), kInner, weak));
  EXPECT_FALSE(ReadSigned(Envelope(Signed()), kInner, {})) << "without keys nothing is signed";
}

TEST_F(SignedXml, GoesByTheCallersKeysAlone) {
  SignOptions options;
  const std::string pem = EncodeBase64(other.Public()->Spki());
  options.key_info = fmt::format(
      R"(<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{0}</ds:X509Certificate></ds:X509Data><ds:KeyValue><ds:DEREncodedKeyValue>{0}</ds:DEREncodedKeyValue></ds:KeyValue></ds:KeyInfo>)",
      pem);
  EXPECT_THAT(Who(Envelope(SignXml(other, kTrue, "_a1", options))), HasSubstr("none of its issuer's"));
  EXPECT_EQ(Who(Envelope(Signed(options))), "sam") << "what a KeyInfo says is not looked at";
}

TEST_F(SignedXml, RefusesAnythingThatWasChanged) {
  // In an envelope of another prefix, so that no declaration of the element could be spared.
  const std::string good = R"(<e:Answer xmlns:e="urn:test">)" + Signed() + "</e:Answer>";
  ASSERT_EQ(Who(good), "sam");
  std::string changed = good;
  changed.replace(changed.find(">sam<"), 5, ">eve<");
  EXPECT_THAT(Who(changed), HasSubstr("refused"));
  // Each bit of what is signed, and one of each byte of the signature: there some mean nothing, as in its base64, and
  // the same is read or nothing.
  const std::size_t signature_begin = good.find("<ds:Signature");
  const std::size_t signature_end = good.find("</ds:Signature>") + 15;
  for (std::size_t i = good.find("<t:Claim"); i < good.find("</t:Claim>") + 10; ++i) {
    const bool in_signature = i >= signature_begin && i < signature_end;
    for (int bit = 0; bit < (in_signature ? 1 : 8); ++bit) {
      changed = good;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      const std::string who = Who(changed);
      EXPECT_TRUE(who.starts_with("refused") || (in_signature && who == "sam")) << i << "." << bit << ": " << who;
    }
  }
}

// The ways to wrap a signature: in each the signed element is somewhere, and another one where it is looked for.
TEST_F(SignedXml, IsNotFooledByWrappedSignatures) {
  const std::string good = Signed();
  const std::string signature = SignatureOf(key, kTrue, "_a1");
  const auto with = [](std::string_view element, std::string_view first_child) {
    std::string text(element);
    return text.insert(text.find('>') + 1, first_child);
  };
  const std::string same_id = R"(<t:Claim xmlns:t="urn:test" ID="_a1"><t:Who>eve</t:Who></t:Claim>)";
  for (const std::string& document :
       {// The forged element first or last, beside the signed one.
        Envelope(std::string(kFalse) + good), Envelope(good + std::string(kFalse)),
        // The signature in the forged element, referring to the true one: beside it, inside it, in the signature.
        Envelope(with(kFalse, signature) + std::string(kTrue)), Envelope(with(kFalse, signature + std::string(kTrue))),
        Envelope(with(
            kFalse, SignatureOf(key, kTrue, "_a1", {.key_info = "<ds:Object>" + std::string(kTrue) + "</ds:Object>"}))),
        // The true one as a grandchild or under another name, the forged one in its place.
        Envelope("<t:Other>" + good + "</t:Other>" + std::string(kFalse)), Envelope(with(kFalse, good)),
        Envelope(with(kFalse, "<t:Other>" + good + "</t:Other>")),
        // Two elements of one ID.
        Envelope(with(same_id, signature) + std::string(kTrue)), Envelope(good + "<t:X>" + same_id + "</t:X>"),
        Envelope("<t:X>" + std::string(kTrue) + "</t:X>" + with(same_id, signature)),
        Envelope(with(same_id, signature + "<t:X>" + std::string(kTrue) + "</t:X>")),
        // The whole true document inside a forged one.
        Envelope(with(kFalse, Envelope(good).substr(21))),
        // The root claims the signature of its child.
        R"(<t:Answer xmlns:t="urn:test" ID="_r2">)" + signature + std::string(kTrue) + "</t:Answer>",
        // An identifier that libxml2 would know by itself.
        Envelope(good + R"(<t:X xml:id="_a1"></t:X>)")}) {
    const std::string who = Who(document);
    EXPECT_TRUE(who.starts_with("refused")) << who << "\n" << document;
  }
}

TEST_F(SignedXml, TakesOneReferenceToTheElementThatHoldsIt) {
  const auto refused = [&](SignOptions options) { return Who(Envelope(Signed(options))).starts_with("refused"); };
  SignOptions options;
  options.uri = "#xpointer(id('_a1'))";
  EXPECT_TRUE(refused(options));
  options.uri = "#xpointer(/)";
  EXPECT_TRUE(refused(options));
  options.uri = "http://example.com/";
  EXPECT_TRUE(refused(options));
  options.uri = "file:///etc/hostname";
  EXPECT_TRUE(refused(options));
  options = {};
  options.more_references = fmt::format(
      R"(<ds:Reference URI="#_a1"><ds:Transforms>{}</ds:Transforms>{}<ds:DigestValue>{}</ds:DigestValue></ds:Reference>)",
      Method("Transform", kEnveloped) + Method("Transform", kExclusive), Method("DigestMethod", options.digest_method),
      EncodeBase64(crypto::DigestOf(crypto::Hash::kSha256, kTrue)));
  EXPECT_TRUE(refused(options)) << "two references";
  // An empty URI is the whole document, which is canonical here.
  const std::string whole = R"(<t:Answer xmlns:t="urn:test" ID="_r1"><t:Who>sam</t:Who></t:Answer>)";
  const std::string document = SignXml(key, whole, "_r1");
  ASSERT_TRUE(Read(document));
  SignOptions empty;
  empty.uri = "";
  std::string emptied = document;
  emptied.replace(emptied.find("#_r1"), 4, "");
  EXPECT_FALSE(Read(emptied));
}

TEST_F(SignedXml, TransformsNothingButTheSignatureAway) {
  for (const std::string_view transform :
       {"http://www.w3.org/TR/1999/REC-xslt-19991116", "http://www.w3.org/TR/1999/REC-xpath-19991116",
        "http://www.w3.org/2002/06/xmldsig-filter2", "http://www.w3.org/2000/09/xmldsig#base64",
        "http://www.w3.org/2001/04/xmlenc#decryption"}) {
    SignOptions options;
    options.transforms = {kEnveloped, transform, kExclusive};
    EXPECT_THAT(Who(Envelope(Signed(options))), HasSubstr("refused")) << transform;
  }
}

// A comment splits text in two for some readers, so that "sam" is read of "sam.evil.example.com".
TEST_F(SignedXml, ReadsAllTextAroundComments) {
  const std::string element = R"(<t:Claim xmlns:t="urn:test" ID="_a1"><t:Who>sam.evil</t:Who></t:Claim>)";
  std::string document = Envelope(SignXml(key, element, "_a1"));
  document.replace(document.find("sam.evil"), 8, "sam<!-- x -->.e<![CDATA[vil]]>");
  EXPECT_EQ(Who(document), "sam.evil");
}

TEST_F(SignedXml, HasNoDocumentTypeAndNoEntities) {
  const std::string good = Signed();
  const std::string body = Envelope(good).substr(21);
  for (const std::string& type :
       {std::string(R"(<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>)"), std::string("<!DOCTYPE a>"),
        std::string(R"(<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd">)"),
        std::string(R"(<!DOCTYPE a [<!ATTLIST x id ID #IMPLIED>]>)")}) {
    EXPECT_THAT(Who("<?xml version=\"1.0\"?>" + type + body), HasSubstr("document type"));
  }
  EXPECT_THAT(Who(Envelope(good + "&unknown;")), HasSubstr("refused"));
  // In UTF-16 the search for a document type would find none.
  std::string wide = "\xff\xfe";
  for (const char c : "<?xml version=\"1.0\"?><!DOCTYPE a>" + body) wide += {c, '\0'};
  EXPECT_THAT(Who(wide), HasSubstr("refused"));
}

TEST_F(SignedXml, HasLimits) {
  EXPECT_THAT(Who(Envelope(Signed() + std::string(kDocumentBytesMax, ' '))), HasSubstr("too long"));
  std::string deep = Signed();
  for (std::size_t i = 0; i < kDepthMax; ++i) deep = "<t:X>" + deep + "</t:X>";
  EXPECT_THAT(Who(Envelope(deep)), HasSubstr("too deep"));
  std::string many = Signed();
  for (std::size_t i = 0; i < kElementsMax; ++i) many += "<a/>";
  EXPECT_THAT(Who(Envelope(many)), HasSubstr("too many elements"));
  std::string namespaces;
  std::string attributes;
  for (std::size_t i = 0; i < 64; ++i) {
    namespaces += fmt::format(R"( xmlns:n{}="urn:{}")", i, i);
    attributes += fmt::format(R"( a{}="")", i);
  }
  const auto beside = [&](std::string_view element) { return Who(Envelope(Signed() + std::string(element))); };
  EXPECT_EQ(beside("<a" + attributes + "/>"), "sam");
  EXPECT_THAT(beside("<a b=\"\"" + attributes + "/>"), HasSubstr("too many attributes"));
  EXPECT_THAT(beside("<a" + namespaces + "/>"), HasSubstr("too many namespaces")) << "with that of the envelope";
  for (const std::string_view bad : {"", "x", "<", "<a>", "<a></b>", "<a/><b/>"}) EXPECT_FALSE(Read(bad)) << bad;
}

TEST_F(SignedXml, RefusesSignaturesInTheWrongForm) {
  const std::string signature = SignatureOf(key, kTrue, "_a1");
  const auto with = [](std::string_view element, std::string_view first_child) {
    std::string text(element);
    return text.insert(text.find('>') + 1, first_child);
  };
  EXPECT_THAT(Who(Envelope(with(kTrue, signature + signature))), HasSubstr("two signatures"));
  EXPECT_THAT(Who(Envelope(kTrue)), HasSubstr("not signed"));
  EXPECT_THAT(
      Who(Envelope(with(kTrue, R"(<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"></ds:Signature>)"))),
      HasSubstr("refused"));
  const std::string no_id = R"(<t:Claim xmlns:t="urn:test"><t:Who>sam</t:Who></t:Claim>)";
  EXPECT_THAT(Who(Envelope(SignXml(key, no_id, "_a1"))), HasSubstr("no ID"));
  const std::string odd_id = R"(<t:Claim xmlns:t="urn:test" ID="a'b"><t:Who>sam</t:Who></t:Claim>)";
  EXPECT_THAT(Who(Envelope(SignXml(key, odd_id, "a'b"))), HasSubstr("no name"));
}

}  // namespace
}  // namespace firmsign::xmldsig
