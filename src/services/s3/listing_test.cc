// SPDX-License-Identifier: Apache-2.0
//
// Listings against a model that looks at everything: every combination of a few prefixes, delimiters, limits and
// markers over a bucket with nested keys, old versions and delete markers, page by page.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/encoding.h"
#include "services/s3/testing/world.h"

namespace firmsign::s3 {
namespace {

// One line for each thing told, in the order of keys: "key", "group/" or "key version!".
using Lines = std::vector<std::string>;

struct Entry {
  std::string key;
  std::string version_id;
  bool is_delete_marker = false;
};

// What was written: versions of each key, newest first.
using Model = std::map<std::string, std::vector<Entry>>;

std::optional<std::string> NaiveGroup(const std::string& key, const std::string& prefix, const std::string& delimiter) {
  if (delimiter.empty()) return std::nullopt;
  const std::size_t at = key.find(delimiter, prefix.size());
  if (at == std::string::npos) return std::nullopt;
  return key.substr(0, at + delimiter.size());
}

Lines NaiveCurrent(const Model& model, const std::string& prefix, const std::string& delimiter,
                   const std::string& after) {
  Lines lines;
  std::set<std::string> groups;
  for (const auto& [key, versions] : model) {
    if (!key.starts_with(prefix) || key <= after || versions.front().is_delete_marker) continue;
    const auto group = NaiveGroup(key, prefix, delimiter);
    if (!group) {
      lines.push_back(key);
    } else if (groups.insert(*group).second) {
      lines.push_back(*group);
    }
  }
  return lines;
}

Lines NaiveVersions(const Model& model, const std::string& prefix, const std::string& delimiter) {
  Lines lines;
  std::set<std::string> groups;
  for (const auto& [key, versions] : model) {
    if (!key.starts_with(prefix)) continue;
    if (const auto group = NaiveGroup(key, prefix, delimiter)) {
      if (groups.insert(*group).second) lines.push_back(*group);
      continue;
    }
    bool is_latest = true;
    for (const Entry& entry : versions) {
      lines.push_back(key + " " + entry.version_id + (entry.is_delete_marker ? "!" : "") + (is_latest ? "*" : ""));
      is_latest = false;
    }
  }
  return lines;
}

// Keys and groups apart keep their own order; together they are in the order of their names.
void AppendPage(Lines& all, Lines keys, const std::optional<std::vector<CommonPrefix>>& groups) {
  for (const CommonPrefix& group : *groups) keys.push_back(*group.prefix);
  std::multimap<std::string, std::string> by_name;  // equal names stay in the order they came
  for (std::string& key : keys) by_name.emplace(key.substr(0, key.find(' ')), std::move(key));
  for (auto& entry : by_name) all.push_back(std::move(entry.second));
}

class Listing : public testing::Test {
 protected:
  Listing() {
    world.MakeBucket("bkt", "Enabled");
    // In an order that is not theirs; some written more often, some deleted, some deleted and written again.
    for (const char* key : {"z", "a/2", "a", "a/b/1", "a/1", "b/", "c/x", "c/y", "a0", "a/b/2", "\xc3\xbc", "b//1"}) {
      Put(key);
    }
    for (int i = 0; i < 5; ++i) Put("a/1");
    Put("z");
    for (const char* key : {"a", "c/x", "c/y", "a/2"}) Delete(key);
    Put("a/2");
    Delete("a/2");
    Put("a");
  }

  void Put(const std::string& key) {
    const auto put = world.Put({.bucket = "bkt", .key = key}, "x");
    ASSERT_TRUE(put);
    auto& versions = model[key];
    versions.insert(versions.begin(), {.key = key, .version_id = *put->version_id});
  }
  void Delete(const std::string& key) {
    const auto deleted = world.Delete({.bucket = "bkt", .key = key});
    ASSERT_TRUE(deleted);
    auto& versions = model[key];
    versions.insert(versions.begin(), {.key = key, .version_id = *deleted->version_id, .is_delete_marker = true});
  }

