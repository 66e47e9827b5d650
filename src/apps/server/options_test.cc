// SPDX-License-Identifier: Apache-2.0

#include "apps/server/options.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cctype>
#include <cstdlib>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

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
  EXPECT_FALSE(ApplySetting("s3.domains=[\"s3.example\"]", options));
  EXPECT_FALSE(ApplySetting("s3.domains=a,,b", options));
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
  EXPECT_FALSE(ApplySetting("s3.upload_hours_max=23", options)) << "a node that was stopped may commit late";
  EXPECT_TRUE(ApplySetting("s3.upload_hours_max=24", options));
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

// A row of the reference page.
struct Row {
  std::string name;
  std::string default_value;
  std::string bounds;
};

std::vector<Row> ReferenceRows() {
  std::vector<Row> rows;
  std::istringstream lines(OptionsReference());
  for (std::string line; std::getline(lines, line);) {
    static const std::string kRow = "| `";
    if (!line.starts_with(kRow)) continue;
    const std::size_t meaning = line.find("` | ");
    const std::size_t value = line.find(" | `", meaning);
    const std::size_t bounds = line.find("` | ", value);
    rows.push_back({.name = line.substr(kRow.size(), meaning - kRow.size()),
                    .default_value = line.substr(value + 4, bounds - value - 4),
                    .bounds = line.substr(bounds + 4, line.size() - 2 - bounds - 4)});
  }
  return rows;
}

struct Bounds {
  std::int64_t min = 0;
  std::int64_t max = 0;
};

std::optional<Bounds> NumericBounds(const Row& row) {
  const std::size_t to = row.bounds.find(" to ");
  if (to == std::string::npos) return std::nullopt;
  return Bounds{std::stoll(row.bounds.substr(0, to)), std::stoll(row.bounds.substr(to + 4))};
}

// A value that the option takes and that is not its default, as TOML.
std::string OtherValue(const Row& row) {
  if (row.default_value == "true") return "false";
  if (row.default_value == "false") return "true";
  if (row.default_value.starts_with('[')) return "[\"other.example\", \"another.example\"]";
  if (const auto bounds = NumericBounds(row)) {
    return std::to_string(std::to_string(bounds->min) == row.default_value ? bounds->max : bounds->min);
  }
  if (!row.bounds.empty()) return '"' + row.bounds.substr(row.bounds.rfind('|') + 1) + '"';
  return "\"other\"";
}

TEST(Options, EachOptionOfTheTableHasAFieldOfItsOwn) {
  const std::vector<Row> rows = ReferenceRows();
  ASSERT_GT(rows.size(), 30u);
  std::vector<Options> changed;
  for (const Row& row : rows) {
    Options options;
    const TemporaryFile other(row.name + " = " + OtherValue(row) + "\n");
    const auto applied = ApplyToml(other.path(), options);
    ASSERT_TRUE(applied) << applied.error().message;
    EXPECT_FALSE(options == Options()) << row.name;
    for (const Options& before : changed) EXPECT_FALSE(options == before) << row.name << " changes another's field";
    changed.push_back(options);

    const TemporaryFile back(row.name + " = " + row.default_value + "\n");
    ASSERT_TRUE(ApplyToml(back.path(), options)) << row.name;
    EXPECT_TRUE(options == Options()) << row.name << ": the default of the reference is not the field's";
  }
}

TEST(Options, BoundsAreInclusiveAndKept) {
  int with_bounds = 0;
  for (const Row& row : ReferenceRows()) {
    const auto bounds = NumericBounds(row);
    if (!bounds) continue;
    ++with_bounds;
    Options options;
    const auto set = [&](std::int64_t value) { return ApplySetting(row.name + "=" + std::to_string(value), options); };
    EXPECT_TRUE(set(bounds->min)) << row.name;
    EXPECT_TRUE(set(bounds->max)) << row.name;
    EXPECT_FALSE(set(bounds->min - 1)) << row.name;
    EXPECT_EQ(set(bounds->max + 1).error().code, Code::kInvalid) << row.name;
  }
  EXPECT_GT(with_bounds, 15);
}

TEST(Options, AFileWithAnUnknownKeyIsRefusedWithItsLineAndASuggestion) {
  const TemporaryFile file("[s3]\n\ninline_byte_max = 5\n");
  Options options;
  EXPECT_EQ(ApplyToml(file.path(), options).error().message,
            file.path() + ":3: there is no option s3.inline_byte_max; did you mean s3.inline_bytes_max?");
  const TemporaryFile syntax("[s3]\ninline_bytes_max = 64 KiB\n");
  EXPECT_TRUE(ApplyToml(syntax.path(), options).error().message.starts_with(syntax.path() + ":2: "));
  EXPECT_EQ(ApplyToml(file.path() + ".absent", options).error().code, Code::kNotFound);
}

TEST(Options, TheReferenceListsEveryOptionOfTheSample) {
  const std::string reference = OptionsReference();
  EXPECT_NE(reference.find("`signer.lease_seconds`"), std::string::npos);
  EXPECT_NE(reference.find("`log.level`"), std::string::npos);
}

}  // namespace
}  // namespace firmsign::server
