// SPDX-License-Identifier: Apache-2.0

#include "apps/server/options.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cctype>
#include <cstdlib>
#include <string>

#include "platform/files/file.h"

namespace firmsign::server {
namespace {

class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view text) {
    char path[] = "/tmp/firmsign-options-XXXXXX";
    const int descriptor = mkstemp(path);
    EXPECT_GE(descriptor, 0);
    close(descriptor);
    path_ = path;
    EXPECT_TRUE(files::WriteFileAtomically(path_, text));
  }
  ~TemporaryFile() { static_cast<void>(files::RemoveFile(path_)); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(Options, SettingsReachTheirFields) {
  Options options;
  ASSERT_TRUE(ApplySetting("http.pool_threads=7", options));
  ASSERT_TRUE(ApplySetting("limits.enabled=false", options));
  ASSERT_TRUE(ApplySetting("log.level=debug", options));
  ASSERT_TRUE(ApplySetting("region.regions=us-east-1,eu-west-1", options));
  EXPECT_EQ(options.http.pool_threads, 7);
  EXPECT_FALSE(options.limits.enabled);
  EXPECT_EQ(options.log.level, "debug");
  EXPECT_EQ(options.region.regions, (std::vector<std::string>{"us-east-1", "eu-west-1"}));
}

TEST(Options, RefusesWhatItDoesNotKnow) {
  Options options;
  EXPECT_EQ(ApplySetting("limits.enabeld=false", options).error().message,
            "there is no option limits.enabeld; did you mean limits.enabled?");
  EXPECT_EQ(ApplySetting("colour=red", options).error().message, "there is no option colour");
  EXPECT_EQ(ApplySetting("data", options).error().message, "--set data: give name=value");
}

TEST(Options, RefusesValuesOutOfBounds) {
  Options options;
  EXPECT_FALSE(ApplySetting("http.pool_threads=0", options));
  EXPECT_FALSE(ApplySetting("http.pool_threads=many", options));
  EXPECT_FALSE(ApplySetting("limits.enabled=perhaps", options));
  EXPECT_FALSE(ApplySetting("log.format=yaml", options));
  EXPECT_EQ(options.http.pool_threads, Options().http.pool_threads);
}

TEST(Options, ReadsAFileAndNamesTheLineOfAMistake) {
  const TemporaryFile good("[listen]\naddress = \"127.0.0.1:0\"\n[s3]\ndomains = [\"a.example\", \"b.example\"]\n");
  Options options;
  ASSERT_TRUE(ApplyToml(good.path(), options));
  EXPECT_EQ(options.listen.address, "127.0.0.1:0");
  EXPECT_EQ(options.s3.domains, (std::vector<std::string>{"a.example", "b.example"}));

  const TemporaryFile bad("[http]\n\nio_threads = \"two\"\n");
  EXPECT_EQ(ApplyToml(bad.path(), options).error().message, bad.path() + ":3: http.io_threads takes an integer");
}

TEST(Options, TheSampleWithEveryCommentRemovedChangesNothing) {
  std::string sample;
  std::string line;
  // A line of an option is "# name = value"; the comment above it has a capital letter.
  for (const char c : SampleConfiguration()) {
    if (c != '\n') {
      line.push_back(c);
      continue;
    }
    const bool is_option =
        line.starts_with("# ") && line.find(" = ") != std::string::npos && std::islower(line[2]) != 0;
    if (is_option || line.starts_with("[")) sample += (is_option ? line.substr(2) : line) + "\n";
    line.clear();
  }
  ASSERT_NE(sample.find("pool_threads = 128"), std::string::npos);
  const TemporaryFile file(sample);
  Options options;
  options.http.pool_threads = 3;
  const auto applied = ApplyToml(file.path(), options);
  ASSERT_TRUE(applied) << applied.error().message;
  EXPECT_EQ(options.http.pool_threads, Options().http.pool_threads);
}

TEST(Options, TheReferenceListsEveryOptionOfTheSample) {
  const std::string reference = OptionsReference();
  EXPECT_NE(reference.find("`signer.lease_seconds`"), std::string::npos);
  EXPECT_NE(reference.find("`log.level`"), std::string::npos);
}

}  // namespace
}  // namespace firmsign::server