  Lines AllV2(const std::string& prefix, const std::string& delimiter, const std::string& start, int page) {
    Lines all;
    std::optional<std::string> token;
    do {
      const auto got = world.Do<ops::ListObjectsV2, &ListObjectsV2>({.bucket = "bkt",
                                                                     .delimiter = delimiter,
                                                                     .max_keys = page,
                                                                     .prefix = prefix,
                                                                     .continuation_token = token,
                                                                     .start_after = start});
      EXPECT_EQ(CodeOf(got), "");
      if (!got) return {};
      Lines keys;
      for (const Object& object : *got->contents) keys.push_back(*object.key);
      EXPECT_LE(*got->key_count, page);
      EXPECT_EQ(*got->key_count, static_cast<int>(keys.size() + got->common_prefixes->size()));
      EXPECT_EQ(*got->is_truncated, got->next_continuation_token.has_value());
      AppendPage(all, std::move(keys), got->common_prefixes);
      token = got->next_continuation_token;
    } while (token);
    return all;
  }

  Lines AllV1(const std::string& prefix, const std::string& delimiter, int page) {
    Lines all;
    std::optional<std::string> marker;
    while (true) {
      const auto got = world.Do<ops::ListObjects, &ListObjects>(
          {.bucket = "bkt", .delimiter = delimiter, .marker = marker, .max_keys = page, .prefix = prefix});
      EXPECT_EQ(CodeOf(got), "");
      if (!got) return {};
      Lines keys;
      for (const Object& object : *got->contents) keys.push_back(*object.key);
      marker = delimiter.empty() && !keys.empty() ? std::optional(keys.back()) : got->next_marker;
      AppendPage(all, std::move(keys), got->common_prefixes);
      if (!*got->is_truncated) return all;
    }
  }

  Lines AllVersions(const std::string& prefix, const std::string& delimiter, int page) {
    Lines all;
    std::optional<std::string> key_marker;
    std::optional<std::string> version_marker;
    while (true) {
      const auto listing = Read(*world.database, [&](db::Reader& reader) {
        return store::ListVersions(reader, {.bucket = "bkt",
                                            .prefix = prefix,
                                            .delimiter = delimiter,
                                            .limit = page,
                                            .after = key_marker,
                                            .after_version = version_marker,
                                            .skip_group_of_after = true});
      });
      EXPECT_TRUE(listing);
      if (!listing) return {};
      Lines keys;
      for (const store::Version& version : listing->versions) {
        keys.push_back(version.key + " " + version.version_id + (version.is_delete_marker ? "!" : "") +
                       (version.is_latest ? "*" : ""));
      }
      std::vector<CommonPrefix> groups;
      for (const std::string& group : listing->groups) groups.push_back({.prefix = group});
      AppendPage(all, std::move(keys), groups);
      if (!listing->is_truncated) return all;
      key_marker = listing->last;
      version_marker.reset();
      if (!listing->last_is_group) version_marker = listing->last_version_id;
    }
  }

