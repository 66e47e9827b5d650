// SPDX-License-Identifier: Apache-2.0

#include "gateway/form_reader.h"

#include <algorithm>
#include <cstring>

#include "base/encoding.h"

namespace firmsign::gateway {
namespace {

constexpr std::size_t kFormReadBytes = 64 * 1024;
constexpr std::size_t kBoundaryBytesMax = 70;  // RFC 2046, 5.1.1

std::unexpected<Error> MalformedForm() {
  return Fail(Code::kInvalid, "the body is no well-formed multipart/form-data");
}

// The value of `name="..."`, or of name=token, among the parameters of a header; nullopt if it is not there.
std::optional<std::string> FormParameter(std::string_view header, std::string_view name) {
  for (std::size_t at = header.find(';'); at != std::string_view::npos && at < header.size();) {
    std::string_view rest = TrimBlanks(header.substr(at + 1));
    const std::size_t equals = rest.find_first_of("=;");
    if (equals == std::string_view::npos) return std::nullopt;
    if (rest[equals] == ';') {
      at = static_cast<std::size_t>(rest.data() - header.data()) + equals;
      continue;
    }
    const bool is_it = EqualsIgnoreCase(TrimBlanks(rest.substr(0, equals)), name);
    rest.remove_prefix(equals + 1);
    std::string value;
    std::size_t used = 0;
    if (rest.starts_with('"')) {
      // Browsers write a quote as %22 and nothing with a backslash, which Windows has in names.
      const std::size_t end = rest.find('"', 1);
      if (end == std::string_view::npos) return std::nullopt;
      value = rest.substr(1, end - 1);
      used = end + 1;
    } else {
      used = std::min(rest.find(';'), rest.size());
      value = TrimBlanks(rest.substr(0, used));
    }
    if (is_it) return value;
    const std::size_t next = rest.find(';', used);
    if (next == std::string_view::npos) return std::nullopt;
    at = static_cast<std::size_t>(rest.data() - header.data()) + next;
  }
  return std::nullopt;
}

// What Content-Disposition says among the headers of a part.
std::optional<std::string_view> Disposition(std::string_view headers) {
  while (!headers.empty()) {
    const std::size_t end = std::min(headers.find("\r\n"), headers.size());
    const std::string_view line = headers.substr(0, end);
    headers.remove_prefix(std::min(end + 2, headers.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    if (EqualsIgnoreCase(TrimBlanks(line.substr(0, colon)), "content-disposition")) {
      return TrimBlanks(line.substr(colon + 1));
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string_view> FormFields::Find(std::string_view name) const {
  const auto found = std::ranges::find(fields, name, &std::pair<std::string, std::string>::first);
  return found == fields.end() ? std::nullopt : std::optional<std::string_view>(found->second);
}

std::optional<std::string> FormBoundary(std::string_view content_type) {
  const std::string_view type = TrimBlanks(content_type.substr(0, content_type.find(';')));
  if (!EqualsIgnoreCase(type, "multipart/form-data")) return std::nullopt;
  auto boundary = FormParameter(content_type, "boundary");
  if (!boundary || boundary->empty() || boundary->size() > kBoundaryBytesMax) return std::nullopt;
  return boundary;
}

Expected<bool> FormReader::Fill() {
  buffer_.erase(0, position_);
  position_ = 0;
  const std::size_t before = buffer_.size();
  buffer_.resize(before + kFormReadBytes);
  auto count = source_.Read({buffer_.data() + before, kFormReadBytes});
  buffer_.resize(before + count.value_or(0));
  if (!count) return std::unexpected(std::move(count).error());
  return *count > 0;
}

Expected<std::size_t> FormReader::FindInBuffer(std::string_view text, std::size_t bytes_max) {
  while (true) {
    const std::size_t found = buffer_.find(text, position_);
    if (found != std::string::npos && found - position_ <= bytes_max) return found - position_;
    if (found != std::string::npos || buffer_.size() - position_ > bytes_max + text.size()) {
      return Fail(Code::kExhausted, "the fields of the form are too large");
    }
    ASSIGN_OR_RETURN(const bool has_more, Fill());
    if (!has_more) return MalformedForm();
  }
}

Expected<FormFields> FormReader::ReadFields() {
  FormFields form;
  std::size_t left = kFormFieldsBytesMax;
  while (true) {
    // A delimiter, and what is after it: "--" at the end of the form, else a part.
    while (buffer_.size() - position_ < delimiter_.size() + 2) {
      ASSIGN_OR_RETURN(const bool has_more, Fill());
      if (!has_more) return MalformedForm();
    }
    if (!std::string_view(buffer_).substr(position_).starts_with(delimiter_)) return MalformedForm();
    position_ += delimiter_.size();
    const std::string_view after(buffer_.data() + position_, 2);
    if (after == "--") return Fail(Code::kNotFound, "the form has no file");
    if (after != "\r\n") return MalformedForm();
    position_ += 2;

    ASSIGN_OR_RETURN(const std::size_t headers_bytes, FindInBuffer("\r\n\r\n", left));
    const std::string headers = buffer_.substr(position_, headers_bytes);
    position_ += headers_bytes + 4;
    left -= headers_bytes;
    const auto disposition = Disposition(headers);
    if (!disposition) return MalformedForm();
    const auto name = FormParameter(*disposition, "name");
    if (!name || name->empty()) return MalformedForm();
    if (EqualsIgnoreCase(*name, "file")) {
      form.file_name = FormParameter(*disposition, "filename").value_or("");
      form.file_name.erase(0, form.file_name.find_last_of("/\\") + 1);
      return form;
    }
    ASSIGN_OR_RETURN(const std::size_t value_bytes, FindInBuffer(delimiter_, left));
    // Of two, one would be judged and the other one obeyed.
    if (form.Find(ToLower(*name))) return MalformedForm();
    form.fields.emplace_back(ToLower(*name), buffer_.substr(position_, value_bytes));
    position_ += value_bytes;
    left -= value_bytes;
  }
}

Expected<std::size_t> FormReader::Read(std::span<char> out) {
  if (out.empty() || is_ended_) return std::size_t{0};
  while (true) {
    const std::size_t end = buffer_.find(delimiter_, position_);
    // Without a delimiter, the last bytes may be the beginning of one.
    const std::size_t ready = end != std::string::npos ? end - position_
                              : buffer_.size() - position_ < delimiter_.size()
                                  ? 0
                                  : buffer_.size() - position_ - delimiter_.size() + 1;
    if (ready > 0) {
      const std::size_t count = std::min(out.size(), ready);
      std::memcpy(out.data(), buffer_.data() + position_, count);
      position_ += count;
      return count;
    }
    if (end != std::string::npos) break;
    ASSIGN_OR_RETURN(const bool has_more, Fill());
    if (!has_more) return MalformedForm();
  }
  is_ended_ = true;
  while (true) {
    position_ = buffer_.size();
    ASSIGN_OR_RETURN(const bool has_more, Fill());
    if (!has_more) return std::size_t{0};
  }
}

}  // namespace firmsign::gateway
