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

bool is_polled(ipc::RefclockDriver driver) {
  return driver != ipc::RefclockDriver::sock;
}

base::Duration period_of(const ipc::RefclockDevice& line) {
  return base::PollExponent{is_polled(line.driver) ? line.driver_poll : line.poll}.interval();
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

Service::Service(std::vector<ipc::RefclockDevice> devices, std::vector<int> sockets, base::Log& log)
    : log_(log) {
  std::size_t next_socket = 0;
  for (auto& line : devices) {
    Device device{.line = std::move(line), .index = static_cast<std::uint8_t>(devices_.size())};
    device.period = period_of(device.line);
    if (device.line.driver == ipc::RefclockDriver::sock && next_socket < sockets.size())
      device.socket = sockets[next_socket++];
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

Messages Service::on_time(base::MonoTime now) {
  Messages messages;
  for (auto& device : devices_) {
    if (device.due > now) continue;
    device.due += device.period;
    // After a sleep once, not as often as has been missed.
    if (device.due <= now) device.due = now + device.period;
    ipc::RefclockReadings message{.index = device.index, .polled = true, .readings = {}};
    if (device.driver) {
      if (const auto polled = device.driver->poll(message.readings); !polled)
        fail(device, polled.error());
      else
        recover(device);
    }
    if (device.gone) next_look_ = std::min(next_look_, now + look_interval);
    keep_newest(message.readings);
    messages.push_back(std::move(message));
  }
  if (next_look_ <= now) look_for_devices(now);
  return messages;
}

std::vector<int> Service::descriptors() const {
  std::vector<int> descriptors;
  for (const auto& device : devices_)
    if (device.driver && device.driver->descriptor() >= 0) descriptors.push_back(device.driver->descriptor());
  return descriptors;
}

Messages Service::on_readable(int descriptor) {
  Messages messages;
  for (auto& device : devices_) {
    if (!device.driver || device.driver->descriptor() != descriptor) continue;
    ipc::RefclockReadings message{.index = device.index, .polled = false, .readings = {}};
    if (const auto read = device.driver->read(message.readings); !read) fail(device, read.error());
    keep_newest(message.readings);
    if (!message.readings.empty()) messages.push_back(std::move(message));
  }
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
