// SPDX-License-Identifier: Apache-2.0
//
// Errors about the body itself, in S3's words: no other service has streaming bodies or checksums in headers.

#pragma once

#include "aws/shape.h"

namespace firmsign::gateway {

inline constexpr aws::ErrorShape kBadDigest{.name = "BadDigest", .wire_code = "BadDigest", .http_status = 400};
inline constexpr aws::ErrorShape kEntityTooLarge{
    .name = "EntityTooLarge", .wire_code = "EntityTooLarge", .http_status = 400};
inline constexpr aws::ErrorShape kEntityTooSmall{
    .name = "EntityTooSmall", .wire_code = "EntityTooSmall", .http_status = 400};
inline constexpr aws::ErrorShape kIncompleteBody{
    .name = "IncompleteBody", .wire_code = "IncompleteBody", .http_status = 400};
inline constexpr aws::ErrorShape kInvalidArgument{
    .name = "InvalidArgument", .wire_code = "InvalidArgument", .http_status = 400};
inline constexpr aws::ErrorShape kInvalidDigest{
    .name = "InvalidDigest", .wire_code = "InvalidDigest", .http_status = 400};
inline constexpr aws::ErrorShape kInvalidRequest{
    .name = "InvalidRequest", .wire_code = "InvalidRequest", .http_status = 400};
inline constexpr aws::ErrorShape kInvalidPolicyDocument{
    .name = "InvalidPolicyDocument", .wire_code = "InvalidPolicyDocument", .http_status = 400};
inline constexpr aws::ErrorShape kMalformedPostRequest{
    .name = "MalformedPOSTRequest", .wire_code = "MalformedPOSTRequest", .http_status = 400};
inline constexpr aws::ErrorShape kMalformedTrailer{
    .name = "MalformedTrailerError", .wire_code = "MalformedTrailerError", .http_status = 400};
inline constexpr aws::ErrorShape kMissingContentLength{
    .name = "MissingContentLength", .wire_code = "MissingContentLength", .http_status = 411};
inline constexpr aws::ErrorShape kPostFieldsTooLarge{
    .name = "MaxPostPreDataLengthExceeded", .wire_code = "MaxPostPreDataLengthExceededError", .http_status = 400};
inline constexpr aws::ErrorShape kNotImplemented{
    .name = "NotImplemented", .wire_code = "NotImplemented", .http_status = 501};

}  // namespace firmsign::gateway
