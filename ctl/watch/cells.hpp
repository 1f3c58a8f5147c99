// SPDX-License-Identifier: GPL-2.0-or-later
// Short texts and marked lines for a terminal: clipped to its width, in its character set. Stateless.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ctl/render/prose.hpp"

namespace gnomon::ctl {

struct Span {
  std::string text;
  Tone tone = Tone::plain;
};
using Line = std::vector<Span>;

// What the terminal can show.
struct Canvas {
  std::size_t width = 80;  // columns
  std::size_t height = 24;
  bool unicode = false;
  bool colours = false;
  bool utc = false;
};

// Clipped to the width; without colours a strong text is plain, and nothing is said by a colour alone.
[[nodiscard]] std::string line_text(const Line& line, const Canvas& canvas);
[[nodiscard]] std::size_t columns_of(const Line& line);
// Exactly so many columns: blanks behind it, or its end is cut off.
[[nodiscard]] std::string fitted(std::string_view text, std::size_t columns);
// What others have chosen: no control characters, and ASCII alone where the terminal has no more.
[[nodiscard]] std::string foreign(std::string_view text, const Canvas& canvas);

// "+12.3 us", "-1.2 ms", "3.4 s": at most 8 columns.
[[nodiscard]] std::string signed_text(double seconds);
[[nodiscard]] std::string unsigned_text(double seconds);
// "12s", "5m", "3h", "2d".
[[nodiscard]] std::string age_text(double seconds);

}  // namespace gnomon::ctl
