// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/render/cells.hpp"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <cmath>
#include <ctime>
#include <limits>
#include <span>

namespace gnomon::ctl {

namespace {

constexpr double minute = 60;
constexpr double hour = 60 * minute;
constexpr double day = 24 * hour;
constexpr double year = 365 * day;

// A value below `below` is shown in this unit.
struct Unit {
  double below;
  double size;
  int width;
  int decimals;
  std::string_view name;
};

// Above 10 s one column less is left for digits, as the unit's name got shorter.
constexpr std::array units{
    Unit{9999.5e-9, 1e-9, 4, 0, "ns"},
    Unit{9999.5e-6, 1e-6, 4, 0, "us"},
    Unit{9999.5e-3, 1e-3, 4, 0, "ms"},
    Unit{999.5, 1, 5, 1, "s"},
    Unit{99999.5, 1, 5, 0, "s"},
    Unit{99999.5 * minute, minute, 5, 0, "m"},
    Unit{99999.5 * hour, hour, 5, 0, "h"},
    Unit{99999.5 * day, day, 5, 0, "d"},
    Unit{std::numeric_limits<double>::infinity(), year, 5, 0, "y"},
};

const Unit& unit_of(double magnitude) {
  for (const Unit& unit : units)
    if (magnitude < unit.below) return unit;
  return units.back();
}

std::uint64_t whole(double seconds) {
  constexpr double longest = 4294967294.0;
  return static_cast<std::uint64_t>(std::fmin(std::fmax(seconds, 0.0), longest));
}

}  // namespace

std::string age_cell(std::optional<double> seconds) {
  if (!seconds) return "   -";
  const std::uint64_t age = whole(*seconds);
  if (age < 1200) return fmt::format("{:4}", age);
  if (age < 36000) return fmt::format("{:3}m", age / 60);
  if (age < 345600) return fmt::format("{:3}h", age / 3600);
  const std::uint64_t days = age / 86400;
  if (days <= 999) return fmt::format("{:3}d", days);
  return fmt::format("{:3}y", days / 365);
}

std::string age_csv(std::optional<double> seconds) {
  if (!seconds) return "4294967295";
  return fmt::format("{}", whole(*seconds));
}

std::string length_cell(double seconds) {
  const double magnitude = std::fabs(seconds);
  const Unit& unit = unit_of(magnitude);
  return fmt::format("{:{}.{}f}{}", magnitude / unit.size, unit.width, unit.decimals, unit.name);
}

std::string offset_cell(double seconds) {
  const Unit& unit = unit_of(std::fabs(seconds));
  return fmt::format("{:+{}.{}f}{}", seconds / unit.size, unit.width + 1, unit.decimals, unit.name);
}

std::string frequency_cell(double ppm) {
  return std::fabs(ppm) < 99999.5 ? fmt::format("{:10.3f}", ppm) : fmt::format("{:10.0f}", ppm);
}

std::string signed_frequency_cell(double ppm) {
  return std::fabs(ppm) < 99999.5 ? fmt::format("{:+10.3f}", ppm) : fmt::format("{:+10.0f}", ppm);
}

std::string date_text(double seconds_since_1970) {
  constexpr double year_9999 = 253402300799.0;
  const auto time = static_cast<std::time_t>(std::fmin(std::fmax(seconds_since_1970, -year_9999), year_9999));
  std::tm parts{};
  if (gmtime_r(&time, &parts) == nullptr) return "-";
  constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  return fmt::format("{} {} {:02} {:02}:{:02}:{:02} {}", days.at(static_cast<std::size_t>(parts.tm_wday)),
                     months.at(static_cast<std::size_t>(parts.tm_mon)), parts.tm_mday, parts.tm_hour,
                     parts.tm_min, parts.tm_sec, parts.tm_year + 1900);
}

std::string reference_id_hex(std::int64_t id) {
  return fmt::format("{:08X}", static_cast<std::uint32_t>(id));
}

std::string reference_id_text(std::int64_t id) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) {
    const auto octet =
        static_cast<unsigned char>(static_cast<std::uint32_t>(id) >> static_cast<unsigned>(shift));
    if (std::isprint(octet) != 0) text += static_cast<char>(octet);
  }
  return text;
}

std::string leap_text(std::string_view leap) {
  if (leap == "normal") return "Normal";
  if (leap == "insert_second") return "Insert second";
  if (leap == "delete_second") return "Delete second";
  if (leap == "not_synchronised") return "Not synchronised";
  return std::string(leap);
}

std::string yes_no(bool value) {
  return value ? "Yes" : "No";
}

std::string capitalised(std::string word) {
  if (!word.empty()) word.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(word.front())));
  return word;
}

}  // namespace gnomon::ctl
