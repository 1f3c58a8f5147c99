// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/clock/hardware_clocks.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace gnomon::core {

namespace {

using namespace std::chrono_literals;

constexpr unsigned readings_at_once = 25;
constexpr int shortest_poll = -6;
constexpr int longest_poll = 20;

base::Duration interval_of(int poll) {
  return base::to_duration(base::Seconds{std::ldexp(1.0, std::clamp(poll, shortest_poll, longest_poll))});
}

engine::NicClockSettings settings_of(const config::HardwareTimestamp& line) {
  return {.min_samples = line.min_samples, .max_samples = line.max_samples, .precision = line.precision};
}

}  // namespace

PhcReadings read_card(int fd, unsigned count, CrossTimestamps cross) {
  const auto method = base::find_phc_method(fd, cross == CrossTimestamps::use);
  if (!method) return std::unexpected(method.error());
  std::vector<base::PhcReading> readings(count);
  const auto read = base::read_phc(fd, *method, readings);
  if (!read) return std::unexpected(read.error());
  readings.resize(*read);
  return readings;
}

struct HardwareClocks::Card {
  Card(async::Loop& loop, ipc::NicOpened which, const config::HardwareTimestamp& line, base::Fd device)
      : nic(std::move(which)), settings(line), fd(std::move(device)), clock(settings_of(line)), timer(loop) {}

  ipc::NicOpened nic;
  config::HardwareTimestamp settings;
  base::Fd fd;
  engine::NicClock clock;
  async::Timer timer;
};

HardwareClocks::~HardwareClocks() = default;

HardwareClocks::HardwareClocks(async::TaskGroup& tasks, const config::HardwareSettings& settings,
                               const ClockDriver& time, base::Log& log, Handlers handlers)
    : tasks_(tasks), lines_(settings.timestamping), time_(time), log_(log), handlers_(std::move(handlers)) {}

void HardwareClocks::add(const ipc::NicOpened& nic, base::Fd clock) {
  if (nic.line >= lines_.size()) return;
  const auto& line = lines_[nic.line];
  auto card = std::make_shared<Card>(tasks_.loop(), nic, line, std::move(clock));
  auto& place = cards_[nic.name];
  if (place) place->timer.wake();
  place = card;
  publish();
  tasks_.spawn("clock of " + nic.name, follow(nic.name, card));
}

bool HardwareClocks::is_present(const std::string& name, const std::shared_ptr<Card>& card) const {
  const auto at = cards_.find(name);
  return at != cards_.end() && at->second == card;
}

// Twice at once, so that the first packets have their timestamps as well.
asio::awaitable<void> HardwareClocks::follow(std::string name, std::shared_ptr<Card> card) {
  auto interval = std::min<base::Duration>(interval_of(card->settings.min_poll), 100ms);
  while (is_present(name, card)) {
    if (!read(*card)) {
      cards_.erase(name);
      publish();
      break;
    }
    card->timer.expires_after(interval);
    co_await async::wait_for(card->timer);
    interval = interval_of(card->settings.min_poll);
  }
}

bool HardwareClocks::read(Card& card) {
  const auto cross = card.settings.no_cross_timestamp ? CrossTimestamps::avoid : CrossTimestamps::use;
  const auto readings = handlers_.read(card.fd.get(), readings_at_once, cross);
  if (!readings) {
    log_.write(
        base::LogEvent::nic_lost,
        fmt::format("The clock of {} cannot be read any more ({}): the kernel's timestamps are used",
                    card.nic.name, base::to_string(readings.error())),
        {{base::LogField::directive, "hwtimestamp"}, {base::LogField::os_error, readings.error().code}});
    return false;
  }
  std::vector<engine::NicReading> local;
  local.reserve(readings->size());
  for (const auto& r : *readings)
    local.push_back({time_.keeper().to_local(r.before), r.phc, time_.keeper().to_local(r.after)});
  card.clock.add(local);
  publish();
  return true;
}

void HardwareClocks::on_clock_changed() {
  if (!cards_.empty()) publish();
}

void HardwareClocks::on_clock_jumped() {
  for (auto& [name, card] : cards_) {
    card->clock.clear();
    card->timer.expires_at_once();
  }
  on_clock_changed();
}

engine::NicEntry HardwareClocks::entry_of(const Card& card, const base::Now& now) const {
  engine::NicEntry entry{.interface = card.nic.interface,
                         .speed = card.nic.speed,
                         .tx_compensation = card.settings.tx_compensation,
                         .rx_compensation = card.settings.rx_compensation};
  const auto& line = card.clock.line();
  if (!line) return entry;
  const auto here = time_.keeper().to_local(now.real);
  const auto since = base::to_seconds(here - line->local);
  entry.known = true;
  entry.system = now.real;
  entry.card = line->card + (here - line->local) + base::to_duration(since * (line->rate - 1));
  entry.rate = line->rate / (1 + time_.keeper().clock_rate());
  return entry;
}

void HardwareClocks::publish() {
  const auto now = tasks_.now();
  std::vector<engine::NicEntry> entries;
  entries.reserve(cards_.size());
  for (const auto& [name, card] : cards_) entries.push_back(entry_of(*card, now));
  table_ = std::make_shared<const engine::NicTable>(std::move(entries));
  if (handlers_.on_changed) handlers_.on_changed();
}

}  // namespace gnomon::core
