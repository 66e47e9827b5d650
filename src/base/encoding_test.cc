// SPDX-License-Identifier: Apache-2.0

#include "base/encoding.h"

#include <gtest/gtest.h>

#include <array>
#include <utility>

#include "base/random.h"

namespace firmsign {
namespace {

using namespace std::string_literals;       // NOLINT(google-build-using-namespace): texts with NUL
using namespace std::string_view_literals;  // NOLINT(google-build-using-namespace)

std::string EveryByte() {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes.push_back(static_cast<char>(byte));
  return bytes;
}

// RFC 4648 §10.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kBase64Vectors = {{{"", ""},
                                                                                          {"f", "Zg=="},
                                                                                          {"fo", "Zm8="},
                                                                                          {"foo", "Zm9v"},
                                                                                          {"foob", "Zm9vYg=="},
                                                                                          {"fooba", "Zm9vYmE="},
                                                                                          {"foobar", "Zm9vYmFy"}}};

TEST(Hex, WritesLowerCaseAndReadsBoth) {
  EXPECT_EQ(EncodeHex(""), "");
  EXPECT_EQ(EncodeHex("foobar"), "666f6f626172");
  EXPECT_EQ(EncodeHex("\x00\xff\x0a"sv), "00ff0a");
  EXPECT_EQ(DecodeHex("666F6f626172"), "foobar");
  EXPECT_EQ(DecodeHex(""), "");
  EXPECT_EQ(DecodeHex(EncodeHex(EveryByte())), EveryByte());
}

TEST(Hex, RefusesOddLengthsAndOtherCharacters) {
  for (const char* text : {"6", "666", "6g", "g6", " 66", "6 6f", "0x66", "66\n6", "\xc3\xa9"}) {
    EXPECT_EQ(DecodeHex(text), std::nullopt) << text;
  }
  EXPECT_EQ(DecodeHex("6\0"sv), std::nullopt);
}

TEST(Hex, RefusesEveryCharacterThatIsNoDigit) {
  int accepted = 0;
  for (const char c : EveryByte()) accepted += DecodeHex(std::string{'0', c}).has_value() ? 1 : 0;
  EXPECT_EQ(accepted, 22);
}

TEST(Base64, AgreesWithTheStandardsVectors) {
  for (const auto& [bytes, text] : kBase64Vectors) {
    EXPECT_EQ(EncodeBase64(bytes), text);
    EXPECT_EQ(DecodeBase64(text), bytes);
  }
}

TEST(Base64, UsesTheLastTwoCharactersOfTheAlphabet) {
  EXPECT_EQ(EncodeBase64("\xfb\xff\xbf"), "+/+/");
  EXPECT_EQ(DecodeBase64("+/+/"), "\xfb\xff\xbf");
}

TEST(Base64, HasAFormForUrlsWithoutPadding) {
  EXPECT_EQ(EncodeBase64Url("\xfb\xff\xbf"), "-_-_");
  EXPECT_EQ(EncodeBase64Url("f"), "Zg");
  EXPECT_EQ(EncodeBase64Url("foob"), "Zm9vYg");
  for (const std::string_view bytes : {"", "f", "fo", "foo", "\xfb\xff\xbf"}) {
    EXPECT_EQ(DecodeBase64Url(EncodeBase64Url(bytes)), bytes);
  }
  for (const std::string_view text : {"Zg==", "+/+/", "Z", "Zh", "Zm9 v", "Zm9vYg="}) {
    EXPECT_EQ(DecodeBase64Url(text), std::nullopt) << text;
  }
}

TEST(Base64, ReadsWhatItWritesAtEveryLength) {
  FakeRandom random;
  for (std::size_t length = 0; length < 300; ++length) {
    std::string bytes(length, '\0');
    random.Fill({reinterpret_cast<unsigned char*>(bytes.data()), bytes.size()});
    const std::string text = EncodeBase64(bytes);
    EXPECT_EQ(text.size(), (length + 2) / 3 * 4);
    EXPECT_EQ(DecodeBase64(text), bytes) << length;
  }
}

TEST(Base64, RefusesMissingAndMisplacedPadding) {
  for (const char* text : {"Zg", "Zg=", "Zm8", "Zm9vYg", "=", "==", "====", "Z===", "Zg==Zg==", "Zm8=Zm9v",
                           "Z=g=", "=Zg=", "Zm9v====", "Zg=a"}) {
    EXPECT_EQ(DecodeBase64(text), std::nullopt) << text;
  }
}

TEST(Base64, RefusesBlanksAndOtherAlphabets) {
  for (const char* text : {"Zm9v\n", "Zm9vYg==\n", "Zm9 v", " Zm9v", "Zm9vZm9\n", "-_-_", "Zm9v!m9v", "Zm9vZm9\xc3"}) {
    EXPECT_EQ(DecodeBase64(text), std::nullopt) << text;
  }
}

TEST(Base64, RefusesTrailingBitsThatCarryNoByte) {
  // "Zg==" and "Zh==" would otherwise be two spellings of one byte.
  for (const char* text : {"Zh==", "Z/==", "Zm9=", "Zm+="}) EXPECT_EQ(DecodeBase64(text), std::nullopt) << text;
}

