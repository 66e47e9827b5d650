// SPDX-License-Identifier: Apache-2.0
//
// How each protocol family spells the errors that no operation models (contract 00-common §0.3).

#include <array>

#include "aws/protocol/codec.h"
#include "base/check.h"

namespace firmsign::aws {
namespace {

constexpr ErrorShape Say(std::string_view name, int status) {
  return {.name = name, .wire_code = name, .http_status = status};
}

// One row per CommonError, one column per family.
struct Row {
  CommonError which;
  ErrorShape rest_json, json11, query, s3;
};

constexpr std::string_view kMissing = "MissingAuthenticationTokenException";
constexpr std::string_view kIncomplete = "IncompleteSignatureException";
constexpr std::string_view kUnrecognized = "UnrecognizedClientException";
constexpr std::string_view kInvalidSignature = "InvalidSignatureException";
constexpr std::string_view kMismatch = "SignatureDoesNotMatch";

constexpr auto kRows = std::to_array<Row>({
    {CommonError::kMissingAuthentication, Say(kMissing, 403), Say(kMissing, 403),
     Say("MissingAuthenticationToken", 403), Say("AccessDenied", 403)},
    {CommonError::kIncompleteSignature, Say(kIncomplete, 403), Say(kIncomplete, 400), Say("IncompleteSignature", 400),
     Say("AuthorizationHeaderMalformed", 400)},
    {CommonError::kIncompleteQuery, Say(kIncomplete, 403), Say(kIncomplete, 400), Say("IncompleteSignature", 400),
     Say("AuthorizationQueryParametersError", 400)},
    {CommonError::kUnknownAccessKey, Say(kUnrecognized, 403), Say(kUnrecognized, 403), Say("InvalidClientTokenId", 403),
     Say("InvalidAccessKeyId", 403)},
    {CommonError::kSignatureMismatch, Say(kInvalidSignature, 403), Say(kInvalidSignature, 403), Say(kMismatch, 403),
     Say(kMismatch, 403)},
    {CommonError::kClockSkew, Say(kInvalidSignature, 403), Say(kInvalidSignature, 403), Say(kMismatch, 403),
     Say("RequestTimeTooSkewed", 403)},
    {CommonError::kTokenExpired, Say("ExpiredTokenException", 403), Say("ExpiredTokenException", 403),
     Say("ExpiredToken", 403), Say("ExpiredToken", 400)},
    {CommonError::kTokenInvalid, Say(kUnrecognized, 403), Say(kUnrecognized, 403), Say("InvalidClientTokenId", 403),
     Say("InvalidToken", 400)},
    {CommonError::kWrongScope, Say(kInvalidSignature, 403), Say(kInvalidSignature, 403), Say(kMismatch, 403),
     Say("AuthorizationHeaderMalformed", 400)},
    {CommonError::kRequestExpired, Say(kInvalidSignature, 403), Say(kInvalidSignature, 403), Say("RequestExpired", 403),
     Say("AccessDenied", 403)},
    {CommonError::kAccessDenied, Say("AccessDeniedException", 403), Say("AccessDeniedException", 400),
     Say("AccessDenied", 403), Say("AccessDenied", 403)},
    {CommonError::kThrottled, Say("TooManyRequestsException", 429), Say("ThrottlingException", 400),
     Say("Throttling", 400), Say("SlowDown", 503)},
    {CommonError::kMalformedBody, Say("SerializationException", 400), Say("SerializationException", 400),
     Say("MalformedInput", 400), Say("MalformedXML", 400)},
    {CommonError::kValidation, Say("ValidationException", 400), Say("ValidationException", 400),
     Say("ValidationError", 400), Say("InvalidArgument", 400)},
    {CommonError::kUnknownOperation, Say("UnknownOperationException", 404), Say("UnknownOperationException", 400),
     Say("InvalidAction", 400), Say("MethodNotAllowed", 405)},
    {CommonError::kNotYetBuilt, Say("NotImplementedException", 501), Say("NotImplementedException", 501),
     Say("NotImplemented", 501), Say("NotImplemented", 501)},
    {CommonError::kBodyTooLarge, Say("RequestEntityTooLargeException", 413), Say("RequestEntityTooLargeException", 413),
     Say("RequestEntityTooLarge", 413), Say("MaxMessageLengthExceeded", 400)},
    {CommonError::kPayloadHashMismatch, Say(kInvalidSignature, 403), Say(kInvalidSignature, 403), Say(kMismatch, 403),
     Say("XAmzContentSHA256Mismatch", 400)},
    {CommonError::kServiceUnavailable, Say("ServiceUnavailableException", 503), Say("ServiceUnavailableException", 503),
     Say("ServiceUnavailable", 503), Say("ServiceUnavailable", 503)},
    {CommonError::kInternal, Say("InternalFailure", 500), Say("InternalFailure", 500), Say("InternalFailure", 500),
     Say("InternalError", 500)},
});

constexpr bool IsInOrder() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (kRows[i].which != static_cast<CommonError>(i)) return false;
  }
  return kRows.size() == static_cast<std::size_t>(CommonError::kInternal) + 1;
}
static_assert(IsInOrder(), "one row per CommonError, in the order of the enumeration");

// Signer models its own.
constexpr ErrorShape kSignerInternal{.name = "InternalServiceErrorException",
                                     .wire_code = "InternalServiceErrorException",
                                     .http_status = 500,
                                     .has_sub_code = true};

}  // namespace

const ErrorShape& CommonErrorShape(const ServiceDescriptor& service, CommonError which) {
  if (which == CommonError::kInternal && service.name.starts_with("signer")) return kSignerInternal;
  const auto& row = kRows[static_cast<std::size_t>(which)];
  switch (service.protocol) {
    case Protocol::kRestJson: return row.rest_json;
    case Protocol::kJson11: return row.json11;
    case Protocol::kQuery: return row.query;
    case Protocol::kRestXml: return row.s3;
  }
  CHECK(false);
}

}  // namespace firmsign::aws
