// SPDX-License-Identifier: Apache-2.0

#include "services/signer/page_token.h"

#include <gmock/gmock.h>

#include "base/encoding.h"
#include "services/signer/testing/world.h"

namespace firmsign::signer {
namespace {

class PageToken : public SignerTest {};

TEST_F(PageToken, LeadsBackToItsPositionInItsList) {
  const std::string token = FormatPageToken(*keyring, "list", "position");
  EXPECT_EQ(ParsePageToken(*keyring, "list", token), "position");
  EXPECT_EQ(ParsePageToken(*keyring, "other", token), std::nullopt);
  EXPECT_EQ(ParsePageToken(*keyring, "lis", FormatPageToken(*keyring, "list", "")), std::nullopt);
}

TEST_F(PageToken, IsRefusedWhenAnyBitOfItWasChanged) {
  const std::string bytes = *DecodeBase64(FormatPageToken(*keyring, "list", "17/abc"));
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string changed = bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(ParsePageToken(*keyring, "list", EncodeBase64(changed)), std::nullopt) << bit;
  }
  EXPECT_EQ(ParsePageToken(*keyring, "list", ""), std::nullopt);
  EXPECT_EQ(ParsePageToken(*keyring, "list", "not base64!"), std::nullopt);
}

TEST_F(PageToken, BelongsToTheFiltersThatItCameFrom) {
  for (const char* name : {"one", "two", "three"}) MustPut(name);
  const auto list = [&](ListSigningProfilesRequest request) {
    return Call<ops::ListSigningProfiles, &ListSigningProfiles>(std::move(request));
  };
  ListSigningProfilesRequest request;
  request.max_results = 1;
  const auto first = list(request);
  ASSERT_TRUE(first && first->next_token);
  request.next_token = first->next_token;
  request.max_results = 2;
  EXPECT_EQ(NameOfError(list(request)), "no error") << "the size of a page may change";
  request.platform_id = kIot;
  EXPECT_EQ(NameOfError(list(request)), "ValidationException");
  request.platform_id.reset();
  gateway.facts.region = Region("eu-west-1");
  EXPECT_EQ(NameOfError(list(request)), "ValidationException");
}

TEST(JobPosition, SurvivesBeingWritten) {
  const JobPosition position{.at = Instant{-5}, .id = "a/b"};
  EXPECT_EQ(ParseJobPosition(FormatJobPosition(position)), position);
  for (const char* text : {"", "5", "/x", "x/5", "99999999999999999999/x"}) {
    EXPECT_EQ(ParseJobPosition(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace firmsign::signer
