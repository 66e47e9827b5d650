// SPDX-License-Identifier: Apache-2.0
//
// The archives were made by tests/vectors/zip/make.sh with Python, Info-ZIP and Java.

#include "engine/signing/signed_zip.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "base/encoding.h"
#include "engine/signing/testing/identity.h"
#include "engine/signing/testing/memory_image.h"
#include "platform/crypto/testing/vectors.h"

namespace firmsign::signing {
namespace {

const Recipe kLambda = *MakeRecipe(*FindPlatform("AWSLambda-SHA384-ECDSA"), "", "", "");
const crypto::Certificate& Root() { return Identity().chain.back(); }

struct Signed {
  ZipSignature signature;
  std::string bytes;
};

Expected<Signed> Sign(Image& image, const ServiceIdentity& identity = Identity(),
                      const SignatureFacts& facts = TestFacts()) {
  std::string out;
  ASSIGN_OR_RETURN(ZipSignature signature,
                   SignZip(kLambda, image, identity, facts, [&out](std::string_view piece) -> Expected<void> {
                     out += piece;
                     return {};
                   }));
  return Signed{.signature = std::move(signature), .bytes = std::move(out)};
}

Expected<Signed> SignVector(const std::string& name) {
  MemoryImage image(crypto::Vector("zip/" + name + ".zip"));
  return Sign(image);
}

Expected<VerifiedSignature> VerifyZip(const std::string& bytes, const crypto::Certificate& root = Root(),
                                      Instant at = kTestSignedAt) {
  MemoryImage image(bytes);
  return VerifySignedZip(image, root, at);
}

TEST(SignZip, MakesArchivesThatVerifyAndSayWhoSignedWhat) {
  std::istringstream lines(crypto::Vector("zip/digests.txt"));
  for (std::string name, digest; lines >> name >> digest;) {
    const std::string bytes = crypto::Vector("zip/" + name);
    MemoryImage image(bytes);
    auto out = Sign(image);
    ASSERT_TRUE(out) << name << ": " << out.error().message;
    EXPECT_EQ(EncodeHex(out->signature.signed_digest), digest) << name;
    EXPECT_EQ(out->signature.computed_sha256, crypto::DigestOf(crypto::Hash::kSha256, bytes));
    auto verified = VerifyZip(out->bytes);
    ASSERT_TRUE(verified) << name << ": " << verified.error().message;
    EXPECT_EQ(EncodeHex(verified->signed_digest), digest);
    EXPECT_EQ(verified->facts.job_arn, TestFacts().job_arn);
    EXPECT_EQ(verified->facts.profile_version_arn, TestFacts().profile_version_arn);
    EXPECT_EQ(verified->facts.expires_at, kTestExpiresAt);
    EXPECT_EQ(verified->facts.signed_at.micros, kTestSignedAt.micros / 1000 * 1000);
    ASSERT_EQ(verified->chain.size(), 3u);
    EXPECT_EQ(verified->chain[0].info().common_name, "Test Leaf");
  }
}

TEST(SignZip, KeepsEveryByteBeforeTheDirectory) {
  const std::string bytes = crypto::Vector("zip/python.zip");
  auto out = SignVector("python");
  ASSERT_TRUE(out);
  const std::size_t entries = bytes.find("PK\x01\x02");
  EXPECT_EQ(out->bytes.substr(0, entries), bytes.substr(0, entries));
  EXPECT_EQ(out->bytes.substr(entries).find("PK\x03\x04"), 0u) << "META_INF/ follows";
  EXPECT_NE(out->bytes.find("META_INF/aws_signer_signature_v1.0.SF-----BEGIN PKCS7-----\n"), std::string::npos);
}

TEST(SignZip, DoesNotMakeAFolderThatIsThere) {
  auto out = SignVector("with-folder");
  ASSERT_TRUE(out);
  std::size_t count = 0;
  for (std::size_t at = 0; (at = out->bytes.find("META_INF/", at)) != std::string::npos; ++at) ++count;
  EXPECT_EQ(count, 4u) << "two of the folder, two of the signature's file: local header and record";
  EXPECT_TRUE(VerifyZip(out->bytes));
}

TEST(SignZip, RefusesWhatIsSignedAlready) {
  MemoryImage image(SignVector("python")->bytes);
  auto again = Sign(image);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::kInvalid);
  EXPECT_EQ(again.error().message, "the zip archive is signed already: give the unsigned one");
}

TEST(SignZip, RefusesEmptyForeignAndDamagedFiles) {
  for (const char* name : {"empty", "encrypted", "bzip2", "twice"}) {
    EXPECT_EQ(SignVector(name).error().code, Code::kInvalid) << name;
  }
  MemoryImage firmware("firmware");
  EXPECT_EQ(Sign(firmware).error().message, "the file is no zip archive: give a .zip file");
  MemoryImage damaged(crypto::Vector("zip/python.zip"));
  damaged.bytes[100] ^= 1;
  EXPECT_EQ(Sign(damaged).error().code, Code::kInvalid);
}

TEST(SignZip, TakesNoByteMoreThanThePlatformAllows) {
  MemoryImage image("");
  image.stated_size = 250ull * 1024 * 1024 + 1;
  EXPECT_EQ(Sign(image).error().message,
            "the image has 262144001 bytes, more than the 250 MB that platform AWSLambda-SHA384-ECDSA allows");
  EXPECT_EQ(image.reads, 0);
}

TEST(SignZip, NoticesAnImageThatIsNotWhatWasStored) {
  MemoryImage image(crypto::Vector("zip/python.zip"));
  image.stored = crypto::DigestOf(crypto::Hash::kSha256, image.bytes);
  auto out = Sign(image);
  ASSERT_TRUE(out);
  EXPECT_EQ(out->signature.computed_sha256, std::nullopt) << "it was stored";
  image.stored = crypto::DigestOf(crypto::Hash::kSha256, "another");
  EXPECT_EQ(Sign(image).error().code, Code::kCorrupt);
  image.stored.reset();
  image.stated_size = image.bytes.size() + 1;
  EXPECT_EQ(Sign(image).error().code, Code::kCorrupt);
  image.stated_size.reset();
  image.fails_at = 0;
  EXPECT_EQ(Sign(image).error().code, Code::kUnavailable);
}

TEST(SignZip, PassesOnThatTheSinkIsFull) {
  MemoryImage image(crypto::Vector("zip/python.zip"));
  auto out = SignZip(kLambda, image, Identity(), TestFacts(),
                     [](std::string_view) { return Fail(Code::kExhausted, "the disk is full"); });
  EXPECT_EQ(out.error().code, Code::kExhausted);
}

class OtherKey final : public keys::SigningKey {
 public:
  explicit OtherKey(Expected<std::string> answer) : answer_(std::move(answer)) {}
  crypto::KeyKind kind() const override { return {crypto::KeyType::kEc, 384, "secp384r1"}; }
  Expected<std::string> SignDigest(crypto::Hash, std::string_view) const override { return answer_; }

