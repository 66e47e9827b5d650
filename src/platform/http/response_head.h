// SPDX-License-Identifier: Apache-2.0
//
// Writes the head of a response (RFC 9112 §4).

#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

#include "platform/http/message.h"

namespace firmsign::http {

// The text of the Date field, made anew once a second. Thread safety: confined.
class DateText {
 public:
  std::string_view At(std::time_t now);

 private:
  std::time_t second_ = -1;
  std::string text_;
};

// True for the statuses that never carry a body: 1xx, 204, 304 (RFC 9110 §6.4.1).
bool IsBodyless(int status);

// Appends the head with the empty line at its end. `length` is announced when given. Fields that the server itself
// writes are dropped from `response`, and so is a name that is no token; a line break in a value becomes a blank, so
// that no value can begin another field.
void AppendResponseHead(const Response& response, std::string_view date, std::optional<std::uint64_t> length,
                        std::string_view connection, std::string& out);

}  // namespace firmsign::http
