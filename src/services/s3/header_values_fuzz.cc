// SPDX-License-Identifier: Apache-2.0
//
// The values of S3's own request headers: a range lies inside the object, a copy source names bucket and key, tags
// are read back as they were written.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "services/s3/copy_source.h"
#include "services/s3/range.h"
#include "services/s3/tags.h"

namespace firmsign::s3 {
namespace {

void CheckRange(std::string_view text) {
  for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{100}, UINT64_MAX / 2}) {
    const RangeChoice choice = ChooseRange(text, size);
    if (choice.outcome == RangeOutcome::kWhole) CHECK(choice.range.first == 0 && choice.range.length == size);
    if (choice.outcome != RangeOutcome::kPart) continue;
    CHECK(choice.range.length > 0 && choice.range.first < size && choice.range.length <= size - choice.range.first);
    if (const auto copied = ParseCopyRange(text, size)) CHECK(copied->first == choice.range.first);
  }
}

void CheckTags(std::string_view text) {
  const auto tags = ParseTags(text);
  if (!tags) return;
  const std::string written = FormatTags(*tags);
  const auto again = ParseTags(written);
  CHECK(again && again->size() == tags->size());
  CHECK(FormatTags(*again) == written);
  if (JudgeTags(*tags) == TagProblem::kNone) CHECK(tags->size() <= kTagsMax);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  CheckRange(text);
  CheckTags(text);
  if (const auto source = ParseCopySource(text)) CHECK(!source->bucket.empty() && !source->key.empty());
  CHECK(!MatchesEtag(text, "an etag") || text.find("an etag") != std::string_view::npos ||
        text.find('*') != std::string_view::npos);
  return 0;
}

}  // namespace firmsign::s3
