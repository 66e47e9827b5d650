// SPDX-License-Identifier: Apache-2.0
//
// multipart/form-data as browsers send it for an upload (RFC 7578), read as it comes: the fields before the file, then
// the bytes of the file.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "platform/http/message.h"

namespace firmsign::gateway {

// Of all fields before the file together, with their headers; S3's own limit.
inline constexpr std::size_t kFormFieldsBytesMax = 20 * 1024;

// In the order they came, with names in lower case.
struct FormFields {
  std::vector<std::pair<std::string, std::string>> fields;
  std::string file_name;  // as the browser gives it; without folders

  // The first of that name.
  std::optional<std::string_view> Find(std::string_view name) const;
};

// The boundary that a Content-Type names; nullopt if it is not multipart/form-data, or has no good one.
std::optional<std::string> FormBoundary(std::string_view content_type);

// Thread safety: confined.
class FormReader final : public http::BodyReader {
 public:
  // `source` outlives the reader.
  FormReader(http::BodyReader& source, const std::string& boundary)
      : source_(source), delimiter_("\r\n--" + boundary), buffer_("\r\n") {}

  // To be called once, before Read. kInvalid: the body is not such a form. kNotFound: it has no file. kExhausted: the
  // fields are larger than kFormFieldsBytesMax. Else what the source says.
  Expected<FormFields> ReadFields();

  // The bytes of the file; what follows it is passed over. kInvalid: the form has no end. Else what the source says.
  Expected<std::size_t> Read(std::span<char> out) override;

 private:
  // Reads more from the source; false at its end.
  Expected<bool> Fill();
  // How many bytes are before the next such text, which is read into the buffer. kExhausted: more than `bytes_max`.
  Expected<std::size_t> FindInBuffer(std::string_view text, std::size_t bytes_max);

  http::BodyReader& source_;
  const std::string delimiter_;
  std::string buffer_;  // read and not yet used
  std::size_t position_ = 0;
  bool is_ended_ = false;
};

}  // namespace firmsign::gateway
