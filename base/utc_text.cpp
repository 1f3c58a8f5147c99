// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/utc_text.hpp"

#include <algorithm>
#include <string_view>

namespace gnomon::base {

namespace {

void put_digits(char* into, int count, unsigned value) {
  for (int i = count - 1; i >= 0; --i, value /= 10) into[i] = static_cast<char>('0' + value % 10);
}

// The first `length` characters of 2026-11-23 02:52:05.
std::string date_and_time(RealTime t, std::size_t length) {
  std::string text(utc_text_size, ' ');
  format_utc(t, text.data());
  text[10] = ' ';
  text.resize(length);
  return text + " UTC";
}

}  // namespace

void format_utc(RealTime t, char* into) {
  using namespace std::chrono;
  const sys_seconds seconds{floor<std::chrono::seconds>(t.time_since_epoch())};
  const auto day = floor<days>(seconds);
  const year_month_day date{day};
  const hh_mm_ss time{seconds - day};
  constexpr std::string_view pattern = "0000-00-00T00:00:00Z";
  std::copy(pattern.begin(), pattern.end(), into);
  put_digits(into, 4, static_cast<unsigned>(static_cast<int>(date.year())));
  put_digits(into + 5, 2, static_cast<unsigned>(date.month()));
  put_digits(into + 8, 2, static_cast<unsigned>(date.day()));
  put_digits(into + 11, 2, static_cast<unsigned>(time.hours().count()));
  put_digits(into + 14, 2, static_cast<unsigned>(time.minutes().count()));
  put_digits(into + 17, 2, static_cast<unsigned>(time.seconds().count()));
}

std::string utc_seconds(RealTime t) {
  return date_and_time(t, 19);
}

std::string utc_minutes(RealTime t) {
  return date_and_time(t, 16);
}

}  // namespace gnomon::base
