// SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/s3/tags.h"
#include "services/s3/testing/world.h"

namespace firmsign::s3 {
namespace {

using testing::Contains;
using testing::Not;

std::string Told(const std::vector<Tag>& tags) {
  std::string text;
  for (const Tag& tag : tags) text += (text.empty() ? "" : ", ") + tag.key + "=" + tag.value;
  return text;
}

struct Tagged : World {
  explicit Tagged(std::string_view versioning = "") {
    MakeBucket("bkt", versioning);
    EXPECT_EQ(CodeOf(Put({.bucket = "bkt", .content_type = "text/plain", .key = "k"}, "bytes")), "");
  }
  std::string Tags(const std::string& key = "k", std::optional<std::string> version = {}) {
    const auto got =
        Do<ops::GetObjectTagging, &GetObjectTagging>({.bucket = "bkt", .key = key, .version_id = std::move(version)});
    return got ? Told(got->tag_set) : CodeOf(got);
  }
  std::string SetTags(std::vector<Tag> tags, std::optional<std::string> version = {}) {
    return CodeOf(Do<ops::PutObjectTagging, &PutObjectTagging>(
        {.bucket = "bkt", .key = "k", .version_id = std::move(version), .tagging = {.tag_set = std::move(tags)}}));
  }
};

TEST(ObjectTagging, IsReplacedAsAWholeAndRemoved) {
  Tagged world;
  EXPECT_EQ(world.Tags(), "");
  EXPECT_EQ(world.SetTags({{.key = "stage", .value = "beta"}, {.key = "a b+c=/:@", .value = "ü"}}), "");
  EXPECT_EQ(world.Tags(), "stage=beta, a b+c=/:@=ü");
  EXPECT_EQ(world.SetTags({{.key = "stage", .value = ""}}), "");
  EXPECT_EQ(world.Tags(), "stage=");
  const auto head = world.Do<ops::HeadObject, &HeadObject>({.bucket = "bkt", .key = "k"});
  EXPECT_EQ(head->tag_count, 1);
  EXPECT_EQ(head->content_type, "text/plain") << "and the other headers stay";
  const auto removed = world.Do<ops::DeleteObjectTagging, &DeleteObjectTagging>({.bucket = "bkt", .key = "k"});
  EXPECT_EQ(CodeOf(removed), "");
  EXPECT_EQ(world.Tags(), "");
  EXPECT_EQ(world.Get({.bucket = "bkt", .key = "k"})->tag_count, std::nullopt);
  EXPECT_EQ(world.Bytes("bkt", "k"), "bytes");
}

TEST(ObjectTagging, BelongsToAVersion) {
  Tagged world("Enabled");
  const auto second = world.Put({.bucket = "bkt", .key = "k", .tagging = "n=2"}, "second");
  const std::string first = [&] {
    const auto listed =
        Read(*world.database, [](db::Reader& reader) { return store::ListVersions(reader, {.bucket = "bkt"}); });
    return listed->versions.back().version_id;
  }();
  EXPECT_EQ(world.SetTags({{.key = "n", .value = "1"}}, first), "");
  EXPECT_EQ(world.Tags(), "n=2");
  EXPECT_EQ(world.Tags("k", first), "n=1");
  EXPECT_EQ(world.Tags("k", second->version_id), "n=2");
  const auto got = world.Do<ops::GetObjectTagging, &GetObjectTagging>({.bucket = "bkt", .key = "k"});
  EXPECT_EQ(got->version_id, second->version_id);
  EXPECT_EQ(CodeOf(world.Delete({.bucket = "bkt", .key = "k"})), "");
  EXPECT_EQ(world.Tags(), "NoSuchKey");
  EXPECT_EQ(world.SetTags({}), "NoSuchKey");
  EXPECT_EQ(world.Tags("k", "null"), "NoSuchVersion");
  EXPECT_EQ(world.Tags("k", "?"), "InvalidArgument");
  EXPECT_EQ(world.Tags("other"), "NoSuchKey");
}

TEST(ObjectTagging, IsGivenWithTheObject) {
  Tagged world;
  EXPECT_EQ(CodeOf(world.Put({.bucket = "bkt", .key = "p", .tagging = "a=1&b=x%2By+z"}, "x")), "");
  EXPECT_EQ(world.Tags("p"), "a=1, b=x+y z");
  const auto got = world.Get({.bucket = "bkt", .key = "p"});
  EXPECT_EQ(got->tag_count, 2);
  for (const std::string bad : {"a=1&a=2", "a=%zz", "=1"}) {
    const auto put = world.Put({.bucket = "bkt", .key = "q", .tagging = bad}, "x");
    EXPECT_EQ(CodeOf(put), bad == "=1" ? "InvalidTag" : "InvalidArgument") << bad;
  }
  EXPECT_EQ(world.Tags("q"), "NoSuchKey");
}

TEST(ObjectTagging, OfACopyIsTheSourcesUnlessReplaced) {
  Tagged world;
  EXPECT_EQ(world.SetTags({{.key = "n", .value = "1"}}), "");
  const auto copy = [&](CopyObjectRequest input) {
    input.bucket = "bkt";
    input.copy_source = "bkt/k";
    return CodeOf(world.Do<ops::CopyObject, &CopyObject>(std::move(input)));
  };
  EXPECT_EQ(copy({.key = "same"}), "");
  EXPECT_EQ(world.Tags("same"), "n=1");
  EXPECT_THAT(world.gateway.required, Contains("s3:GetObjectTagging arn:aws:s3:::bkt/k"));
  EXPECT_THAT(world.gateway.required, Contains("s3:PutObjectTagging arn:aws:s3:::bkt/same"));
  world.gateway.required.clear();
  EXPECT_EQ(copy({.key = "other", .tagging_directive = "REPLACE", .tagging = "m=2"}), "");
  EXPECT_EQ(world.Tags("other"), "m=2");
  EXPECT_THAT(world.gateway.required, Not(Contains("s3:GetObjectTagging arn:aws:s3:::bkt/k")));
  EXPECT_EQ(copy({.key = "none", .tagging_directive = "REPLACE"}), "");
  EXPECT_EQ(world.Tags("none"), "");
}

TEST(ObjectTagging, RefusesWhatIsNoTag) {
  Tagged world;
  const std::string long_key(128, 'k');
  const std::string long_value(256, 'v');
  EXPECT_EQ(world.SetTags({{.key = long_key, .value = long_value}}), "");
  EXPECT_EQ(world.SetTags({{.key = long_key + "k", .value = ""}}), "InvalidTag");
  EXPECT_EQ(world.SetTags({{.key = "k", .value = long_value + "v"}}), "InvalidTag");
  EXPECT_EQ(world.SetTags({{.key = "a", .value = "1"}, {.key = "a", .value = "2"}}), "InvalidTag");
  EXPECT_EQ(world.SetTags({{.key = "AWS:mine", .value = "1"}}), "InvalidTag");
  EXPECT_EQ(world.SetTags({{.key = "a&b", .value = "1"}}), "InvalidTag");
  EXPECT_EQ(world.SetTags({{.key = "a", .value = "\xff"}}), "InvalidTag");
  std::vector<Tag> eleven;
  for (int i = 0; i < 11; ++i) eleven.push_back({.key = "k" + std::to_string(i), .value = "v"});
  EXPECT_EQ(world.SetTags(eleven), "BadRequest");
  eleven.pop_back();
  EXPECT_EQ(world.SetTags(eleven), "");
}

TEST(Tags, CountCharactersAndNotBytes) {
  std::string key;
  for (int i = 0; i < 128; ++i) key += "\xe6\x97\xa5";
  EXPECT_EQ(JudgeTags({{.key = key, .value = ""}}), TagProblem::kNone);
  EXPECT_EQ(JudgeTags({{.key = key + "x", .value = ""}}), TagProblem::kKey);
}

}  // namespace
}  // namespace firmsign::s3
