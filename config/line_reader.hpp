// SPDX-License-Identifier: GPL-2.0-or-later
// A text as its lines, numbered from 1; owned by whoever reads a file.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace gnomon::config {

inline constexpr std::size_t longest_line = 2047;  // chrony's limit, without the line feed

struct Line {
  std::string_view text;  // without the line feed
  int number = 0;
  bool terminated = false;  // by a line feed
};

class LineReader {
 public:
  explicit LineReader(std::string_view text) : rest_{text} {}

  std::optional<Line> next() {
    if (rest_.empty()) return std::nullopt;
    const auto end = rest_.find('\n');
    const Line line{rest_.substr(0, end), ++number_, end != rest_.npos};
    rest_.remove_prefix(line.terminated ? end + 1 : rest_.size());
    return line;
  }

 private:
  std::string_view rest_;
  int number_ = 0;
};

}  // namespace gnomon::config
