// SPDX-License-Identifier: Apache-2.0
//
// The four wire protocols of AWS behind one interface: requests to structs, structs and errors to responses.
//
// Each codec is compiled once and works for every operation through its descriptors (aws/shape.h). Pure: no I/O.
// Smithy's protocol pages: restJson1, awsJson1_1, awsQuery, restXml.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aws/api_error.h"
#include "aws/operation.h"
#include "aws/validate.h"
#include "platform/http/message.h"

namespace firmsign::aws {

// What a codec needs of a request. Views live as long as the call.
struct WireRequest {
  const http::RequestHead& head;
  // The path and query to bind, when they differ from the head's: S3 in virtual-host style is rewritten to path style.
  std::string_view path;
  std::string_view query;
  std::string_view body;  // empty for streaming inputs
};

// Why a request could not be read at all; the codec's own error goes to the client.
struct Malformed {
  std::string message;
};
inline std::unexpected<Malformed> Refuse(std::string message) { return std::unexpected(Malformed{std::move(message)}); }

class Codec {
 public:
  virtual ~Codec() = default;

  // Fills `input`, a default-constructed struct of `operation.input`. Required members that are absent are added to
  // `violations`; everything else about values is left to Validate. Unknown members are ignored. Malformed: the body is
  // not of the protocol's syntax, or a member has the wrong JSON or XML type.
  virtual std::expected<void, Malformed> Parse(const OperationDescriptor& operation, const WireRequest& request,
                                               void* input, std::vector<Violation>& violations) const = 0;

  // The success response: status, headers with the request id in the protocol's own header, body. A streamed output
  // body is put in by the gateway.
  virtual http::Response Write(const OperationDescriptor& operation, const void* output,
                               std::string_view request_id) const = 0;

  // The error response. `error.shape` is set (the gateway has replaced other origins by a shape).
  // `head_only`: the request was HEAD, so the body stays empty.
  virtual http::Response WriteError(const ServiceDescriptor& service, const ApiError& error,
                                    std::string_view request_id, bool head_only) const = 0;
};

const Codec& CodecFor(Protocol protocol);

// The errors that every operation of a protocol family can answer without modelling them (contract: 00-common §0.3).
enum class CommonError {
  kMissingAuthentication,
  kIncompleteSignature,  // a broken Authorization header
  kIncompleteQuery,      // broken parameters of a presigned URL
  kUnknownAccessKey,
  kSignatureMismatch,
  kClockSkew,
  kTokenExpired,
  kTokenInvalid,
  kWrongScope,      // region or service of the credential scope
  kRequestExpired,  // a presigned URL after its time
  kAccessDenied,
  kThrottled,
  kMalformedBody,
  kValidation,
  kUnknownOperation,
  kNotYetBuilt,  // modelled, routed, not handled: 501
  kBodyTooLarge,
  kPayloadHashMismatch,  // S3: x-amz-content-sha256
  kServiceUnavailable,   // 503
  kInternal,
};

// The shape by which `service` spells `which`. Never null.
const ErrorShape& CommonErrorShape(const ServiceDescriptor& service, CommonError which);

// Writes a struct as compact JSON with the model's names, for audit records; times as ISO-8601, without streamed blobs.
// With `redact`, sensitive members say "HIDDEN_DUE_TO_SECURITY_REASONS" instead of their value and blobs are shown as
// their length. Secret blobs are hidden either way.
void WriteStructAsJson(const Shape& shape, const void* object, bool redact, std::string& out);

}  // namespace firmsign::aws
