// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/rtc_file.hpp"

#include <array>
#include <cmath>
#include <cstdio>

#include "base/take_number.hpp"

namespace gnomon::base {

namespace {

constexpr NumberRange<double> reference_range{0, 9e9};
constexpr NumberRange<double> fast_range{-1e9, 1e9};
constexpr NumberRange<double> gain_range{-500000, 500000};

}  // namespace

std::string to_text(const RtcFile& file) {
  std::array<char, 128> line{};
  std::snprintf(line.data(), line.size(), "1 %lld %.6f %.3f\n", static_cast<long long>(file.reference),
                file.fast.count(), file.gain.value);
  return line.data();
}

std::optional<RtcFile> parse_rtc_file(std::string_view text) {
  if (!take_number<double>(text, {1, 1})) return std::nullopt;
  const auto reference = take_number(text, reference_range);
  if (!reference) return std::nullopt;
  const auto fast = take_number(text, fast_range);
  if (!fast) return std::nullopt;
  const auto gain = take_number(text, gain_range);
  if (!gain || text.find_first_not_of(blanks) != std::string_view::npos) return std::nullopt;
  return RtcFile{static_cast<std::int64_t>(std::floor(*reference)), Seconds{*fast}, {*gain}};
}

}  // namespace gnomon::base
