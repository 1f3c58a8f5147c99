// SPDX-License-Identifier: GPL-2.0-or-later
// The clocks of the network cards that timestamp packets (`hwtimestamp`): each is read now and then, and what
// is known of all of them is a table by which sources and server workers convert timestamps. Owned by the
// core.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "async/task_group.hpp"
#include "base/os/fd.hpp"
#include "base/os/log.hpp"
#include "base/os/phc.hpp"
#include "config/config.hpp"
#include "daemon/core/clock/clock_driver.hpp"
#include "daemon/core/engine/estimation/nic_clock.hpp"
#include "daemon/core/engine/values/nic_table.hpp"
#include "ipc/nic_messages.hpp"

namespace gnomon::core {

enum class CrossTimestamps : std::uint8_t { use, avoid };
using PhcReadings = base::OsResult<std::vector<base::PhcReading>>;
// So many readings of a card's clock against the system clock; with cross timestamps, where the driver has
// them, a single one. Errors: a card that has gone gives ENODEV.
[[nodiscard]] PhcReadings read_card(int fd, unsigned count, CrossTimestamps cross);

class HardwareClocks {
 public:
  using Table = std::shared_ptr<const engine::NicTable>;
  using Readings = PhcReadings;
  struct Handlers {
    std::function<void()> on_changed;  // another table()
    // Tests have clocks of their own.
    std::function<Readings(int fd, unsigned count, CrossTimestamps cross)> read = read_card;
  };
  HardwareClocks(async::TaskGroup& tasks, const config::HardwareSettings& settings, const ClockDriver& time,
                 base::Log& log, Handlers handlers);
  ~HardwareClocks();
  HardwareClocks(const HardwareClocks&) = delete;
  HardwareClocks& operator=(const HardwareClocks&) = delete;

  // A card that the launcher has prepared; it takes the place of one of the same name.
  void add(const ipc::NicOpened& nic, base::Fd clock);
  // Our clock goes at another rate, or was stepped: the table is made again.
  void on_clock_changed();
  // The system clock was set by somebody else: what was read before says nothing.
  void on_clock_jumped();
  // Never null; empty: no card.
  [[nodiscard]] const Table& table() const { return table_; }

 private:
  struct Card;
  asio::awaitable<void> follow(std::string name, std::shared_ptr<Card> card);
  [[nodiscard]] bool is_present(const std::string& name, const std::shared_ptr<Card>& card) const;
  // False: the card has gone.
  [[nodiscard]] bool read(Card& card);
  void publish();
  [[nodiscard]] engine::NicEntry entry_of(const Card& card, const base::Now& now) const;

  async::TaskGroup& tasks_;
  std::vector<config::HardwareTimestamp> lines_;
  const ClockDriver& time_;
  base::Log& log_;
  Handlers handlers_;
  std::map<std::string, std::shared_ptr<Card>>
      cards_;  // two owners: a card's task ends after it was replaced
  Table table_ = std::make_shared<const engine::NicTable>();
};

}  // namespace gnomon::core
