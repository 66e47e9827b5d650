// SPDX-License-Identifier: Apache-2.0
//
// Errors as values: what every layer below the services returns instead of throwing.
//
// The services translate an Error into an error that their API models (aws/api_error.h). `message` is for operators:
// it goes to the log with the request id and never to a client.

#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace firmsign {

enum class Code {
  kInvalid,      // the caller's input breaks a rule
  kNotFound,     // the thing named does not exist
  kConflict,     // it exists already, or changed meanwhile
  kDenied,       // the caller may not
  kExhausted,    // a limit was reached: quota, rate, disk space
  kUnavailable,  // try again later: a lock, a dead peer, shutting down
  kCorrupt,      // stored bytes are not what was stored
  kInternal,     // a bug or a failing machine
};

// The enumerator's name without its k, in lower case: "not_found".
std::string_view CodeName(Code code);

struct Error {
  Code code = Code::kInternal;
  std::string message;
};

template <class T>
using Expected = std::expected<T, Error>;

// The usual way to fail: `return Fail(Code::kNotFound, "no such bucket");`
inline std::unexpected<Error> Fail(Code code, std::string message) {
  return std::unexpected<Error>(Error{.code = code, .message = std::move(message)});
}

}  // namespace firmsign

#define FIRMSIGN_JOIN_INNER(a, b) a##b
#define FIRMSIGN_JOIN(a, b) FIRMSIGN_JOIN_INNER(a, b)

// RETURN_IF_ERROR(expression): leaves the function with the error of an expected, else goes on.
#define RETURN_IF_ERROR(...)                                      \
  do {                                                            \
    if (auto firmsign_result = (__VA_ARGS__); !firmsign_result)   \
      return std::unexpected(std::move(firmsign_result).error()); \
  } while (false)

// ASSIGN_OR_RETURN(auto value, expression): the value of an expected, or leaves the function with its error.
#define ASSIGN_OR_RETURN(declaration, ...) \
  ASSIGN_OR_RETURN_NAMED(FIRMSIGN_JOIN(firmsign_expected_, __LINE__), declaration, __VA_ARGS__)
#define ASSIGN_OR_RETURN_NAMED(name, declaration, ...)        \
  auto name = (__VA_ARGS__);                                  \
  if (!name) return std::unexpected(std::move(name).error()); \
  declaration = *std::move(name)
