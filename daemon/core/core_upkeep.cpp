// SPDX-License-Identifier: GPL-2.0-or-later
// Core: what time alone changes, and what is done now and then. No timer runs for its own sake: each waits
// for a moment that is known, or for news (docs/decisions/0051).
#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "async/every.hpp"
#include "base/log_throttle.hpp"
#include "daemon/core/core.hpp"
#include "daemon/core/core_settings.hpp"

namespace gnomon::core {

namespace {

constexpr base::Duration time_save_interval = std::chrono::hours{1};
// Where the kernel does not tell when the clock is set or the machine has slept.
constexpr base::Duration comparison_interval = std::chrono::seconds{16};
// A clock that may be wrong by more is not announced as synchronised to programs that wait for it.
constexpr base::Seconds most_error_told{0.5};

bool is_within(const engine::TrackingReport& tracking, base::Seconds limit) {
  const auto bound = engine::error_bound(tracking);
  return bound && *bound <= limit;
}

}  // namespace

void Core::start_upkeep() {
  if (leap_.configured()) tasks_.spawn("leap second files", read_leap_files_daily());
  tasks_.spawn("status", follow_status());
  tasks_.spawn("suppressed messages", remind_of_suppressed());
  if (!clock_set_)
    tasks_.spawn("clock comparison", async::every(tasks_.loop(), comparison_interval,
                                                  [this] { act_on(clock_driver_.look_at_clock()); }));
}

// The bound grows while nothing happens.
asio::awaitable<void> Core::follow_status() {
  const auto until_change = [this] {
    const auto now = tasks_.now();
    const auto holds = clock_driver_.keeper().holds_for(most_error_told, now);
    status_due_ = std::min(holds ? now.mono + *holds : base::MonoTime::max(), status_.due());
    return status_due_ == base::MonoTime::max() ? base::Duration::max() : status_due_ - now.mono;
  };
  const auto tell = [this] {
    if (tasks_.now().mono < status_due_) return;  // woken: another time counts
    publish_view();
    sources_.on_clock_updated();
    announce();
  };
  co_await async::every(status_timer_, until_change, tell);
}

void Core::announce() {
  if (!begun_) return;
  const auto tracking = this->tracking();
  if (recorder_) recorder_->look(tracking, clock_driver_.keeper().updates());
  auto text = engine::is_synchronised(tracking)
                  ? fmt::format("Synchronised to {}, stratum {}", tracking.name, tracking.stratum)
                  : std::string{"Not synchronised"};
  ipc::Status status{.text = text.substr(0, 200), .synchronised = is_within(tracking, most_error_told)};
  if (const auto news = status_.news(std::move(status), tasks_.now().mono)) launcher_.send(*news);
}

void Core::expect_reminder() {
  const bool rests = !last_message_;
  last_message_ = tasks_.now().mono;
  if (rests) reminder_.wake();
}

// While messages come they tell of those before; when no more come, somebody has to.
asio::awaitable<void> Core::remind_of_suppressed() {
  const auto until_late = [this] {
    return last_message_ ? *last_message_ + base::flood_interval - tasks_.now().mono : base::Duration::max();
  };
  const auto remind = [this] {
    log_.report_suppressed();
    if (last_message_ && tasks_.now().mono - *last_message_ >= base::flood_interval) last_message_.reset();
  };
  co_await async::every(reminder_, until_late, remind);
}

// With an update, when somebody is awake anyway.
void Core::save_time_now_and_then() {
  const auto now = tasks_.now().mono;
  if (now - time_saved_ < time_save_interval) return;
  time_saved_ = now;
  save_time();
}

// Only a time that sources have told: a clock that ran ahead would make every true time impossible. A query
// leaves things as they are, and so does a trial (-x), but for a folder of its own (ntsdumpdir).
void Core::save_time() {
  const bool has_folder = setup_.mode == ipc::CoreMode::daemon && !config_.nts.dump_dir.empty();
  if (!steers(setup_) && !has_folder) return;
  if (!sources_.time_is_confirmed()) return;
  saved_time_.save(tasks_.now().real + base::to_duration(tracking().system_time));
}

asio::awaitable<void> Core::read_leap_files_daily() {
  read_leap_files();
  co_await async::every(tasks_.loop(), std::chrono::hours{24}, [this] { read_leap_files(); });
}

}  // namespace gnomon::core
