// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/links/clock_client.hpp"

#include <fmt/core.h>
#include <poll.h>

#include <cerrno>
#include <cstring>

#include "base/os/channel.hpp"

namespace gnomon::core {

namespace {

constexpr Timeout clock_timeout{.connection = base::Duration{0}, .reply = std::chrono::seconds{5}};

engine::ClockChanged changed(const ipc::Adjusted& adjusted) {
  return {.at = adjusted.at, .rate = adjusted.rate.ratio(), .stepped = adjusted.stepped};
}

std::string describe(const ipc::ClockRefused& refused) {
  switch (refused.reason) {
    case ipc::ClockRefusal::not_permitted:
      return "it may not set the clock (no CAP_SYS_TIME)";
    case ipc::ClockRefusal::over_slew_rate:
      return "the slew is faster than maxslewrate allows";
    case ipc::ClockRefusal::over_drift:
      return "the frequency is beyond maxdrift";
    case ipc::ClockRefusal::step_not_allowed:
      return "makestep does not allow a step now";
    case ipc::ClockRefusal::step_too_large:
      return "the step is beyond maxchange";
    case ipc::ClockRefusal::leap_not_allowed:
      return "the kernel must not apply a leap second today";
    case ipc::ClockRefusal::tai_offset_wrong:
      return "the TAI offset cannot be right";
    case ipc::ClockRefusal::over_budget:
      return "the clock has been turned as far as it may be for now";
    case ipc::ClockRefusal::kernel_error:
      break;
  }
  return fmt::format("the kernel refused: {}",
                     strerror(refused.system_error));  // NOLINT(concurrency-mt-unsafe)
}

ClockOutcome to_outcome(const ipc::Frame& frame) {
  if (frame.type == ipc::MessageType::adjusted)
    if (const auto adjusted = ipc::decode<ipc::Adjusted>(frame)) return changed(*adjusted);
  if (frame.type == ipc::MessageType::clock_reading) return StatusSet{};
  if (frame.type == ipc::MessageType::clock_refused)
    if (const auto refused = ipc::decode<ipc::ClockRefused>(frame)) return Refused{describe(*refused)};
  return Refused{"its answer could not be read"};
}

bool hear(const ClockClient::Handlers& handlers, const ipc::Frame& frame) {
  if (const auto tick = ipc::decode<ipc::RtcTick>(frame)) {
    handlers.on_rtc_tick(*tick);
    return true;
  }
  const auto adjusted = ipc::decode<ipc::Adjusted>(frame);
  if (adjusted) handlers.on_changed(changed(*adjusted));
  return adjusted.has_value();
}

ipc::Adjust to_request(const engine::SetRate& command) {
  return {.frequency = ipc::rate_of_ratio(command.frequency.ratio()),
          .slew = ipc::rate_of_ratio(command.slew.ratio()),
          .duration = command.duration};
}

}  // namespace

ClockClient::ClockClient(async::TaskGroup& tasks, bool rtc_sync, const Handlers& handlers)
    : rtc_sync_(rtc_sync),
      role_(tasks, ipc::Link::clock,
            {.on_event = [handlers](const ipc::Frame& frame) { return hear(handlers, frame); },
             .on_disconnect = handlers.on_disconnect,
             // Late or not, the clock runs at another rate now.
             .on_late =
                 [on_changed = handlers.on_changed](const ipc::Frame& frame) {
                   if (const auto adjusted = ipc::decode<ipc::Adjusted>(frame))
                     on_changed(changed(*adjusted));
                 }}) {}

template <class Request>
asio::awaitable<ClockOutcome> ClockClient::ask(Request request) {
  const auto reply = co_await role_.request(request, clock_timeout);
  if (!reply) co_return Refused{"it does not answer"};
  co_return to_outcome(reply->frame());
}

template <class Request>
asio::awaitable<ipc::RtcAnswer> ClockClient::ask_about_rtc(Request request) {
  const auto reply = co_await role_.request(request, clock_timeout);
  const auto answer =
      reply ? ipc::decode<ipc::RtcAnswer>(reply->frame()) : std::unexpected{ipc::FrameError{}};
  if (!answer) co_return ipc::RtcAnswer{.outcome = ipc::RtcOutcome::failed, .system_error = ETIMEDOUT};
  co_return *answer;
}

asio::awaitable<ipc::RtcAnswer> ClockClient::ask_rtc(ipc::ReadRtc request) {
  co_return co_await ask_about_rtc(request);
}

asio::awaitable<ipc::RtcAnswer> ClockClient::ask_rtc(ipc::SetRtc request) {
  co_return co_await ask_about_rtc(request);
}

asio::awaitable<ClockOutcome> ClockClient::carry_out(engine::ClockCommand command) {
  if (const auto* rate = std::get_if<engine::SetRate>(&command)) co_return co_await ask(to_request(*rate));
  if (const auto* step = std::get_if<engine::StepClock>(&command))
    co_return co_await ask(ipc::Step{.offset = step->offset});
  const auto& status = std::get<engine::ReportStatus>(command);
  const ipc::SetStatus request{.leap = status.leap,
                               .rtc_sync = rtc_sync_,
                               .max_error = status.max_error,
                               .estimated_error = status.estimated_error,
                               .tai_offset = status.tai_offset};
  co_return co_await ask(request);
}

std::expected<ipc::ClockReading, std::string> read_clock(int channel, std::chrono::milliseconds timeout) {
  constexpr std::uint32_t request = 1;
  if (const auto sent = base::send_datagram(channel, ipc::encode(ipc::ReadClock{}, request)); !sent)
    return std::unexpected(base::to_string(sent.error()));
  pollfd waited{channel, POLLIN, 0};
  const int ready = poll(&waited, 1, static_cast<int>(timeout.count()));
  if (ready < 0) return std::unexpected(base::to_string(base::last_error("poll")));
  if (ready == 0) return std::unexpected(fmt::format("no answer within {} ms", timeout.count()));
  base::Buffer buffer(ipc::max_frame_size);
  const auto received = base::receive_datagram(channel, buffer);
  if (!received) return std::unexpected(base::to_string(received.error()));
  if (received->size == 0) return std::unexpected("it has ended");
  const auto frame = ipc::parse_frame(base::Bytes{buffer}.first(received->size));
  if (!frame || frame->request_id != request) return std::unexpected("its answer could not be read");
  const auto reading = ipc::decode<ipc::ClockReading>(*frame);
  if (!reading) return std::unexpected("its answer could not be read");
  return *reading;
}

}  // namespace gnomon::core
