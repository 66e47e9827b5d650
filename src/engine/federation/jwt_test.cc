// SPDX-License-Identifier: Apache-2.0

#include "engine/federation/jwt.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "platform/crypto/ecdsa.h"

namespace firmsign::federation {
namespace {

using ::testing::ElementsAre;

constexpr Instant kNow = InstantFromSeconds(1'700'000'000);

// RFC 7515, appendices A.2 (RS256) and A.3 (ES256): token and key.
constexpr std::string_view kRs256 =
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
    "fQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
    "O8W2Fp5jujGbds9uJdbF9CUAr7t1"
    "dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--"
    "xi12jzDwu"
    "sC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_"
    "IoypGlUPQGe77Rw";
constexpr std::string_view kRsaKey =
    R"({"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"})";
constexpr std::string_view kEs256 =
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
    "fQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
constexpr std::string_view kEcKey =
    R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";

std::vector<JsonWebKey> KeysOf(std::string_view key) {
  return ParseKeySet(fmt::format(R"({{"keys":[{}]}})", key)).value();
}

std::string Unsigned(std::string_view header, std::string_view claims) {
  return EncodeBase64Url(header) + "." + EncodeBase64Url(claims) + "." + EncodeBase64Url("signature");
}

TEST(Jwt, IsKnownByTheKeysOfTheStandard) {
  const auto rsa = ParseJwt(kRs256);
  const auto ec = ParseJwt(kEs256);
  ASSERT_TRUE(rsa && ec);
  EXPECT_EQ(rsa->Text("iss"), "joe");
  EXPECT_TRUE(IsSignedByOneOf(*rsa, KeysOf(kRsaKey)));
  EXPECT_TRUE(IsSignedByOneOf(*ec, KeysOf(kEcKey)));
  EXPECT_FALSE(IsSignedByOneOf(*rsa, KeysOf(kEcKey))) << "a key of another type";
  EXPECT_FALSE(IsSignedByOneOf(*ec, KeysOf(kRsaKey)));
  EXPECT_TRUE(IsSignedByOneOf(*ec, ParseKeySet(fmt::format(R"({{"keys":[{},{}]}})", kRsaKey, kEcKey)).value()));
}

TEST(Jwt, IsRefusedWithAnyBitChanged) {
  const std::vector<JsonWebKey> keys = KeysOf(kEcKey);
  for (std::size_t i = 0; i < kEs256.size(); ++i) {
    std::string changed(kEs256);
    // Not the last character of a part: some of its bits mean nothing.
    if (i + 1 == changed.size() || changed[i + 1] == '.' || changed[i] == '.') continue;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    const auto token = ParseJwt(changed);
    EXPECT_FALSE(token && IsSignedByOneOf(*token, keys)) << i;
  }
}

TEST(Jwt, IsRefusedWithAnAlgorithmThatAnybodyCouldUse) {
  for (const char* algorithm : {"none", "None", "HS256", "HS512", "PS256", "EdDSA", "ES512", "", "RS1"}) {
    EXPECT_FALSE(ParseJwt(Unsigned(fmt::format(R"({{"alg":"{}"}})", algorithm), "{}"))) << algorithm;
  }
  EXPECT_TRUE(ParseJwt(Unsigned(R"({"alg":"RS256"})", "{}")));
}

TEST(Jwt, IsRefusedInAnyOtherForm) {
  const std::string good = Unsigned(R"({"alg":"RS256"})", "{}");
  for (const std::string& bad :
       {std::string(), std::string("a.b"), good + ".x", "." + good, good.substr(0, good.rfind('.') + 1), good + "=",
        Unsigned(R"({"alg":"RS256","crit":["exp"]})", "{}"), Unsigned(R"({"alg":"RS256","b64":false})", "{}"),
        Unsigned(R"({"alg":["RS256"]})", "{}"), Unsigned(R"({"alg":"RS256"})", "[]"), Unsigned("[]", "{}"),
        Unsigned(R"({"alg":"RS256"})", R"({"a":1,"a":2})"),
        Unsigned(R"({"alg":"RS256"})", R"({"sub":"somebody","Sub":"anybody"})"), std::string(kTokenBytesMax + 1, 'a'),
        Unsigned(R"({"alg":"RS256"})", std::string(100, '[') + std::string(100, ']'))}) {
    EXPECT_FALSE(ParseJwt(bad)) << bad.substr(0, 80);
  }
}

TEST(Jwt, GoesByTheIdOfItsKey) {
  auto token = ParseJwt(kEs256).value();
  std::vector<JsonWebKey> keys = KeysOf(kEcKey);
  keys[0].id = "one";
  EXPECT_TRUE(MayKnow(token, keys) && IsSignedByOneOf(token, keys)) << "it names none";
  token.key_id = "two";
  EXPECT_FALSE(MayKnow(token, keys) || IsSignedByOneOf(token, keys));
  token.key_id = "one";
  EXPECT_TRUE(MayKnow(token, keys) && IsSignedByOneOf(token, keys));
  keys[0].algorithm = "ES384";
  EXPECT_FALSE(IsSignedByOneOf(token, keys)) << "the key is for another algorithm";
}

TEST(KeySet, PassesOverWhatItCannotUse) {
  EXPECT_TRUE(KeysOf(R"({"kty":"oct","k":"AQAB"})").empty());
  EXPECT_TRUE(KeysOf(R"({"kty":"RSA","n":"AQAB","e":"AQAB"})").empty()) << "24 bits";
  EXPECT_TRUE(KeysOf(R"({"kty":"EC","crv":"P-256","x":"AQAB","y":"AQAB"})").empty());
  EXPECT_TRUE(KeysOf(R"({"kty":"EC","crv":"P-256","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE",
                         "y":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE"})")
                  .empty())
      << "not on the curve";
  std::string encryption(kEcKey);
  encryption.insert(1, R"("use":"enc",)");
  EXPECT_TRUE(KeysOf(encryption).empty());
  EXPECT_FALSE(ParseKeySet("{}"));
  EXPECT_FALSE(ParseKeySet(R"({"keys":7})"));
  EXPECT_FALSE(ParseKeySet(""));
}

TEST(Jwt, IsValidForItsTime) {
  const auto time = [](std::string_view claims) {
    return TimeOf(ParseJwt(Unsigned(R"({"alg":"RS256"})", claims)).value(), kNow);
  };
  EXPECT_EQ(time(R"({"exp":1700000001})"), TokenTime::kValid);
  EXPECT_EQ(time(R"({"exp":1700000001.5,"nbf":1699999999,"iat":1699999999})"), TokenTime::kValid);
  EXPECT_EQ(time(R"({"exp":1699999941})"), TokenTime::kValid) << "clocks differ";
  EXPECT_EQ(time(R"({"exp":1699999940})"), TokenTime::kExpired);
  EXPECT_EQ(time(R"({"exp":1700000600,"nbf":1700000061})"), TokenTime::kNotYet);
  EXPECT_EQ(time(R"({"exp":1700000600,"iat":1700000061})"), TokenTime::kNotYet);
  EXPECT_EQ(time("{}"), TokenTime::kNone);
  EXPECT_EQ(time(R"({"exp":"1700000600"})"), TokenTime::kNone);
  EXPECT_EQ(time(R"({"exp":1e300})"), TokenTime::kNone);
  EXPECT_EQ(time(R"({"exp":-1})"), TokenTime::kNone);
  EXPECT_EQ(time(R"({"exp":1700000600,"nbf":"later"})"), TokenTime::kNone);
}

TEST(Jwt, TellsClaimsThatAreTexts) {
  const auto token = ParseJwt(Unsigned(R"({"alg":"RS256"})", R"({"a":"x","b":["y","z",7],"c":7})")).value();
  EXPECT_EQ(token.Text("a"), "x");
  EXPECT_EQ(token.Text("b"), "");
  EXPECT_THAT(token.Texts("b"), ElementsAre("y", "z"));
  EXPECT_THAT(token.Texts("a"), ElementsAre("x"));
  EXPECT_TRUE(token.Texts("c").empty());
  EXPECT_TRUE(token.Texts("d").empty());
}

}  // namespace
}  // namespace firmsign::federation
