// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/refclock/service.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/log2_seconds.hpp"
#include "base/units.hpp"

namespace gnomon::refclock {

namespace {

constexpr auto look_interval = std::chrono::seconds{5};
constexpr auto longest_kept = std::chrono::seconds{16};  // a reading, for intervals that are longer

bool is_polled(ipc::RefclockDriver driver) {
  return driver != ipc::RefclockDriver::sock;
}

base::Duration period_of(const ipc::RefclockDevice& line) {
  return base::PollExponent{is_polled(line.driver) ? line.driver_poll : line.poll}.interval();
}

// The core counts likewise.
int polls_of_interval(const ipc::RefclockDevice& line) {
  constexpr int most = 30;
  return is_polled(line.driver) ? 1 << std::clamp(line.poll - line.driver_poll, 0, most) : 1;
}

std::string name_of(const ipc::RefclockDevice& line) {
  switch (line.driver) {
    case ipc::RefclockDriver::shm:
      return "SHM " + line.parameter;
    case ipc::RefclockDriver::sock:
      return "SOCK " + line.parameter;
    case ipc::RefclockDriver::pps:
      return "PPS " + line.parameter;
    case ipc::RefclockDriver::phc:
      return "PHC " + line.parameter;
    case ipc::RefclockDriver::rtc:
      break;
  }
  return "RTC " + line.parameter;
}

void keep_newest(Readings& readings) {
  if (readings.size() > ipc::most_refclock_readings)
    readings.erase(readings.begin(), readings.end() - ipc::most_refclock_readings);
}

}  // namespace

Service::Service(const ipc::RefclockSetup& setup, base::Log& log) : log_(log), at_once_(setup.at_once) {
  std::size_t next_socket = 0;
  for (const auto& line : setup.devices) {
    Device device{.line = line, .index = static_cast<std::uint8_t>(devices_.size())};
    device.period = period_of(line);
    device.polls_of_interval = polls_of_interval(line);
    if (line.driver == ipc::RefclockDriver::sock && next_socket < setup.sockets.size())
      device.socket = setup.sockets[next_socket++];
    devices_.push_back(std::move(device));
  }
}

void Service::open(base::MonoTime now) {
  for (auto& device : devices_) {
    open(device);
    device.due = is_polled(device.line.driver) ? now : now + device.period;
  }
  if (std::ranges::any_of(devices_, &Device::gone)) next_look_ = now + look_interval;
}

void Service::open(Device& device) {
  device.file = file_of(device.line);
  auto opened = open_driver(device.line, std::exchange(device.socket, -1));
  if (opened)
    device.driver = std::move(*opened);
  else
    fail(device, opened.error());
}

void Service::fail(Device& device, const Failure& failure) {
  device.gone = failure.gone;
  if (std::exchange(device.failing, true) || failure.told) return;
  const auto name = name_of(device.line);
  log_.write(base::LogEvent::refclock_unusable,
             "Reference clock " + name + " cannot be used: " + failure.what,
             {{base::LogField::source, name}, {base::LogField::reason, failure.what}});
}

void Service::recover(Device& device) {
  device.gone = false;
  if (!std::exchange(device.failing, false)) return;
  const auto name = name_of(device.line);
  log_.write(base::LogEvent::refclock_resumed, "Reference clock " + name + " can be read again",
             {{base::LogField::source, name}});
}

base::CallList Service::calls() const {
  base::CallList calls;
  for (const auto& device : devices_)
    if (device.driver) device.driver->add_calls(calls);
  return calls;
}

base::MonoTime Service::next_due() const {
  auto next = next_look_;
  for (const auto& device : devices_) next = std::min(next, device.due);
  return next;
}

void Service::hand_over(Messages& messages) {
  if (kept_.polls.empty()) return;
  messages.push_back(std::exchange(kept_, {}));
  readings_kept_ = 0;
}

void Service::keep(ipc::RefclockPoll poll, Messages& messages) {
  keep_newest(poll.readings);
  if (kept_.polls.size() >= ipc::most_refclock_polls ||
      readings_kept_ + poll.readings.size() > ipc::most_refclock_readings)
    hand_over(messages);
  readings_kept_ += poll.readings.size();
  kept_.polls.push_back(std::move(poll));
}

bool Service::is_overdue(base::MonoTime now) const {
  return at_once_ || (!kept_.polls.empty() && now - kept_.polls.front().at >= longest_kept);
}

bool Service::poll(Device& device, base::MonoTime now, Messages& messages) {
  device.due += device.period;
  // After a sleep once, not as often as has been missed.
  if (device.due <= now) device.due = now + device.period;
  ipc::RefclockPoll poll{.index = device.index, .polled = true, .at = now, .readings = {}};
  if (device.driver) {
    if (const auto polled = device.driver->poll(poll.readings); !polled)
      fail(device, polled.error());
    else
      recover(device);
  }
  if (device.gone) next_look_ = std::min(next_look_, now + look_interval);
  keep(std::move(poll), messages);
  if (++device.polls < device.polls_of_interval) return false;
  device.polls = 0;
  return true;
}

Messages Service::on_time(base::MonoTime now) {
  Messages messages;
  bool over = false;
  for (auto& device : devices_)
    if (device.due <= now) over = poll(device, now, messages) || over;
  if (over || is_overdue(now)) hand_over(messages);
  if (next_look_ <= now) look_for_devices(now);
  return messages;
}

std::vector<int> Service::descriptors() const {
  std::vector<int> descriptors;
  for (const auto& device : devices_)
    if (device.driver && device.driver->descriptor() >= 0) descriptors.push_back(device.driver->descriptor());
  return descriptors;
}

Messages Service::on_readable(int descriptor, base::MonoTime now) {
  Messages messages;
  for (auto& device : devices_) {
    if (!device.driver || device.driver->descriptor() != descriptor) continue;
    ipc::RefclockPoll poll{.index = device.index, .polled = false, .at = now, .readings = {}};
    if (const auto read = device.driver->read(poll.readings); !read) fail(device, read.error());
    if (!poll.readings.empty()) keep(std::move(poll), messages);
  }
  if (is_overdue(now)) hand_over(messages);
  return messages;
}

namespace {

std::optional<struct stat> stat_of(const std::string& path) {
  struct stat file{};
  if (stat(path.c_str(), &file) != 0) return std::nullopt;
  return file;
}

std::int64_t changed_at(const struct stat& file) {
  return std::int64_t{file.st_ctim.tv_sec} * 1'000'000'000 + file.st_ctim.tv_nsec;
}

// Which PTP clock an interface has cannot be asked without a socket: any that is new or has new permissions
// may be it.
std::int64_t newest_ptp_clock() {
  constexpr int most = 32;
  std::int64_t newest = 0;
  for (int i = 0; i < most; ++i)
    if (const auto clock = stat_of("/dev/ptp" + std::to_string(i)))
      newest = std::max(newest, changed_at(*clock));
  return newest;
}

}  // namespace

std::optional<Service::FileId> Service::file_of(const ipc::RefclockDevice& line) {
  const auto name = line.parameter.substr(0, line.parameter.find(':'));
  const bool interface = line.driver == ipc::RefclockDriver::phc && !name.starts_with('/');
  if (!interface && !name.starts_with('/')) return std::nullopt;
  const auto file = stat_of(interface ? "/sys/class/net/" + name : name);
  if (!file) return std::nullopt;
  return FileId{file->st_dev, file->st_ino,
                interface ? std::max(changed_at(*file), newest_ptp_clock()) : changed_at(*file)};
}

void Service::look_for_devices(base::MonoTime now) {
  next_look_ = base::MonoTime::max();
  for (const auto& device : devices_) {
    if (!device.gone) continue;
    next_look_ = now + look_interval;
    const auto file = file_of(device.line);
    if (!file || file == device.file) continue;
    changed_ = true;
    const auto name = name_of(device.line);
    log_.write(base::LogEvent::refclock_appeared,
               "Reference clock " + name + " is there now: gnomon-refclock is restarted to open it",
               {{base::LogField::source, name}});
  }
}

}  // namespace gnomon::refclock
