// SPDX-License-Identifier: Apache-2.0
//
// The tags of an object or of a bucket. In x-amz-tagging and at rest they are "key=value&key=value", percent-encoded.
//
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html

#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/api_error.h"
#include "model/s3.h"
#include "services/s3/refuse.h"
#include "services/s3/store.h"

namespace firmsign::s3 {

inline constexpr std::size_t kTagsMax = 10;
inline constexpr std::size_t kBucketTagsMax = 50;
inline constexpr std::size_t kTagKeyCharactersMax = 128;
inline constexpr std::size_t kTagValueCharactersMax = 256;

// nullopt when the text is not in percent-encoding. Nothing else of the tags is judged.
std::optional<std::vector<Tag>> ParseTags(std::string_view text);
std::string FormatTags(const std::vector<Tag>& tags);

// Of a version that is kept: (key, value).
std::vector<std::pair<std::string, std::string>> TagsIn(const store::Version& version);

enum class TagProblem { kNone, kTooMany, kKey, kValue, kReserved, kRepeated };
// The first thing that is wrong with tags that a client sent.
TagProblem JudgeTags(const std::vector<Tag>& tags, std::size_t count_max = kTagsMax);

template <class Op>
std::expected<void, aws::OperationError<Op>> RefuseBadTags(const std::vector<Tag>& tags,
                                                           std::size_t count_max = kTagsMax) {
  switch (JudgeTags(tags, count_max)) {
    case TagProblem::kNone: break;
    case TagProblem::kTooMany:
      return aws::Refuse<errors::BadRequest>((count_max == kTagsMax ? "Object" : "Bucket") +
                                             (" tags cannot be greater than " + std::to_string(count_max)));
    case TagProblem::kKey: return aws::Refuse<errors::InvalidTag>("The TagKey you have provided is invalid");
    case TagProblem::kValue: return aws::Refuse<errors::InvalidTag>("The TagValue you have provided is invalid");
    case TagProblem::kReserved:
      return aws::Refuse<errors::InvalidTag>("System tags cannot be added/updated by requester");
    case TagProblem::kRepeated:
      return aws::Refuse<errors::InvalidTag>("Cannot provide multiple Tags with the same key");
  }
  return {};
}

// What x-amz-tagging says, in the form in which it is kept; nullopt when there are no tags.
template <class Op>
std::expected<std::optional<std::string>, aws::OperationError<Op>> TagsToKeep(const std::optional<std::string>& text) {
  if (!text || text->empty()) return std::nullopt;
  const auto tags = ParseTags(*text);
  if (!tags || JudgeTags(*tags) == TagProblem::kRepeated) {
    return RefuseArgument(
        "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name "
        "duplicates.",
        "x-amz-tagging", *text);
  }
  if (auto refused = RefuseBadTags<Op>(*tags); !refused) return std::unexpected(std::move(refused).error());
  return FormatTags(*tags);
}

}  // namespace firmsign::s3
