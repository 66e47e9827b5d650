// SPDX-License-Identifier: Apache-2.0

#include "base/secret.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <new>
#include <type_traits>

namespace firmsign {
namespace {

constexpr SecretAccess kTest("test");
constexpr std::string_view kLong = "a secret that is too long to lie inside the string itself";

// True when the memory of `text`, also beyond its end, holds nothing but zeros.
bool IsWiped(const std::string& text) {
  return std::all_of(text.data(), text.data() + text.capacity() + 1, [](char c) { return c == 0; });
}

TEST(Wipe, OverwritesTheWholeBuffer) {
  std::string text(kLong);
  text.reserve(200);
  text.resize(5);  // the rest of the secret still lies behind the end
  Wipe(text);
  EXPECT_TRUE(text.empty());
  EXPECT_GE(text.capacity(), 200U);
  EXPECT_TRUE(IsWiped(text));
}

TEST(SecretBytes, GivesBackWhatItHolds) {
  const SecretBytes secret{std::string(kLong)};
  EXPECT_EQ(secret.Reveal(kTest), kLong);
  EXPECT_EQ(secret.size(), kLong.size());
  EXPECT_FALSE(secret.empty());
  EXPECT_TRUE(SecretBytes().empty());
}

TEST(SecretBytes, WipesItselfWhenItDies) {
  // Short enough to lie inside the object, so that the place can be looked at afterwards.
  alignas(SecretBytes) unsigned char place[sizeof(SecretBytes)] = {};
  auto* secret = new (place) SecretBytes(std::string("short secret"));
  const auto* bytes = reinterpret_cast<const unsigned char*>(secret->Reveal(kTest).data());
  ASSERT_TRUE(bytes >= place && bytes < place + sizeof place);
  const auto offset = static_cast<std::size_t>(bytes - place);
  secret->~SecretBytes();
  // A volatile read, so that the compiler does not decide what a dead object holds.
  const volatile unsigned char* left = place;
  for (std::size_t i = 0; i < 12; ++i) EXPECT_EQ(left[offset + i], 0) << i;
}

TEST(SecretBytes, LeavesNothingBehindWhenMoved) {
  for (const std::string_view text : {std::string_view("short"), kLong}) {
    SecretBytes from{std::string(text)};
    SecretBytes to(std::move(from));
    EXPECT_EQ(to.Reveal(kTest), text);
    EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move)
    const std::string_view left(from.Reveal(kTest).data(), 5);
    EXPECT_EQ(left, std::string_view("\0\0\0\0\0", 5));

    SecretBytes assigned{std::string("before")};
    assigned = std::move(to);
    EXPECT_EQ(assigned.Reveal(kTest), text);
    EXPECT_TRUE(to.empty());  // NOLINT(bugprone-use-after-move)
  }
}

TEST(SecretBytes, CopiesAndSurvivesAssigningItself) {
  SecretBytes secret{std::string(kLong)};
  SecretBytes copy(secret);
  EXPECT_EQ(copy.Reveal(kTest), kLong);
  const SecretBytes& same = copy;
  copy = same;
  EXPECT_EQ(copy.Reveal(kTest), kLong);
  copy = SecretBytes(std::string("other"));
  EXPECT_EQ(copy.Reveal(kTest), "other");
  EXPECT_EQ(secret.Reveal(kTest), kLong);
}

template <class T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };

TEST(SecretBytes, CannotBePrintedOrBecomeAString) {
  static_assert(!Printable<SecretBytes>);
  static_assert(!std::is_convertible_v<SecretBytes, std::string_view>);
  static_assert(!std::is_convertible_v<std::string, SecretBytes>);
}

TEST(ConstantTimeEquals, ComparesEveryByte) {
  EXPECT_TRUE(ConstantTimeEquals("", ""));
  EXPECT_TRUE(ConstantTimeEquals("abc", "abc"));
  EXPECT_FALSE(ConstantTimeEquals("abc", "abd"));
  EXPECT_FALSE(ConstantTimeEquals("abc", "xbc"));
  EXPECT_FALSE(ConstantTimeEquals("abc", "ab"));
  EXPECT_FALSE(ConstantTimeEquals("abc", std::string_view("abc\0", 4)));
  EXPECT_FALSE(ConstantTimeEquals("\x01", "\x81"));
}

}  // namespace
}  // namespace firmsign
