// SPDX-License-Identifier: Apache-2.0

#include "platform/http/message.h"

#include <algorithm>

#include "base/encoding.h"

namespace firmsign::http {

std::optional<std::string_view> Headers::Find(std::string_view name) const {
  for (const Field& field : fields_) {
    if (EqualsIgnoreCase(field.name, name)) return field.value;
  }
  return std::nullopt;
}

void Headers::Set(std::string_view name, std::string value) {
  auto is_same = [name](const Field& field) { return EqualsIgnoreCase(field.name, name); };
  auto first = std::find_if(fields_.begin(), fields_.end(), is_same);
  if (first == fields_.end()) {
    Add(std::string(name), std::move(value));
    return;
  }
  first->value = std::move(value);
  fields_.erase(std::remove_if(first + 1, fields_.end(), is_same), fields_.end());
}

void Headers::Remove(std::string_view name) {
  std::erase_if(fields_, [name](const Field& field) { return EqualsIgnoreCase(field.name, name); });
}

std::string_view RequestHead::path() const {
  std::string_view all = target;
  return all.substr(0, all.find('?'));
}

std::string_view RequestHead::query() const {
  std::string_view all = target;
  std::size_t mark = all.find('?');
  return mark == std::string_view::npos ? std::string_view() : all.substr(mark + 1);
}

std::uint64_t BodyLength(const Body& body) {
  if (const auto* text = std::get_if<std::string>(&body)) return text->size();
  std::uint64_t sum = 0;
  for (const FileRange& range : std::get<std::vector<FileRange>>(body)) sum += range.length;
  return sum;
}

}  // namespace firmsign::http
