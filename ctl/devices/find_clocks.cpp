// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/devices/find_clocks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>

namespace gnomon::ctl {

namespace {

namespace fs = std::filesystem;

std::string first_line(const fs::path& path) {
  std::ifstream file{path};
  std::string line;
  std::getline(file, line);
  return line;
}

std::vector<std::string> entries(const fs::path& folder, std::string_view prefix) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored))
    if (entry.path().filename().native().starts_with(prefix)) names.push_back(entry.path().filename());
  std::ranges::sort(names, {}, [](const std::string& name) { return std::pair{name.size(), name}; });
  return names;
}

// The interface that a PTP clock belongs to; empty: none.
std::string interface_of(const fs::path& clock) {
  const auto names = entries(clock / "device/net", "");
  return names.empty() ? std::string{} : names.front();
}

void add_pps(const fs::path& root, std::vector<FoundClock>& found) {
  for (const auto& name : entries(root / "sys/class/pps", "pps")) {
    const auto folder = root / "sys/class/pps" / name;
    auto called = first_line(folder / "name");
    if (const auto path = first_line(folder / "path"); !path.empty()) called += " (" + path + ")";
    found.push_back(
        {.kind = ClockKind::pps,
         .device = "/dev/" + name,
         .name = called,
         .line = fmt::format("refclock PPS /dev/{} refid PPS poll 2", name),
         .remark = "gives pulses without a time: servers number them, or add lock REFID with the refid of "
                   "a receiver's SOCK or SHM line"});
  }
}

struct VirtualClock {
  std::string_view name;  // as the driver has it, in part
  std::string_view options;
  std::string_view remark;
};
constexpr VirtualClock virtual_clocks[] = {
    {"KVM", " refid KVM poll 2 dpoll -2 stratum 2",
     "shows the clock of the KVM host, in UTC: it is as good as that"},
    {"hyperv", " refid HYPV poll 3 dpoll -2 stratum 2",
     "shows the clock of the Hyper-V or Azure host, in UTC: it is as good as that"},
    {"vmclock", " refid VMCL poll 2 dpoll -2 stratum 2",
     "shows the clock of the host: it is as good as that"},
    {"ena", " refid ENA poll 0 dpoll -2", "shows the clock of the EC2 host, in UTC"},
};

void add_phc(const fs::path& root, std::vector<FoundClock>& found) {
  for (const auto& name : entries(root / "sys/class/ptp", "ptp")) {
    const auto folder = root / "sys/class/ptp" / name;
    FoundClock clock{
        .kind = ClockKind::phc, .device = "/dev/" + name, .name = first_line(folder / "clock_name")};
    const auto known = std::ranges::find_if(
        virtual_clocks, [&](const VirtualClock& one) { return clock.name.contains(one.name); });
    if (known != std::end(virtual_clocks)) {
      clock.line = fmt::format("refclock PHC {}{}", clock.device, known->options);
      clock.remark = known->remark;
    } else {
      const auto interface = interface_of(folder);
      if (!interface.empty()) clock.name += " (" + interface + ")";
      clock.line = fmt::format("refclock PHC {} refid PHC poll 0 dpoll -2 tai", clock.device);
      clock.remark =
          "is of use once a program such as ptp4l steers it, in TAI as here (needs leapseclist), or in "
          "UTC without tai";
    }
    found.push_back(std::move(clock));
  }
}

void add_rtc(const fs::path& root, std::vector<FoundClock>& found) {
  for (const auto& name : entries(root / "sys/class/rtc", "rtc"))
    found.push_back({.kind = ClockKind::rtc,
                     .device = "/dev/" + name,
                     .name = first_line(root / "sys/class/rtc" / name / "name"),
                     .line = fmt::format("refclock RTC /dev/{}:utc refid RTC noselect", name),
                     .remark = "drifts by seconds a week: to be measured; it excludes rtcsync and rtcfile"});
}

std::string process_name(const fs::path& root, long pid) {
  return first_line(root / "proc" / std::to_string(pid) / "comm");
}

void add_shm(const fs::path& root, std::vector<FoundClock>& found) {
  constexpr std::int64_t first_key = 0x4e545030;
  std::ifstream table{root / "proc/sysvipc/shm"};
  std::string line;
  std::getline(table, line);  // headings
  while (std::getline(table, line)) {
    std::istringstream words{line};
    std::int64_t key = 0, id = 0, size = 0;
    std::string permissions;
    long maker = 0, last = 0, attached = 0, user = 0;
    if (!(words >> key >> id >> permissions >> size >> maker >> last >> attached >> user)) continue;
    const auto unit = key - first_key;
    if (unit < 0 || unit > 255) continue;
    const std::string_view letters = unit < 10 ? "SHM" : unit < 100 ? "SH" : "S";  // four with the number
    auto writer = process_name(root, maker);
    if (writer.empty()) writer = process_name(root, last);
    found.push_back(
        {.kind = ClockKind::shm,
         .device = std::to_string(unit),
         .name = fmt::format("{}, mode {}, of user {}, {} attached", writer.empty() ? "no process" : writer,
                             permissions, user, attached),
         .line = fmt::format("refclock SHM {} refid {}{}", unit, letters, unit),
         .remark = attached == 0
                       ? "nobody writes to it at present"
                       : "anyone who may write to the segment can set the clock: SOCK is the better choice"});
  }
}

}  // namespace

std::vector<FoundClock> find_clocks(const std::string& root) {
  const fs::path base = root.empty() ? "/" : root;
  std::vector<FoundClock> found;
  add_pps(base, found);
  add_phc(base, found);
  add_rtc(base, found);
  add_shm(base, found);
  return found;
}

}  // namespace gnomon::ctl
