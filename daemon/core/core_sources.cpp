// SPDX-License-Identifier: GPL-2.0-or-later
// Core: which sources there are, at the start and later.
#include <utility>

#include "async/every.hpp"
#include "daemon/core/core.hpp"

namespace gnomon::core {

// Whoever waits for our start waits for the clock.
void Core::begin_initial_correction() {
  initial_.emplace(*config_.clock.init_step_slew, log_);
  for (const auto& source : initial_->sources())
    if (const auto events = sources_.add(source)) act_on(*events);
  tasks_.spawn("initstepslew", watch_initial_correction());
}

asio::awaitable<void> Core::watch_initial_correction() {
  constexpr base::Duration look_again = std::chrono::seconds{1};
  while (clock_driver_.keeper().awaits_initial()) {
    co_await async::pause_for(tasks_.loop(), look_again);
    const auto now = tasks_.now();
    if (clock_driver_.keeper().awaits_initial() && initial_->is_hopeless(sources_.reports(now), now.mono))
      break;
  }
  end_initial_correction();
}

void Core::end_initial_correction() {
  initial_.reset();
  sources_.remove_all();
  clock_driver_.end_initial();
  begin_work();
}

void Core::add_sources() {
  sources_.look_at_clock();
  act_on(refclocks_.start());
  for (const auto& source : config_.sources)
    if (const auto events = sources_.add(source)) act_on(*events);
  reload_source_dirs();
  act_on(clock_driver_.select());  // the samples of the last run may suffice
}

std::vector<std::string> Core::wrong_in_source_dirs() const {
  return initial_ ? std::vector<std::string>{} : source_dirs_.look_for_mistakes();
}

std::string Core::reload_source_dirs() {
  if (initial_) return {};
  if (auto sources = source_dirs_.load()) act_on(sources_.replace_dynamic(std::move(*sources)));
  return source_dirs_.summary();
}

}  // namespace gnomon::core