  World world;
  Model model;
};

const char* const kPrefixes[] = {"", "a", "a/", "a/b", "a/b/", "b/", "c/", "c/x", "z", "zz", "\xc3"};
const char* const kDelimiters[] = {"", "/", "b", "/b/", "//"};
const int kPages[] = {1, 2, 3, 7, 1000};

TEST_F(Listing, TellsCurrentObjectsAsAModelDoes) {
  for (const std::string prefix : kPrefixes) {
    for (const std::string delimiter : kDelimiters) {
      for (const int page : kPages) {
        for (const std::string start : {"", "a", "a/", "a/1", "a/b/1", "b", "zz"}) {
          ASSERT_EQ(AllV2(prefix, delimiter, start, page), NaiveCurrent(model, prefix, delimiter, start))
              << "prefix " << prefix << " delimiter " << delimiter << " page " << page << " start " << start;
        }
        ASSERT_EQ(AllV1(prefix, delimiter, page), NaiveCurrent(model, prefix, delimiter, ""))
            << "prefix " << prefix << " delimiter " << delimiter << " page " << page;
      }
    }
  }
}

TEST_F(Listing, TellsVersionsAsAModelDoes) {
  for (const std::string prefix : kPrefixes) {
    for (const std::string delimiter : kDelimiters) {
      for (const int page : kPages) {
        ASSERT_EQ(AllVersions(prefix, delimiter, page), NaiveVersions(model, prefix, delimiter))
            << "prefix " << prefix << " delimiter " << delimiter << " page " << page;
      }
    }
  }
}

// More rows than one run of reading holds, in groups and in old versions.
TEST_F(Listing, GoesThroughManyRows) {
  for (int i = 0; i < 300; ++i) Put("m/" + std::to_string(i));
  for (int i = 0; i < 300; ++i) Put("n");
  Put("o");
  EXPECT_EQ(AllV2("", "/", "", 1000), NaiveCurrent(model, "", "/", ""));
  EXPECT_EQ(AllV2("", "", "", 400), NaiveCurrent(model, "", "", ""));
  EXPECT_EQ(AllVersions("", "", 130), NaiveVersions(model, "", ""));
  EXPECT_EQ(AllVersions("", "/", 130), NaiveVersions(model, "", "/"));
}

// As `delete everything, page by page` does: the marker's version is gone when the next page is asked for.
TEST_F(Listing, GoesOnBehindAVersionThatIsGone) {
  std::optional<std::string> key_marker;
  std::optional<std::string> version_marker;
  for (bool more = true; more;) {
    const auto page = world.Do<ops::ListObjectVersions, &ListObjectVersions>(
        {.bucket = "bkt", .key_marker = key_marker, .max_keys = 2, .version_id_marker = version_marker});
    ASSERT_EQ(CodeOf(page), "");
    for (const ObjectVersion& version : *page->versions) {
      ASSERT_TRUE(world.Delete({.bucket = "bkt", .key = *version.key, .version_id = version.version_id}));
    }
    for (const DeleteMarkerEntry& marker : *page->delete_markers) {
      ASSERT_TRUE(world.Delete({.bucket = "bkt", .key = *marker.key, .version_id = marker.version_id}));
    }
    more = *page->is_truncated;
    key_marker = page->next_key_marker;
    version_marker = page->next_version_id_marker;
  }
  EXPECT_EQ(CodeOf(world.Do<ops::DeleteBucket, &DeleteBucket>({.bucket = "bkt"})), "");
}

TEST_F(Listing, ChecksItsArguments) {
  const auto v2 = [&](ListObjectsV2Request input) {
    input.bucket = "bkt";
    return world.Do<ops::ListObjectsV2, &ListObjectsV2>(std::move(input));
  };
  EXPECT_EQ(CodeOf(v2({.max_keys = -1})), "InvalidArgument");
  EXPECT_EQ(CodeOf(v2({.continuation_token = "made up"})), "InvalidArgument");
  const auto none = v2({.max_keys = 0});
  EXPECT_EQ(none->is_truncated, false);
  EXPECT_EQ(none->key_count, 0);
  EXPECT_EQ(v2({.max_keys = 5000})->max_keys, 1000);
  EXPECT_EQ(CodeOf(world.Do<ops::ListObjectVersions, &ListObjectVersions>(
                {.bucket = "bkt", .version_id_marker = std::string(32, 'a')})),
            "InvalidArgument");
  EXPECT_EQ(CodeOf(world.Do<ops::ListObjectVersions, &ListObjectVersions>(
                {.bucket = "bkt", .key_marker = "a", .version_id_marker = "bad"})),
            "InvalidArgument");
}

TEST_F(Listing, EncodesNamesWhenAsked) {
  Put("plus+blank \x01");
  const auto got = world.Do<ops::ListObjectsV2, &ListObjectsV2>(
      {.bucket = "bkt", .delimiter = " ", .encoding_type = "url", .prefix = "plus+"});
  ASSERT_EQ(CodeOf(got), "");
  EXPECT_EQ(got->prefix, "plus%2B");
  EXPECT_EQ(got->delimiter, "%20");
  EXPECT_EQ(got->common_prefixes->front().prefix, "plus%2Bblank%20");
  const auto all =
      world.Do<ops::ListObjects, &ListObjects>({.bucket = "bkt", .encoding_type = "url", .prefix = "plus"});
  EXPECT_EQ(all->contents->front().key, "plus%2Bblank%20%01");
  EXPECT_EQ(all->contents->front().owner->id->size(), 64u);
}

}  // namespace
}  // namespace firmsign::s3
