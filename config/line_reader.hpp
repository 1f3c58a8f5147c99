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
};

// Without what some editors put before a text, and what a crash of the machine leaves behind one: zeros.
[[nodiscard]] constexpr std::string_view text_of_file(std::string_view octets) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (octets.starts_with(byte_order_mark)) octets.remove_prefix(byte_order_mark.size());
  while (octets.ends_with('\0')) octets.remove_suffix(1);
  return octets;
}

class LineReader {
 public:
  explicit LineReader(std::string_view text) : rest_{text} {}

  std::optional<Line> next() {
    if (rest_.empty()) return std::nullopt;
    const auto end = rest_.find('\n');
    const Line line{rest_.substr(0, end), ++number_};
    rest_.remove_prefix(end == rest_.npos ? rest_.size() : end + 1);
    return line;
  }

 private:
  std::string_view rest_;
  int number_ = 0;
};

}  // namespace gnomon::config
