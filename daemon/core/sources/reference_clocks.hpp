// SPDX-License-Identifier: GPL-2.0-or-later
// The table of reference clocks: readings from gnomon-refclock become samples of sources like any other.
// Owned by the core. What comes of them for the clock is handed to it, as ClockEvents to be acted on.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "async/task_group.hpp"
#include "config/config.hpp"
#include "daemon/core/clock/clock_driver.hpp"
#include "daemon/core/control/source_commands.hpp"
#include "daemon/core/engine/refclock/reference_clock.hpp"
#include "daemon/core/engine/text/messages.hpp"
#include "daemon/core/links/refclock_client.hpp"

namespace gnomon::core {

class ReferenceClocks {
 public:
  struct Settings {
    std::vector<config::RefClock> clocks;
    base::Seconds clock_precision{1e-7};
    bool records = false;  // readings are recorded for the log file
  };
  // By its own tasks only, never from within a call of the owner.
  using OnEvents = std::function<void(ClockEvents)>;
  // What is known of a clock from the last run, once.
  using History = std::function<std::optional<engine::Dump>(const engine::SourceTraits&)>;
  ReferenceClocks(async::TaskGroup& tasks, ClockDriver& clock_driver, Settings settings, OnEvents on_events,
                  std::function<void(const std::string&)> on_disconnect, History history = {});
  void record(bool wanted) { settings_.records = wanted; }
  ReferenceClocks(const ReferenceClocks&) = delete;
  ReferenceClocks& operator=(const ReferenceClocks&) = delete;

  void connect(base::Fd channel);
  [[nodiscard]] bool connected() const { return client_.connected(); }
  // They become sources; what comes of their histories.
  [[nodiscard]] ClockEvents start();
  // The clock was stepped or set, and not all readings say before or after.
  void on_clock_set();
  // Whether a command means one of them: by its reference identifier or ID#n.
  [[nodiscard]] bool has(std::string_view source) const { return find(source) != nullptr; }
  // Commands of the control interface about one that there is; the error is for the operator.
  using Done = std::expected<ClockEvents, engine::Refusal>;
  [[nodiscard]] Done carry_out(const control::ModifySource& command);
  [[nodiscard]] Done carry_out(const control::SetSelectOptions& command);
  // Their ids are 1 to count().
  [[nodiscard]] std::size_t count() const { return clocks_.size(); }
  [[nodiscard]] std::vector<engine::AssociationReport> reports(const base::Now& now) const;
  // For the journal; nullopt: it is none of them.
  [[nodiscard]] std::optional<engine::SourceNames> names(base::SourceId id) const;

 private:
  struct Entry {
    explicit Entry(engine::ReferenceClock its_clock) : clock(std::move(its_clock)) {}
    engine::ReferenceClock clock;
    const engine::ReferenceClock* lock = nullptr;  // by which its pulses are numbered
    engine::SourceStatus status;
    base::MonoTime last_poll;  // of its device
  };
  [[nodiscard]] Entry* find(std::string_view source) const;
  void reconfigure(Entry& entry, config::RefClock changed);
  [[nodiscard]] ClockEvents restore(Entry& entry, const engine::SourceTraits& traits);
  void on_news(const std::vector<RefclockNews>& news);
  [[nodiscard]] ClockEvents take(const RefclockNews& news, const engine::TrackingReport& tracking);
  // `then`: when it was read.
  void take(Entry& entry, const engine::RefclockReading& reading, const base::Now& then,
            const engine::TrackingReport& tracking, ClockEvents& events);
  [[nodiscard]] ClockEvents poll_over(Entry& entry, const engine::TrackingReport& tracking);
  // A process that is gone polls nothing: its clocks are not reachable.
  void look_for_silence(Entry& entry);
  [[nodiscard]] engine::RefclockContext context(const base::Now& now,
                                                const engine::TrackingReport& tracking) const;
  [[nodiscard]] bool pulses_lead(const engine::TrackingReport& tracking) const;

  async::TaskGroup& tasks_;
  ClockDriver& clock_driver_;
  Settings settings_;
  OnEvents on_events_;
  History history_;
  std::vector<std::unique_ptr<Entry>> clocks_;
  std::optional<base::MonoTime> clock_set_;
  RefclockClient client_;
};

}  // namespace gnomon::core
