// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/delay_window.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace gnomon::engine {

namespace {
constexpr std::size_t enough = 6;
}

void DelayWindow::add(base::Seconds delay) {
  delays_[count_ % delays_.size()] = delay.count();
  ++count_;
}

std::optional<base::Seconds> DelayWindow::minimum() const {
  if (count() == 0) return std::nullopt;
  const auto used = std::span(delays_).first(count());
  return base::Seconds{*std::min_element(used.begin(), used.end())};
}

std::optional<base::Seconds> DelayWindow::deviation() const {
  if (count() < enough) return std::nullopt;
  const double floor = minimum().value_or(base::Seconds{0}).count();
  double sum = 0;
  for (const double delay : std::span(delays_).first(count())) sum += (delay - floor) * (delay - floor) / 4;
  return base::Seconds{std::sqrt(sum / static_cast<double>(count()))};
}

std::optional<base::Seconds> DelayWindow::quantile(double fraction) const {
  if (count() < enough) return std::nullopt;
  auto sorted = delays_;
  const auto used = std::span(sorted).first(count());
  std::sort(used.begin(), used.end());
  const double position = fraction * static_cast<double>(used.size() - 1);
  return base::Seconds{used[std::min(used.size() - 1, static_cast<std::size_t>(std::ceil(position)))]};
}

}  // namespace gnomon::engine
