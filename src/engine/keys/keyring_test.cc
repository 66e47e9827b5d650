// SPDX-License-Identifier: Apache-2.0

#include "engine/keys/keyring.h"

#include <gtest/gtest.h>

#include <string>

namespace firmsign::keys {
namespace {

std::string Text(const SecretBytes& secret) { return std::string(secret.Reveal(SecretAccess("a test compares it"))); }

TEST(Keyring, OpensWhatItSealedAlsoAfterTheDataKeyWasUnwrappedAgain) {
  FakeRandom random;
  const SecretBytes master = MakeMasterKey(random);
  const auto first = Keyring::Make(master, random);
  const std::string box = first->Seal("acm/private-key/a", SecretBytes("the key"));
  EXPECT_EQ(box.find("the key"), std::string::npos);

  auto second = Keyring::Unwrap(master, first->wrapped(), random);
  ASSERT_TRUE(second);
  EXPECT_EQ((*second)->wrapped(), first->wrapped());
  auto opened = (*second)->Open("acm/private-key/a", box);
  ASSERT_TRUE(opened);
  EXPECT_EQ(Text(*opened), "the key");
}

TEST(Keyring, OpensItsBoxesUnderAnotherMasterKey) {
  FakeRandom random;
  const SecretBytes before = MakeMasterKey(random);
  const SecretBytes after = MakeMasterKey(random);
  const auto keyring = Keyring::Make(before, random);
  const std::string box = keyring->Seal("acm/private-key/a", SecretBytes("the key"));
  const std::string wrapped = keyring->Wrap(after);
  const auto opened = Keyring::Unwrap(after, wrapped, random);
  ASSERT_TRUE(opened);
  EXPECT_EQ(Text(*(*opened)->Open("acm/private-key/a", box)), "the key");
  EXPECT_EQ((*opened)->Mac("pages", "text"), keyring->Mac("pages", "text"));
  EXPECT_EQ(Keyring::Unwrap(before, wrapped, random).error().code, Code::kDenied);
}

TEST(Keyring, DoesNotOpenABoxInAnotherRow) {
  FakeRandom random;
  const auto keyring = Keyring::Make(MakeMasterKey(random), random);
  const std::string box = keyring->Seal("acm/private-key/a", SecretBytes("the key"));
  EXPECT_EQ(keyring->Open("acm/private-key/b", box).error().code, Code::kCorrupt);
}

TEST(Keyring, KnowsItsOwnTextsAgainAndThoseOfNoOtherContextOrKeyring) {
  FakeRandom random;
  const SecretBytes master = MakeMasterKey(random);
  const auto keyring = Keyring::Make(master, random);
  const std::string mac = keyring->Mac("pages", "text");
  EXPECT_EQ(mac.size(), 32u);
  EXPECT_EQ((*Keyring::Unwrap(master, keyring->wrapped(), random))->Mac("pages", "text"), mac);
  EXPECT_NE(keyring->Mac("pages", "Text"), mac);
  EXPECT_NE(keyring->Mac("page", "stext"), mac);
  EXPECT_NE(Keyring::Make(master, random)->Mac("pages", "text"), mac);
}

TEST(Keyring, RefusesAnotherMasterKeyAndDamagedWrapping) {
  FakeRandom random;
  const SecretBytes master = MakeMasterKey(random);
  const auto keyring = Keyring::Make(master, random);
  EXPECT_EQ(Keyring::Unwrap(MakeMasterKey(random), keyring->wrapped(), random).error().code, Code::kDenied);
  EXPECT_EQ(Keyring::Unwrap(SecretBytes("short"), keyring->wrapped(), random).error().code, Code::kDenied);
  EXPECT_EQ(Keyring::Unwrap(master, keyring->wrapped().substr(1), random).error().code, Code::kDenied);
  // A box sealed for another purpose under the same master key is no data key either.
  EXPECT_EQ(Keyring::Unwrap(master, "", random).error().code, Code::kDenied);
}

TEST(MasterKey, SurvivesItsFileWithAnyLineEnd) {
  FakeRandom random;
  const SecretBytes key = MakeMasterKey(random);
  EXPECT_EQ(key.size(), 32u);
  const std::string line = FormatMasterKey(key);
  EXPECT_EQ(line.size(), 45u);
  EXPECT_EQ(line.back(), '\n');
  for (const std::string& text : {line, line.substr(0, 44), line.substr(0, 44) + "\r\n"}) {
    auto parsed = ParseMasterKey(SecretBytes(text));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(Text(*parsed), Text(key));
  }
}

TEST(MasterKey, RefusesEverythingElse) {
  for (const char* text : {"", "\n", "AAAA", "not base64 at all, but of a length that could fit", "AAAA\nAAAA"}) {
    EXPECT_EQ(ParseMasterKey(SecretBytes(text)).error().code, Code::kInvalid) << text;
  }
}

}  // namespace
}  // namespace firmsign::keys
