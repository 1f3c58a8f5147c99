// SPDX-License-Identifier: GPL-2.0-or-later
// Core: what time alone changes, and what is done now and then. No timer runs for its own sake: each waits
// for a moment that is known, or for news (docs/decisions/0051).
#include "async/every.hpp"
#include "daemon/core/core.hpp"
#include "daemon/core/core_settings.hpp"

namespace gnomon::core {

namespace {

constexpr base::Duration time_save_interval = std::chrono::hours{1};
// Where the kernel does not tell when the clock is set or the machine has slept.
constexpr base::Duration comparison_interval = std::chrono::seconds{16};

}  // namespace

void Core::start_upkeep() {
  if (leap_.configured()) tasks_.spawn("leap second files", read_leap_files_daily());
  tasks_.spawn("status", status_.follow(
                             [this](const base::Now& now) {
                               return clock_driver_.keeper().holds_for(ClockStatus::most_error_told, now);
                             },
                             [this] { on_status_due(); }));
  tasks_.spawn("suppressed messages", reminder_.run());
  if (!clock_set_)
    tasks_.spawn("clock comparison", async::every(tasks_.loop(), comparison_interval,
                                                  [this] { act_on(clock_driver_.look_at_clock()); }));
}

// The bound of the error grows while nothing happens.
void Core::on_status_due() {
  publish_view();
  sources_.on_clock_updated();
  announce();
}

void Core::announce() {
  if (!begun_) return;
  const auto tracking = this->tracking();
  if (recorder_) recorder_->look(tracking, clock_driver_.keeper().updates());
  if (const auto news = status_.news(tracking)) launcher_.send(*news);
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
