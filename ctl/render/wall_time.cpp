// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/render/wall_time.hpp"

#include <array>
#include <charconv>
#include <string_view>

#include "base/number.hpp"

namespace gnomon::ctl {

namespace {

// "16:30" and "16:30:05.25": how many seconds into the day, the fraction apart.
struct TimeOfDay {
  int hours = 0;
  int minutes = 0;
  double seconds = 0;
};

bool take_number(std::string_view& text, int& value, int low, int high) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || value < low || value > high) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

bool take(std::string_view& text, char expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<TimeOfDay> time_of_day(std::string_view text) {
  TimeOfDay time;
  if (!take_number(text, time.hours, 0, 23) || !take(text, ':') || !take_number(text, time.minutes, 0, 59))
    return std::nullopt;
  if (text.empty()) return time;
  if (!take(text, ':')) return std::nullopt;
  const auto seconds = base::parse_number<double>(text, {.low = 0});
  if (!seconds || *seconds >= 61) return std::nullopt;
  time.seconds = *seconds;
  return time;
}

// "2026-11-23" and "Nov 23, 2026".
bool read_date(std::string_view text, std::tm& date) {
  static constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  int month = 0;
  int year = 0;
  bool read = false;
  for (std::size_t i = 0; i < months.size(); ++i) {
    if (!text.starts_with(months.at(i))) continue;
    text.remove_prefix(months.at(i).size());
    month = static_cast<int>(i) + 1;
    read = take(text, ' ') && take_number(text, date.tm_mday, 1, 31);
    take(text, ',');
    read = read && take(text, ' ') && take_number(text, year, 1970, 9999);
  }
  if (month == 0)
    read = take_number(text, year, 1970, 9999) && take(text, '-') && take_number(text, month, 1, 12) &&
           take(text, '-') && take_number(text, date.tm_mday, 1, 31);
  date.tm_year = year - 1900;
  date.tm_mon = month - 1;
  return read && text.empty();
}

}  // namespace

std::optional<double> parse_wall_time(const std::string& text, std::time_t now) {
  std::tm date{};
  localtime_r(&now, &date);
  const std::size_t gap = text.find_last_of(" T");
  const std::size_t begin = gap == std::string::npos ? 0 : gap + 1;
  const auto time = time_of_day(std::string_view{text}.substr(begin));
  if (!time) return std::nullopt;
  if (begin > 0 && !read_date(std::string_view{text}.substr(0, begin - 1), date)) return std::nullopt;
  date.tm_hour = time->hours;
  date.tm_min = time->minutes;
  date.tm_sec = 0;
  date.tm_isdst = -1;
  const std::tm asked = date;
  const std::time_t whole = std::mktime(&date);
  // A day that the month does not have would be another one.
  if (whole == -1 || date.tm_mday != asked.tm_mday) return std::nullopt;
  return static_cast<double>(whole) + time->seconds;
}

}  // namespace gnomon::ctl
