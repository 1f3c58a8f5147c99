// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/delay_window.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace gnomon::engine {

namespace {
constexpr std::size_t enough = 6;
constexpr int usual_memory = 32;   // delays
constexpr int another_route = 16;  // in a row
}  // namespace

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

bool UsualDelay::take(base::Seconds delay, base::Seconds error, double ratio) {
  const bool known = count_ >= static_cast<int>(enough) && ratio > 0;
  const double usual = std::max(std::sqrt(square_) / 2, error.count());
  if (known && (delay.count() - floor_) / 2 > ratio * usual) {
    if (++far_in_a_row_ < another_route) return false;
    clear();
  }
  far_in_a_row_ = 0;
  add(delay.count());
  return true;
}

void UsualDelay::add(double delay) {
  const double lower = count_ == 0 ? 0 : std::max(floor_ - delay, 0.0);
  square_ += 2 * mean_ * lower + lower * lower;
  mean_ += lower;
  floor_ = count_ == 0 ? delay : std::min(floor_, delay);
  count_ = std::min(count_ + 1, usual_memory);
  const double excess = delay - floor_;
  mean_ += (excess - mean_) / count_;
  square_ += (excess * excess - square_) / count_;
}

}  // namespace gnomon::engine
