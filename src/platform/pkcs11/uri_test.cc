// SPDX-License-Identifier: Apache-2.0

#include "platform/pkcs11/uri.h"

#include <gtest/gtest.h>

namespace firmsign::pkcs11 {
namespace {

TEST(TokenUri, SaysWhichTokenOfWhichModuleAndWhereThePinIs) {
  const std::string text = "pkcs11:token=my%20token?module-path=/usr/lib/m.so&pin-source=file:/etc/pin";
  const auto uri = ParseTokenUri(text, "");
  ASSERT_TRUE(uri) << uri.error().message;
  EXPECT_EQ(uri->text, text);
  EXPECT_EQ(uri->module_path, "/usr/lib/m.so");
  EXPECT_EQ(uri->pin_file, "/etc/pin");
}

TEST(TokenUri, TakesEverySpellingOfAPinSource) {
  const std::string start = "pkcs11:serial=1?module-path=/m.so";
  const auto pin_file = [&](const std::string& rest) {
    return ParseTokenUri(start + rest, "/run/credentials")->pin_file;
  };
  EXPECT_EQ(pin_file(""), "");
  EXPECT_EQ(pin_file("&pin-source=/etc/pin"), "/etc/pin");
  EXPECT_EQ(pin_file("&pin-source=file:///etc/pin"), "/etc/pin");
  EXPECT_EQ(pin_file("&pin-source=credential:pin"), "/run/credentials/pin");
}

TEST(TokenUri, RefusesWhatNamesNoTokenOrModuleOrHoldsThePin) {
  const auto why = [](const std::string& text) {
    const auto uri = ParseTokenUri(text, "");
    return uri ? std::string("it is accepted") : uri.error().message;
  };
  EXPECT_NE(why("token=a").find("no PKCS#11 URI"), std::string::npos);
  EXPECT_NE(why("pkcs11:?module-path=/m.so").find("names no token"), std::string::npos);
  EXPECT_NE(why("pkcs11:token=a").find("names no module"), std::string::npos);
  EXPECT_NE(why("pkcs11:token=a?module-path=m.so").find("names no module"), std::string::npos);
  EXPECT_NE(why("pkcs11:token=a?module-path=/m.so&pin-value=1234").find("a PIN does not belong"), std::string::npos);
  EXPECT_NE(why("pkcs11:token=a?module-path=/m.so&pin-source=pin").find("absolute path"), std::string::npos);
  EXPECT_NE(why("pkcs11:token=a?module-path=/m.so&pin-source=credential:a/b").find("no slash"), std::string::npos);
  EXPECT_NE(why("pkcs11:token=a?module-path=/m.so&pin-source=credential:a").find("CREDENTIALS"), std::string::npos);
}

}  // namespace
}  // namespace firmsign::pkcs11