TEST(Base64, AcceptsExactlyItsAlphabetAtEveryPlace) {
  for (std::size_t place = 0; place < 4; ++place) {
    int accepted = 0;
    for (const char c : EveryByte()) {
      std::string text = "AAAAAAAA";
      text[place] = c;
      accepted += DecodeBase64(text).has_value() ? 1 : 0;
    }
    EXPECT_EQ(accepted, 64) << place;
  }
}

TEST(Percent, LeavesTheUnreservedCharactersOnly) {
  constexpr std::string_view kUnreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  EXPECT_EQ(EncodePercent(kUnreserved), kUnreserved);
  const std::string all = EncodePercent(EveryByte());
  EXPECT_EQ(all.size(), 66 + (256 - 66) * 3);
  EXPECT_EQ(DecodePercent(all), EveryByte());
}

TEST(Percent, KeepsSlashesWhenAsked) {
  EXPECT_EQ(EncodePercent("a/b c"), "a%2Fb%20c");
  EXPECT_EQ(EncodePercent("a/b c", true), "a/b%20c");
  EXPECT_EQ(EncodePercent("\xe1\x88\xb4"), "%E1%88%B4");
}

TEST(Percent, ReadsBothCasesAndLeavesWhatIsNotEscaped) {
  EXPECT_EQ(DecodePercent("a%2fb%2Fc d+e"), "a/b/c d+e");
  EXPECT_EQ(DecodePercent("%00"), "\0"s);
  EXPECT_EQ(DecodePercent("%25%32%35"), "%25");
  EXPECT_EQ(DecodePercent(""), "");
}

TEST(Percent, ReadsAPlusAsABlankInForms) {
  EXPECT_EQ(DecodePercent("a+b%2B", true), "a b+");
  EXPECT_EQ(DecodePercent("a+b%2B"), "a+b+");
}

TEST(Percent, RefusesBrokenEscapes) {
  for (const char* text : {"%", "%2", "a%", "%zz", "%2g", "%g2", "%%20", "% 20", "%u0041"}) {
    EXPECT_EQ(DecodePercent(text), std::nullopt) << text;
  }
}

TEST(ToLower, ChangesAsciiLettersOnly) {
  EXPECT_EQ(ToLower("X-Amz-DATE[@`{"), "x-amz-date[@`{");
  EXPECT_EQ(ToLower("\xc3\x84"), "\xc3\x84");  // an umlaut stays
}

TEST(EqualsIgnoreCase, ComparesAsciiOnly) {
  EXPECT_TRUE(EqualsIgnoreCase("Content-MD5", "content-md5"));
  EXPECT_TRUE(EqualsIgnoreCase("", ""));
  EXPECT_FALSE(EqualsIgnoreCase("abc", "abcd"));
  EXPECT_FALSE(EqualsIgnoreCase("@", "`"));
  EXPECT_FALSE(EqualsIgnoreCase("\xc3\x84", "\xc3\xa4"));
}

TEST(TrimBlanks, TakesBlanksAndTabsFromTheEnds) {
  EXPECT_EQ(TrimBlanks(" \t a b\t "), "a b");
  EXPECT_EQ(TrimBlanks("a"), "a");
  EXPECT_EQ(TrimBlanks(" \t"), "");
  EXPECT_EQ(TrimBlanks(""), "");
  EXPECT_EQ(TrimBlanks("\na\n"), "\na\n");
}

TEST(IsUtf8, AcceptsTheFirstAndLastCharacterOfEveryLength) {
  for (const std::string_view text : {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
                                      "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(IsUtf8(text)) << EncodeHex(text);
    EXPECT_TRUE(IsUtf8("12345678" + std::string(text) + "1234567")) << EncodeHex(text);
  }
  EXPECT_TRUE(IsUtf8("\0"sv));
}

TEST(ToUtf8, ReplacesWhatIsNoCharacter) {
  EXPECT_EQ(ToUtf8(""), "");
  EXPECT_EQ(ToUtf8("gr\xc3\xbcn"), "gr\xc3\xbcn");
  EXPECT_EQ(ToUtf8("a\xff\xc3"), "a\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(ToUtf8("\xe2\x82z"), "\xef\xbf\xbd\xef\xbf\xbdz") << "a character that ends too early";
}

TEST(IsUtf8, RefusesEverythingElse) {
  for (const std::string_view text : {"\x80",
                                      "\xbf",
                                      "\xc0\x80",
                                      "\xc1\xbf",
                                      "\xc2",
                                      "\xc2\x41",
                                      "\xe0\x9f\xbf",
                                      "\xe0\x80\x80",
                                      "\xed\xa0\x80",
                                      "\xed\xbf\xbf",
                                      "\xe1\x80",
                                      "\xe1\x80\x41",
                                      "\xf0\x8f\xbf\xbf",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xf1\x80\x80",
                                      "\xf8\x88\x80\x80\x80",
                                      "\xfe",
                                      "\xff",
                                      "\xc3\xa9\xa9"}) {
    EXPECT_FALSE(IsUtf8(text)) << EncodeHex(text);
    EXPECT_FALSE(IsUtf8("12345678" + std::string(text) + "12345678")) << EncodeHex(text);
    EXPECT_FALSE(IsUtf8("1234567" + std::string(text))) << EncodeHex(text);
  }
}

}  // namespace
}  // namespace firmsign
