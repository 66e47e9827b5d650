// SPDX-License-Identifier: Apache-2.0
//
// A browser's upload (S3's POST) as the PutObject that it means: the form's fields become the request's headers, and
// the file its body.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html

#pragma once

#include <expected>
#include <string>

#include "aws/api_error.h"
#include "gateway/form_reader.h"
#include "platform/http/message.h"

namespace firmsign::gateway {

// Whether a request to S3 is such a form, from its head: POST without a sub-resource and without credentials.
bool IsPostForm(const http::RequestHead& head);

// What the client is told of a form that cannot be read (FormReader::ReadFields).
aws::ApiError PostReadProblem(const Error& error);

// The request that the form means. `head` is that of the POST; the key is appended to its path.
std::expected<http::RequestHead, aws::ApiError> PutOfPost(const http::RequestHead& head, const FormFields& form);

// The answer of PutObject as the form asks for it: 204, 200, 201 with a document, or 303 to another address. `put`: the
// request that PutOfPost made.
http::Response AnswerPost(http::Response answer, const http::RequestHead& put, const FormFields& form,
                          std::string_view bucket);

}  // namespace firmsign::gateway
