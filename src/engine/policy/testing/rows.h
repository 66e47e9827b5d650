// SPDX-License-Identifier: Apache-2.0
//
// For tests: the rows of tests/vectors/policy, whose first lines say what they mean.

#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace firmsign::policy {

struct Row {
  std::string place;  // "operators.txt:7"
  std::vector<std::string> cells;
};

inline std::vector<std::string> Split(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + separator.size());
  }
}

// Each row has `cells` cells, of which the last may hold the separator and be empty.
inline std::vector<Row> ReadRows(const std::string& name, std::size_t cells) {
  std::vector<Row> rows;
  std::ifstream file(std::string(FIRMSIGN_SOURCE_DIR) + "/tests/vectors/policy/" + name);
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.starts_with('#') || line.empty()) continue;
    if (line.ends_with(" ;")) line += ' ';
    Row row{.place = name + ":" + std::to_string(number), .cells = Split(line, " ; ")};
    for (std::size_t i = cells; i < row.cells.size(); ++i) row.cells[cells - 1] += " ; " + row.cells[i];
    EXPECT_GE(row.cells.size(), cells) << row.place;
    row.cells.resize(cells);
    rows.push_back(std::move(row));
  }
  EXPECT_FALSE(rows.empty()) << name;
  return rows;
}

}  // namespace firmsign::policy