 private:
  Expected<std::string> answer_;
};

TEST(SignZip, DoesNotReleaseWhatDoesNotVerify) {
  MemoryImage image(crypto::Vector("zip/with-folder.zip"));
  ServiceIdentity identity = Identity();
  identity.key = MakeTestIdentity().key;
  EXPECT_EQ(Sign(image, identity).error().code, Code::kInternal) << "another key than the certificate's";
  identity.key = std::make_shared<OtherKey>("no signature");
  EXPECT_EQ(Sign(image, identity).error().code, Code::kInternal);
  identity.key = std::make_shared<OtherKey>(Fail(Code::kUnavailable, "the token is away"));
  EXPECT_EQ(Sign(image, identity).error().code, Code::kUnavailable);
}

TEST(SignZip, NeedsAnIdentityThatMaySign) {
  MemoryImage image(crypto::Vector("zip/with-folder.zip"));
  const auto code_of = [&image](const ServiceIdentity& identity, const SignatureFacts& facts = TestFacts()) {
    auto out = Sign(image, identity, facts);
    return out ? "signed" : std::string(CodeName(out.error().code)) + ": " + out.error().message;
  };
  EXPECT_EQ(code_of({}), "internal: the service cannot sign: the service has no key or no certificate to sign with");
  EXPECT_EQ(code_of(MakeTestIdentity("prime256v1")),
            "internal: the service cannot sign: the service's key is not on P-384");
  ServiceIdentity unordered = Identity();
  std::swap(unordered.chain[1], unordered.chain[2]);
  EXPECT_TRUE(code_of(unordered).starts_with("internal: ")) << code_of(unordered);
  SignatureFacts late = TestFacts();
  late.signed_at = kTestLeafEnd + std::chrono::seconds(1);
  EXPECT_EQ(code_of(Identity(), late),
            "internal: the service cannot sign: the certificate chain is not to be trusted: certificate has expired");
}

TEST(VerifySignedZip, TellsAnUnsignedArchiveFromAFalseOne) {
  auto unsigned_archive = VerifyZip(crypto::Vector("zip/python.zip"));
  EXPECT_EQ(unsigned_archive.error().code, Code::kNotFound);
  EXPECT_EQ(VerifyZip("firmware").error().code, Code::kInvalid);
}

TEST(VerifySignedZip, TrustsNoOtherRoot) {
  const std::string bytes = SignVector("with-folder")->bytes;
  EXPECT_EQ(VerifyZip(bytes, MakeTestIdentity().chain.back()).error().code, Code::kInvalid);
}

TEST(VerifySignedZip, LooksAtTheLeafAsOfSigningAndAtTheExpiryAsOfNow) {
  const std::string bytes = SignVector("with-folder")->bytes;
  EXPECT_TRUE(VerifyZip(bytes, Root(), kTestLeafEnd + std::chrono::hours(24)));
  EXPECT_TRUE(VerifyZip(bytes, Root(), kTestExpiresAt - std::chrono::seconds(1)));
  EXPECT_EQ(VerifyZip(bytes, Root(), kTestExpiresAt).error().message,
            "the signature has expired: 2033-05-18T03:33:20Z");
  EXPECT_EQ(VerifyZip(bytes, Root(), kTestBegin).error().message,
            "the signature is from the future: 2026-09-21T14:13:20Z");
}

TEST(VerifySignedZip, NoticesEveryChangedByteThatIsSigned) {
  const std::string good = SignVector("with-folder")->bytes;
  const VerifiedSignature expected = *VerifyZip(good);
  for (std::size_t i = 0; i < good.size(); i += 3) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x01);
    auto verified = VerifyZip(bad);
    if (!verified) continue;
    EXPECT_EQ(verified->facts, expected.facts) << "byte " << i;
    EXPECT_EQ(verified->signed_digest, expected.signed_digest) << "byte " << i;
  }
}

TEST(RevocationHashes, JoinACertificateAndItsIssuer) {
  const std::vector<crypto::Certificate>& chain = Identity().chain;
  const std::vector<std::string> hashes = RevocationHashes(chain);
  ASSERT_EQ(hashes.size(), 3u);
  EXPECT_EQ(hashes[0], chain[0].TbsSha384Hex() + chain[1].TbsSha384Hex());
  EXPECT_EQ(hashes[2], chain[2].TbsSha384Hex() + chain[2].TbsSha384Hex());
  EXPECT_EQ(hashes[0].size(), 192u);
}

}  // namespace
}  // namespace firmsign::signing
