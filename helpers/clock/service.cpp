// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/clock/service.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdio>

namespace gnomon::clock {

namespace {

using namespace std::chrono_literals;

using Line = std::array<char, 200>;

constexpr ipc::ClockRefused not_permitted{ipc::ClockRefusal::not_permitted, 0};
constexpr ipc::RtcAnswer no_rtc{.outcome = ipc::RtcOutcome::no_device};
constexpr double largest_oscillator_error = 500e-6;
constexpr double least_turning = 1e-3;  // s; where there is not that much room, nothing is begun

// A slew is as long as the oscillator counts; CLOCK_MONOTONIC, which ends it, is slewed like the clock
// itself.
base::Duration lengthened(base::Duration duration, double ratio) {
  return duration + base::to_duration(base::to_seconds(duration) * ratio);
}

void complain(base::Log& log, const base::OsError& error) {
  Line line{};
  std::snprintf(line.data(), line.size(), "The kernel refused to change the clock: %s failed with errno %d",
                error.call, error.code);
  log.write(base::LogEvent::clock_kernel_error, line.data(),
            {{base::LogField::reason, error.call}, {base::LogField::os_error, error.code}});
}

// What a gnomon-clock before us counted, or nothing.
const Counts& begin(Memory& memory, base::Log& log) {
  if (memory.mark == Memory::valid)
    log.write(base::LogEvent::clock_budget_kept,
              "gnomond ended without being told to: what was done to the clock before still counts");
  else
    memory = Memory{.mark = Memory::valid};
  return memory.counts;
}

}  // namespace

bool probe_permission(base::SystemClock& clock) {
  const auto state = base::read_clock(clock);
  return state && base::set_clock_rate(clock, state->rate).has_value();
}

void take_over(base::SystemClock& clock, base::Log& log, const Memory& memory) {
  if (const auto done = base::clear_kernel_loop(clock); !done) complain(log, done.error());
  const auto state = base::read_clock(clock);
  const double known = memory.mark == Memory::valid ? memory.turned.base : 0;
  if (!state || std::abs(state->rate.ratio() - known) <= largest_oscillator_error) return;
  if (!base::set_clock_rate(clock, base::to_kernel_rate(known, state->rate.tick))) return;
  Line line{};
  std::snprintf(line.data(), line.size(),
                "The clock was left running %.0f ppm off by a slew that was not ended: back to its own rate",
                state->rate.ratio() * 1e6);
  log.write(base::LogEvent::clock_rate_reset, line.data(),
            {{base::LogField::frequency, state->rate.ratio() * 1e6}});
}

ClockService::ClockService(base::SystemClock& clock, base::Log& log, const ipc::ClockBudget& limits,
                           bool may_adjust, Memory* memory, Rtc* rtc)
    : clock_(clock),
      log_(log),
      memory_(memory != nullptr ? *memory : own_memory_),
      budget_(limits, begin(memory_, log)),
      turned_(memory_.turned, limits.max_drift_ppm * 1e-6),
      watches_(may_adjust && limits.step_limit >= 0),
      may_adjust_(may_adjust),
      rtc_(rtc) {
  if (const auto state = base::read_clock(clock_)) rate_ = state->rate;
  base_ratio_ = rate_.ratio();
  account();
  if (watches_) turned_.starts_at(base_ratio_);
}

void ClockService::account() {
  if (watches_) turned_.advance(clock_.now(), clock_.asleep());
}

std::optional<base::MonoTime> ClockService::due() const {
  const auto spent = watches_ ? turned_.due() : std::nullopt;
  if (!spent || !slew_end_) return spent ? spent : slew_end_;
  return std::min(*spent, *slew_end_);
}

std::size_t ClockService::on_time(base::MutableBytes event) {
  if (slew_end_ && *slew_end_ <= clock_.now().mono) return end_slew(event);
  return stop_when_spent(event);
}

// Whatever the core wants, the clock goes on as it needs to.
std::size_t ClockService::stop_when_spent(base::MutableBytes event) {
  account();
  if (!watches_ || turned_.may_run_on()) return 0;
  slew_end_.reset();
  base_ratio_ = turned_.needed();
  Line line{};
  std::snprintf(line.data(), line.size(),
                "The clock has been turned as far as it may be, %.3f s within an hour and %.3f s within a "
                "day: it continues at %.3f ppm",
                turned_.within_hour(), turned_.within_day(), base_ratio_ * 1e6);
  log_.write(base::LogEvent::clock_budget_spent, line.data(),
             {{base::LogField::frequency, base_ratio_ * 1e6}});
  if (const auto done = run_at(base_ratio_); !done) return fail(done.error(), 0, event);
  return report(0, 0s, event);
}

std::expected<void, Refusal> ClockService::check_turning(double by, bool corrects) const {
  if (corrects && turned_.awaits_correction()) return {};
  if (!watches_ || !turned_.counts() || std::abs(by) <= turned_.room(by)) return {};
  return std::unexpected(Refusal{ipc::ClockRefusal::over_budget, by, turned_.room(by),
                                 "how far the clock may still be turned within this hour and day", "s"});
}

std::size_t ClockService::handle(base::Bytes datagram, base::MutableBytes reply) {
  const auto frame = ipc::parse_frame(datagram);
  if (!frame || !ipc::is_legal(frame->type, ipc::Link::clock, ipc::Sender::core)) return 0;
  switch (frame->type) {
    case ipc::MessageType::read_clock:
      return answer<ipc::ReadClock>(*frame, reply);
    case ipc::MessageType::set_status:
      return answer<ipc::SetStatus>(*frame, reply);
    case ipc::MessageType::adjust:
      return answer<ipc::Adjust>(*frame, reply);
    case ipc::MessageType::step:
      return answer<ipc::Step>(*frame, reply);
    case ipc::MessageType::read_rtc:
      return answer<ipc::ReadRtc>(*frame, reply);
    case ipc::MessageType::set_rtc:
      return answer<ipc::SetRtc>(*frame, reply);
    default:
      return 0;
  }
}

template <class Request>
std::size_t ClockService::answer(const ipc::Frame& frame, base::MutableBytes reply) {
  const auto request = ipc::decode<Request>(frame);
  return request ? carry_out(*request, frame.request_id, reply) : 0;
}

std::size_t ClockService::carry_out(const ipc::ReadClock&, std::uint32_t id, base::MutableBytes reply) {
  const auto state = base::read_clock(clock_);
  if (!state) return fail(state.error(), id, reply);
  rate_ = state->rate;
  const ipc::ClockReading reading{ipc::rate_of_ratio(rate_.ratio()), state->tai_offset, state->synchronised,
                                  may_adjust_};
  return ipc::encode_into(reading, id, reply);
}

std::size_t ClockService::carry_out(const ipc::SetStatus& request, std::uint32_t id,
                                    base::MutableBytes reply) {
  if (may_adjust_) {
    if (const auto allowed = budget_.check(request, clock_.now().real); !allowed)
      return refuse(allowed.error(), id, reply);
    const base::ClockStatus status{request.leap, request.rtc_sync, request.max_error, request.estimated_error,
                                   request.tai_offset};
    if (const auto done = base::set_clock_status(clock_, status); !done) return fail(done.error(), id, reply);
    status_told_ = true;
  }
  return carry_out(ipc::ReadClock{}, id, reply);
}

std::size_t ClockService::carry_out(const ipc::Adjust& request, std::uint32_t id, base::MutableBytes reply) {
  if (!may_adjust_) return ipc::encode_into(not_permitted, id, reply);
  account();
  const auto now = clock_.now().real;
  if (const auto allowed = budget_.check(request, now); !allowed) return refuse(allowed.error(), id, reply);
  const bool slewing = request.slew != ipc::Rate{} && request.duration > 0s;
  const double slew = slewing ? request.slew.ratio() : 0;
  if (slewing && watches_ && budget_.is_leap_slew(request, now)) turned_.allow_leap_slew();
  // What goes further than it may is stopped when it is there; not begun is only what is there already.
  const double turns = turned_.speed(request.frequency.ratio() + slew);
  if (std::abs(turns) > negligible_turning)
    if (const auto allowed = check_turning(std::copysign(least_turning, turns), slewing); !allowed)
      return refuse(allowed.error(), id, reply);
  const double gain = slew * base::to_seconds(request.duration).count();
  if (const auto done = run_at(request.frequency.ratio(), slew, gain); !done)
    return fail(done.error(), id, reply);
  base_ratio_ = request.frequency.ratio();
  slew_end_.reset();
  if (slewing) slew_end_ = clock_.now().mono + lengthened(request.duration, rate_.ratio());
  // A frequency alone, which precedes each step, corrects no offset and is not a clock update.
  if (slewing) budget_.adjusted(request, now);
  memory_.counts = budget_.counts();
  return report(id, 0s, reply);
}

std::size_t ClockService::carry_out(const ipc::Step& request, std::uint32_t id, base::MutableBytes reply) {
  if (!may_adjust_) return ipc::encode_into(not_permitted, id, reply);
  account();
  const auto now = clock_.now().real;
  const bool leap = budget_.is_leap_step(request, now);
  if (const auto allowed = budget_.check(request, now); !allowed) return refuse(allowed.error(), id, reply);
  if (const auto allowed = check_turning(leap ? 0 : base::to_seconds(request.offset).count(), true); !allowed)
    return refuse(allowed.error(), id, reply);
  if (const auto done = base::step_clock(clock_, request.offset); !done) return fail(done.error(), id, reply);
  budget_.stepped(request, now);
  memory_.counts = budget_.counts();
  if (watches_) turned_.stepped(request.offset, !leap);
  return report(id, request.offset, reply);
}

std::size_t ClockService::carry_out(const ipc::ReadRtc& request, std::uint32_t id, base::MutableBytes reply) {
  if (rtc_ == nullptr) return ipc::encode_into(no_rtc, id, reply);
  return ipc::encode_into(rtc_->begin(request), id, reply);
}

std::size_t ClockService::carry_out(const ipc::SetRtc&, std::uint32_t id, base::MutableBytes reply) {
  if (rtc_ == nullptr) return ipc::encode_into(no_rtc, id, reply);
  if (!may_adjust_)
    return ipc::encode_into(ipc::RtcAnswer{.outcome = ipc::RtcOutcome::not_permitted}, id, reply);
  return ipc::encode_into(rtc_->set(clock_.now()), id, reply);
}

std::size_t ClockService::on_rtc(base::MutableBytes event) {
  if (rtc_ == nullptr) return 0;
  const auto tick = rtc_->on_readable(clock_.now().real);
  return tick ? ipc::encode_into(*tick, 0, event) : 0;
}

std::size_t ClockService::end_slew(base::MutableBytes event) {
  if (!slew_end_) return 0;
  slew_end_.reset();
  account();
  if (const auto done = run_at(base_ratio_); !done) return fail(done.error(), 0, event);
  return report(0, 0s, event);
}

void ClockService::leave() {
  account();
  const double ratio = watches_ ? turned_.left_alone(base_ratio_) : base_ratio_;
  if (slew_end_ || ratio != base_ratio_)
    if (const auto done = run_at(ratio); !done) complain(log_, done.error());
  slew_end_.reset();
  if (!status_told_) return;
  constexpr base::ClockStatus unknown{.max_error = 16s, .estimated_error = 16s};
  if (const auto done = base::set_clock_status(clock_, unknown); !done) complain(log_, done.error());
}

base::OsResult<void> ClockService::run_at(double base, double slew, double gain) {
  const auto rate = base::to_kernel_rate(base + slew, rate_.tick);
  auto done = base::set_clock_rate(clock_, rate);
  if (!done) return done;
  rate_ = rate;
  if (watches_) turned_.runs_at(rate_.ratio(), base, gain);
  return done;
}

std::size_t ClockService::report(std::uint32_t id, base::Duration stepped, base::MutableBytes reply) {
  return ipc::encode_into(ipc::Adjusted{clock_.now().real, ipc::rate_of_ratio(rate_.ratio()), stepped}, id,
                          reply);
}

std::size_t ClockService::refuse(const Refusal& refusal, std::uint32_t id, base::MutableBytes reply) {
  Line line{};
  std::snprintf(line.data(), line.size(), "Refused to change the clock: asked for %.9g %s, %s is %.9g %s",
                refusal.asked, refusal.unit, refusal.limit, refusal.allowed, refusal.unit);
  log_.write(base::LogEvent::clock_change_denied, line.data(), {{base::LogField::reason, refusal.limit}});
  return ipc::encode_into(ipc::ClockRefused{refusal.reason, 0}, id, reply);
}

std::size_t ClockService::fail(const base::OsError& error, std::uint32_t id, base::MutableBytes reply) {
  complain(log_, error);
  return ipc::encode_into(ipc::ClockRefused{ipc::ClockRefusal::kernel_error, error.code}, id, reply);
}

}  // namespace gnomon::clock
