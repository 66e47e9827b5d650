// SPDX-License-Identifier: Apache-2.0
//
// Errors at the boundary: what an operation may answer, checked against its model by the compiler.
//
// A handler of operation Op returns Result<Op>. `return Refuse<errors::ValidationException>("…")` compiles only if the
// model of Op lists ValidationException. An Error from the layers below converts too: kDenied becomes the service's
// access-denied error and everything else its internal error, with the message kept for the log only.

#pragma once

#include <expected>
#include <string>
#include <utility>
#include <vector>

#include "aws/operation.h"
#include "base/error.h"

namespace firmsign::aws {

// What happened, before the protocol decides how it looks.
enum class ErrorOrigin : std::uint8_t {
  kModelled,      // `shape` says it
  kAccessDenied,  // the service's own spelling of "not allowed"
  kInternal,      // the service's own spelling of "our fault"
  kUnavailable,   // the service's own spelling of "try again later"
  kNoRoom,        // the same, because the disk is full
};

struct ApiError {
  ErrorOrigin origin = ErrorOrigin::kModelled;
  const ErrorShape* shape = nullptr;                         // set when kModelled
  std::string message;                                       // for the client: says what to do, leaks nothing
  std::string sub_code;                                      // Signer's `code`; empty when there is none
  std::vector<std::pair<std::string, std::string>> extras;   // S3: further elements, e.g. {"BucketName", "b"}
  std::vector<std::pair<std::string, std::string>> headers;  // further response headers
  std::string cause;                                         // for the log
};

// An ApiError that carries its shape in its type.
template <class E>
struct Refusal {
  ApiError error;
};

template <class E>
std::unexpected<Refusal<E>> Refuse(std::string message, std::string sub_code = {}) {
  return std::unexpected(
      Refusal<E>{{.shape = &E::kShape, .message = std::move(message), .sub_code = std::move(sub_code)}});
}

// Op is a generated tag: Op::Input, Op::Output, Op::Errors (a TypeList), Op::kDescriptor.
template <class Op>
class OperationError {
 public:
  template <class E>
    requires(Op::Errors::template kContains<E>)
  OperationError(Refusal<E> refusal) : error_(std::move(refusal.error)) {}  // NOLINT(google-explicit-constructor)

  OperationError(Error error) {  // NOLINT(google-explicit-constructor)
    error_.origin = error.code == Code::kDenied        ? ErrorOrigin::kAccessDenied
                    : error.code == Code::kUnavailable ? ErrorOrigin::kUnavailable
                    : error.code == Code::kExhausted   ? ErrorOrigin::kNoRoom
                                                       : ErrorOrigin::kInternal;
    // A denial's message is made for the caller; every other one is for the operator.
    (error.code == Code::kDenied ? error_.message : error_.cause) = std::move(error.message);
  }

  const ApiError& error() const& { return error_; }
  ApiError error() && { return std::move(error_); }

 private:
  ApiError error_;
};

template <class Op>
using Result = std::expected<typename Op::Output, OperationError<Op>>;

}  // namespace firmsign::aws
