// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/clock/rtc_driver.hpp"

#include <fmt/core.h>

#include <cmath>
#include <cstring>
#include <utility>

#include "base/os/file.hpp"
#include "base/os/regular_file.hpp"

namespace gnomon::core {

namespace {

using namespace std::chrono_literals;
using engine::Refusal;
using engine::RefusalKind;

constexpr base::Duration spare_time = 5s;  // for an interrupt that was asked for too late
constexpr base::Seconds worth_setting{1};
constexpr base::Seconds uncorrected{0.5};  // then the system clock is no better

std::string describe(const ipc::RtcAnswer& answer) {
  switch (answer.outcome) {
    case ipc::RtcOutcome::done:
      return {};
    case ipc::RtcOutcome::no_device:
      return "there is none";
    case ipc::RtcOutcome::not_permitted:
      return "gnomon-clock may not set clocks (no CAP_SYS_TIME)";
    case ipc::RtcOutcome::too_soon:
      return "it was set less than a minute ago";
    case ipc::RtcOutcome::failed:
      break;
  }
  return strerror(answer.system_error);  // NOLINT(concurrency-mt-unsafe)
}

}  // namespace

RtcDriver::RtcDriver(async::TaskGroup& tasks, Settings settings, ClockClient& clock, const ClockDriver& time,
                     base::Log& log, Record record)
    : tasks_(tasks),
      settings_(std::move(settings)),
      clock_(clock),
      time_(time),
      log_(log),
      record_(std::move(record)),
      news_(tasks.loop()) {}

void RtcDriver::start() {
  tasks_.spawn("real-time clock", run());
}

engine::RtcTracker::TrueTime RtcDriver::true_time() const {
  return [this, now = tasks_.now()](engine::LocalTime at) { return time_.keeper().true_time(at, now); };
}

asio::awaitable<void> RtcDriver::run() {
  while (used_) {
    const bool read_all = co_await read();
    if (!read_all && used_) complain("it does not tell when its seconds begin");
    if (!to_be_set_ && used_) {
      news_.expires_after(read_all ? tracker_.plan().pause : tracker_.plan().pause + spare_time);
      co_await async::wait_for(news_);
    }
    if (std::exchange(to_be_set_, false)) co_await set();
  }
}

// False: not all that was asked for came.
asio::awaitable<bool> RtcDriver::read() {
  const auto ticks = tracker_.plan().ticks;
  ticks_left_ = ticks;
  const auto answer = co_await clock_.ask_rtc(ipc::ReadRtc{ticks});
  if (answer.outcome == ipc::RtcOutcome::no_device) used_ = false;
  if (answer.outcome != ipc::RtcOutcome::done) {
    complain(describe(answer));
    co_return true;
  }
  news_.expires_after(ticks * std::chrono::seconds{1} + spare_time);
  while (ticks_left_ > 0) {
    const bool late = co_await news_.wait();
    co_await async::end_if_cancelled();
    if (late) break;
  }
  co_return std::exchange(ticks_left_, 0) == 0;
}

void RtcDriver::on_tick(const ipc::RtcTick& tick) {
  if (ticks_left_ <= 0) return;  // asked for before, and given up
  if (tick.system_error != 0) {
    ticks_left_ = 0;
    complain(strerror(tick.system_error));  // NOLINT(concurrency-mt-unsafe)
    return news_.wake();
  }
  if (std::exchange(failed_, false))
    log_.write(base::LogEvent::rtc_resumed, "The real-time clock can be read again");
  const auto to_save = tracker_.add(tick.reading, time_.keeper().to_local(tick.at), true_time());
  if (to_save) static_cast<void>(save(*to_save));
  const auto line = tracker_.line().value_or(engine::RtcLine{});
  record_({.time = tick.at,
           .fast = base::to_seconds(std::chrono::seconds{tick.reading} - tick.at.time_since_epoch()),
           .known = tracker_.is_known(),
           .estimated_fast = line.fast,
           .gain = base::ppm_of_ratio(line.gain),
           .samples = static_cast<std::uint32_t>(tracker_.samples()),
           .runs = line.runs,
           .pause = base::to_seconds(tracker_.plan().pause)});
  if (--ticks_left_ > 0) return;
  look_at_error();
  news_.wake();
}

// rtcautotrim
void RtcDriver::look_at_error() {
  const auto line = tracker_.line();
  if (settings_.auto_trim <= base::Seconds{} || tracker_.is_settling() || !line || line->samples == 0) return;
  if (std::fabs(line->fast.count()) < settings_.auto_trim.count()) return;
  if (time_.keeper().tracking(tasks_.now()).stratum == 0) return;
  static_cast<void>(trim());
}

std::expected<void, Refusal> RtcDriver::trim() {
  if (!used_) return std::unexpected(Refusal{RefusalKind::not_enabled, "There is no real-time clock."});
  if (!settings_.may_set)
    return std::unexpected("With -x no clock of this machine is set, nor is the real-time clock.");
  tracker_.fit(true_time());
  const auto fast = tracker_.fast(true_time());
  if (!fast)
    return std::unexpected(
        "The real-time clock has not been read yet: ask again in a few seconds, and look at `gnomonctl "
        "rtcdata`.");
  if (std::fabs(fast->count()) <= worth_setting.count()) return {};
  const auto rest = time_.keeper().tracking(tasks_.now()).system_time;
  if (std::fabs(rest.count()) > uncorrected.count())
    return std::unexpected(
        fmt::format("The system clock, which the real-time clock is set to, is still being corrected by "
                    "{:.3f} s: wait until it is right (`gnomonctl waitsync`).",
                    rest.count()));
  to_be_set_ = true;
  news_.wake();
  return {};
}

asio::awaitable<void> RtcDriver::set() {
  const double wrong = tracker_.fast(true_time()).value_or(base::Seconds{}).count();
  const auto answer = co_await clock_.ask_rtc(ipc::SetRtc{});
  if (answer.outcome != ipc::RtcOutcome::done) {
    const auto why = describe(answer);
    log_.write(base::LogEvent::rtc_not_set, "Could not set the real-time clock: " + why,
               {{base::LogField::reason, why}, {base::LogField::os_error, answer.system_error}});
    co_return;
  }
  log_.write(base::LogEvent::rtc_set, fmt::format("RTC wrong by {:.3f} seconds (step)", wrong),
             {{base::LogField::offset, wrong}});
  tracker_.was_set(answer.reading, answer.at);
}

engine::RtcReport RtcDriver::report() const {
  if (!used_) return {};
  auto tracker = tracker_;
  if (!tracker.is_settling()) tracker.fit(true_time());
  const auto line = tracker.line().value_or(engine::RtcLine{});
  return {.used = true,
          .reference = base::RealTime{std::chrono::seconds{line.reference}},
          .samples = static_cast<std::uint32_t>(tracker.samples()),
          .runs = line.runs,
          .span = line.span,
          .fast = line.fast,
          .gain = base::ppm_of_ratio(line.gain)};
}

std::expected<void, Refusal> RtcDriver::write() {
  if (!used_) return std::unexpected(Refusal{RefusalKind::not_enabled, "There is no real-time clock."});
  if (!tracker_.is_settling()) tracker_.fit(true_time());
  const auto file = tracker_.file();
  return file ? save(*file) : std::expected<void, Refusal>{};
}

std::expected<void, Refusal> RtcDriver::save(const base::RtcFile& file) {
  const auto written = base::write_file_atomically(settings_.file, base::to_text(file), 0644);
  if (written) return {};
  const auto sentence =
      fmt::format("Could not write the rtcfile {}: {}; {}", settings_.file, base::to_string(written.error()),
                  base::remedy_of_writing(written.error().code, settings_.file, "rtcfile"));
  log_.write(base::LogEvent::rtc_file_not_written, sentence,
             {{base::LogField::file, settings_.file}, {base::LogField::os_error, written.error().code}});
  return std::unexpected(Refusal{RefusalKind::bad_file, sentence + "."});
}

void RtcDriver::complain(const std::string& why) {
  if (std::exchange(failed_, true)) return;
  log_.write(base::LogEvent::rtc_unreadable, "The real-time clock cannot be tracked: " + why,
             {{base::LogField::reason, why}});
}

}  // namespace gnomon::core
