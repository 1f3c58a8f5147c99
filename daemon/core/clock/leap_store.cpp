// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/clock/leap_store.hpp"

#include <fmt/core.h>

#include <filesystem>

#include "base/os/file.hpp"
#include "daemon/core/engine/leap/leap_list.hpp"
#include "daemon/core/engine/leap/tzif.hpp"

namespace gnomon::core {

namespace {

constexpr std::size_t largest_table = 1U << 18U;
constexpr auto notice = std::chrono::days{30};
constexpr auto time_zones = "/usr/share/zoneinfo/";

// A name such as right/UTC; nothing leads out of the folder of time zones.
std::string file_of_zone(const std::string& zone) {
  const std::filesystem::path name{zone};
  for (const auto& part : name)
    if (part == ".." || part == "/") return {};
  return zone.empty() ? std::string{} : time_zones + zone;
}

}  // namespace

LeapStore::LeapStore(const config::ClockSettings& clock, base::Log& log)
    : list_(clock.leap_list), zone_(file_of_zone(clock.leap_timezone)), log_(log) {
  if (zone_.empty() && !clock.leap_timezone.empty())
    complain("leapsectz", clock.leap_timezone, "it is not the name of a time zone");
}

std::vector<std::string> LeapStore::paths(const config::ClockSettings& clock) {
  std::vector<std::string> paths;
  for (const auto& path : {clock.leap_list, file_of_zone(clock.leap_timezone)})
    if (!path.empty()) paths.push_back(path);
  return paths;
}

void LeapStore::complain(const std::string& directive, const std::string& path, const std::string& why) {
  log_.write(
      base::LogEvent::leap_file_rejected, fmt::format("{} {} is not used: {}", directive, path, why),
      {{base::LogField::directive, directive}, {base::LogField::file, path}, {base::LogField::reason, why}});
}

void LeapStore::read_list(base::RealTime now) {
  if (list_.empty()) return;
  const auto text = base::read_file(list_, largest_table);
  if (!text) return complain("leapseclist", list_, base::to_string(text.error()));
  auto table = engine::parse_leap_list(*text);
  if (!table) return complain("leapseclist", list_, table.error());
  if (*table != list_table_)
    log_.write(base::LogEvent::leap_list_used, fmt::format("Using leap second list {}", list_),
               {{base::LogField::file, list_}});
  list_table_ = std::move(*table);
  warn_of_expiry(now);
}

void LeapStore::warn_of_expiry(base::RealTime now) {
  if (list_table_.expired(now))
    log_.write(base::LogEvent::leap_list_expired,
               fmt::format("Leap second list {} has expired and is not used: replace it with a new one, for "
                           "instance by updating the package tzdata",
                           list_),
               {{base::LogField::file, list_}});
  else if (list_table_.expired(now + notice))
    log_.write(base::LogEvent::leap_list_expires,
               fmt::format("Leap second list {} expires in {} days: replace it with a new one", list_,
                           std::chrono::floor<std::chrono::days>(*list_table_.expires - now).count()),
               {{base::LogField::file, list_}});
}

void LeapStore::read_zone() {
  if (zone_.empty()) return;
  const auto octets = base::read_file(zone_, largest_table);
  if (!octets)
    return complain("leapsectz", zone_,
                    base::to_string(octets.error()) +
                        "; some systems have it in a separate package (tzdata-legacy); or use leapseclist");
  auto table = engine::parse_tzif_leaps(base::as_bytes(*octets));
  if (!table) return complain("leapsectz", zone_, table.error());
  if (*table != zone_table_)
    log_.write(base::LogEvent::leap_zone_used,
               fmt::format("Using time zone {} to obtain leap second data", zone_),
               {{base::LogField::file, zone_}});
  zone_table_ = std::move(*table);
}

void LeapStore::read(base::RealTime now) {
  read_list(now);
  read_zone();
  const bool list_counts = !list_table_.entries.empty() && !list_table_.expired(now);
  chosen_ = list_counts || zone_table_.entries.empty() ? list_table_ : zone_table_;
}

}  // namespace gnomon::core
