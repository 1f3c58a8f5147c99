// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/clock/service.hpp"

#include <array>
#include <cerrno>
#include <cmath>
#include <cstdio>

namespace gnomon::clock {

namespace {

using namespace std::chrono_literals;

using Line = std::array<char, 200>;

constexpr ipc::ClockRefused not_permitted{ipc::ClockRefusal::not_permitted, 0};
constexpr double largest_oscillator_error = 500e-6;

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

}  // namespace

bool probe_permission(base::SystemClock& clock) {
  const auto state = base::read_clock(clock);
  return state && base::set_clock_rate(clock, state->rate).has_value();
}

void take_over(base::SystemClock& clock, base::Log& log) {
  if (const auto done = base::clear_kernel_loop(clock); !done) complain(log, done.error());
  const auto state = base::read_clock(clock);
  if (!state || std::abs(state->rate.ratio()) <= largest_oscillator_error) return;
  if (!base::set_clock_rate(clock, {})) return;
  Line line{};
  std::snprintf(line.data(), line.size(),
                "The clock was left running %.0f ppm off, by a slew that nobody ended: back to its own rate",
                state->rate.ratio() * 1e6);
  log.write(base::LogEvent::clock_rate_reset, line.data(),
            {{base::LogField::frequency, state->rate.ratio() * 1e6}});
}

ClockService::ClockService(base::SystemClock& clock, base::Log& log, const ipc::ClockBudget& limits,
                           bool may_adjust)
    : clock_(clock), log_(log), budget_(limits), may_adjust_(may_adjust) {
  if (const auto state = base::read_clock(clock_)) rate_ = state->rate;
  base_ratio_ = rate_.ratio();
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
  if (const auto allowed = budget_.check(request, clock_.now().real); !allowed)
    return refuse(allowed.error(), id, reply);
  const bool slewing = request.slew != ipc::Rate{} && request.duration > 0s;
  const double ratio = request.frequency.ratio() + (slewing ? request.slew.ratio() : 0);
  if (const auto done = run_at(ratio); !done) return fail(done.error(), id, reply);
  base_ratio_ = request.frequency.ratio();
  slew_end_.reset();
  if (slewing) slew_end_ = clock_.now().mono + lengthened(request.duration, rate_.ratio());
  // A frequency alone, which goes before each step, corrects no offset and is no clock update.
  if (slewing) budget_.adjusted();
  return report(id, 0s, reply);
}

std::size_t ClockService::carry_out(const ipc::Step& request, std::uint32_t id, base::MutableBytes reply) {
  if (!may_adjust_) return ipc::encode_into(not_permitted, id, reply);
  const auto now = clock_.now().real;
  if (const auto allowed = budget_.check(request, now); !allowed) return refuse(allowed.error(), id, reply);
  if (const auto done = base::step_clock(clock_, request.offset); !done) return fail(done.error(), id, reply);
  budget_.stepped(request, now);
  return report(id, request.offset, reply);
}

std::size_t ClockService::end_slew(base::MutableBytes event) {
  if (!slew_end_) return 0;
  slew_end_.reset();
  if (const auto done = run_at(base_ratio_); !done) return fail(done.error(), 0, event);
  return report(0, 0s, event);
}

void ClockService::leave() {
  if (slew_end_)
    if (const auto done = run_at(base_ratio_); !done) complain(log_, done.error());
  slew_end_.reset();
  if (!status_told_) return;
  constexpr base::ClockStatus unknown{.max_error = 16s, .estimated_error = 16s};
  if (const auto done = base::set_clock_status(clock_, unknown); !done) complain(log_, done.error());
}

base::OsResult<void> ClockService::run_at(double ratio) {
  const auto rate = base::to_kernel_rate(ratio, rate_.tick);
  auto done = base::set_clock_rate(clock_, rate);
  if (done) rate_ = rate;
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
