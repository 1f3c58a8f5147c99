// SPDX-License-Identifier: GPL-2.0-or-later
// What gnomon-clock does with each request: one reply for one frame, and the end of a slew. Owns the budget;
// the only code that turns the system clock. Uses no heap.
#pragma once

#include <optional>

#include "base/os/adjtime.hpp"
#include "base/os/log.hpp"
#include "helpers/clock/budget.hpp"
#include "helpers/clock/rtc.hpp"
#include "helpers/clock/turned.hpp"
#include "ipc/codec.hpp"

namespace gnomon::clock {

// The system clock may be turned: the kernel was asked to keep the rate it has and did not object.
[[nodiscard]] bool probe_permission(base::SystemClock& clock);
// Before the first request: nothing that was begun before us goes on. A rate that no oscillator needs is a
// slew that nobody ended, and ends here; unless we remember that the clock needs it.
void take_over(base::SystemClock& clock, base::Log& log, const Memory& memory = {});

class ClockService {
 public:
  // `may_adjust` false: every Adjust and Step is refused, the clock is only read. `memory`: outlives us, and
  // may be of a gnomon-clock before us; none: ours ends with us.
  // `rtc`: outlives us; null: there is none.
  ClockService(base::SystemClock& clock, base::Log& log, const ipc::ClockBudget& limits, bool may_adjust,
               Memory* memory = nullptr, Rtc* rtc = nullptr);
  ClockService(const ClockService&) = delete;
  ClockService& operator=(const ClockService&) = delete;

  // The reply's size in `reply`; 0: the datagram is not a legal request, and the channel is to be closed.
  [[nodiscard]] std::size_t handle(base::Bytes datagram, base::MutableBytes reply);

  // When on_time() is to be called: the end of a slew, or of what the clock may be turned by.
  [[nodiscard]] std::optional<base::MonoTime> due() const;
  [[nodiscard]] bool is_due() { return due().value_or(base::MonoTime::max()) <= clock_.now().mono; }
  // The size of the event in `event`; 0: there is nothing to tell.
  std::size_t on_time(base::MutableBytes event);
  [[nodiscard]] std::optional<base::MonoTime> slew_end() const { return slew_end_; }
  // Back to the base frequency. The size of the event in `event`; 0: no slew was running.
  std::size_t end_slew(base::MutableBytes event);
  // What is waited for besides the channel; -1: nothing. When it is readable, as on_time().
  [[nodiscard]] int rtc_descriptor() const { return rtc_ == nullptr ? -1 : rtc_->descriptor(); }
  std::size_t on_rtc(base::MutableBytes event);
  // Nobody watches over the clock from here on: a running slew ends, and nobody is told it is synchronised.
  void leave();

 private:
  template <class Request>
  std::size_t answer(const ipc::Frame& frame, base::MutableBytes reply);
  std::size_t carry_out(const ipc::ReadClock& request, std::uint32_t id, base::MutableBytes reply);
  std::size_t carry_out(const ipc::SetStatus& request, std::uint32_t id, base::MutableBytes reply);
  std::size_t carry_out(const ipc::Adjust& request, std::uint32_t id, base::MutableBytes reply);
  std::size_t carry_out(const ipc::Step& request, std::uint32_t id, base::MutableBytes reply);
  std::size_t carry_out(const ipc::ReadRtc& request, std::uint32_t id, base::MutableBytes reply);
  std::size_t carry_out(const ipc::SetRtc& request, std::uint32_t id, base::MutableBytes reply);
  // The clock runs at `base` + `slew`, which gains `gain` seconds, or at `base` alone.
  base::OsResult<void> run_at(double base, double slew = 0, double gain = 0);
  void account();
  [[nodiscard]] std::expected<void, Refusal> check_turning(double by, bool corrects) const;
  std::size_t stop_when_spent(base::MutableBytes event);
  std::size_t report(std::uint32_t id, base::Duration stepped, base::MutableBytes reply);
  std::size_t refuse(const Refusal& refusal, std::uint32_t id, base::MutableBytes reply);
  std::size_t fail(const base::OsError& error, std::uint32_t id, base::MutableBytes reply);

  base::SystemClock& clock_;
  base::Log& log_;
  Memory own_memory_;
  Memory& memory_;
  Budget budget_;
  Turned turned_;
  bool watches_;  // how far the clock is turned; not where it may be stepped at any time
  bool may_adjust_;
  Rtc* rtc_;
  base::KernelRate rate_;  // what the kernel runs at
  double base_ratio_ = 0;  // without the slew
  std::optional<base::MonoTime> slew_end_;
  bool status_told_ = false;
};

}  // namespace gnomon::clock
