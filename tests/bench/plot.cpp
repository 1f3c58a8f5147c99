// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/plot.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

namespace gnomon::bench {

namespace {

constexpr double left = 70;
constexpr double top = 30;
constexpr double width = 800;
constexpr double height = 260;

// The start is off the scale in most runs: it must not flatten all the rest.
double range_of(std::span<const float> errors, double chrony) {
  std::vector<float> sizes;
  sizes.reserve(errors.size());
  for (const float e : errors) sizes.push_back(std::fabs(e));
  const auto high = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() * 995 / 1000);
  std::nth_element(sizes.begin(), high, sizes.end());
  return std::max({1.3 * static_cast<double>(*high), 1.3 * chrony, 1e-9});
}

double height_of(double error, double range) {
  return top + height / 2 * (1 - std::clamp(error / range, -1.0, 1.0));
}

std::string level(double error, double range, const char* style) {
  const double y = height_of(error, range);
  return fmt::format(
      "<line x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\" {}/>\n"
      "<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{:.3g} us</text>\n",
      left, left + width, y, y, style, left - 5, y + 4, error * 1e6);
}

// Least and greatest error of each column: a line through all the seconds would be megabytes.
std::string curve(std::span<const float> errors, double range) {
  std::string points;
  const auto columns = static_cast<std::size_t>(width);
  for (std::size_t c = 0; c < columns; ++c) {
    const std::size_t from = errors.size() * c / columns;
    const std::size_t to = std::max(errors.size() * (c + 1) / columns, from + 1);
    const auto part = errors.subspan(from, std::min(to, errors.size()) - from);
    const auto [low, high] = std::minmax_element(part.begin(), part.end());
    for (const float e : {*low, *high})
      points += fmt::format("{:.0f},{:.1f} ", left + static_cast<double>(c),
                            height_of(static_cast<double>(e), range));
  }
  return fmt::format("<polyline fill=\"none\" stroke=\"#06c\" points=\"{}\"/>\n", points);
}

}  // namespace

std::string plot(const std::string& title, std::span<const float> errors, double chrony) {
  if (errors.empty()) return {};
  const double range = range_of(errors, chrony);
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" font-family=\"sans-serif\" "
      "font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n<text x=\"{}\" "
      "y=\"18\">{}</text>\n",
      left + width + 20, top + height + 30, left, title);
  svg += level(0, range, "stroke=\"#999\"");
  svg += level(range / 1.3, range, "stroke=\"#eee\"");
  svg += level(-range / 1.3, range, "stroke=\"#eee\"");
  if (chrony > 0) {
    svg += level(chrony, range, "stroke=\"#c00\" stroke-dasharray=\"6 4\"");
    svg += level(-chrony, range, "stroke=\"#c00\" stroke-dasharray=\"6 4\"");
  }
  svg += curve(errors, range);
  svg += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{} s</text>\n</svg>\n", left + width,
                     top + height + 18, errors.size());
  return svg;
}

}  // namespace gnomon::bench
