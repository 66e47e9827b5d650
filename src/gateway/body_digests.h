// SPDX-License-Identifier: Apache-2.0
//
// What an S3 client says of a body that is held in memory: Content-MD5 and x-amz-checksum-* (contract §8.5).
//
// Handlers see the parsed body and not its bytes, so this is checked here, once for all operations. Bodies that are
// streamed are checked where they are staged.

#pragma once

#include <expected>
#include <string_view>

#include "aws/api_error.h"
#include "aws/operation.h"
#include "platform/http/message.h"

namespace firmsign::gateway {

// In S3's words: InvalidDigest or InvalidRequest for a digest that cannot be one or for several, BadDigest for one that
// differs, NotImplemented for an algorithm that we do not have, InvalidRequest where one is demanded and none is there.
// A checksum header that the operation binds as a member is the handler's: CompleteMultipartUpload speaks of the
// object.
std::expected<void, aws::ApiError> CheckBodyDigests(const http::RequestHead& head,
                                                    const aws::OperationDescriptor& operation, std::string_view body);

}  // namespace firmsign::gateway
