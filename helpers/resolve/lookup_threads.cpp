// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/resolve/lookup_threads.hpp"

#include <thread>

namespace gnomon::resolve {

void LookupThreads::start() {
  for (int i = 0; i < at_once; ++i) std::thread{[this] { run(); }}.detach();
  for (int there = running_; there < at_once; there = running_) running_.wait(there);
}

void LookupThreads::run() {
  ++running_;
  running_.notify_one();
  begun_.wait(false);
  std::optional<Ending> ending;
  while (!ending) ending = answer_next(channel_, &watch_);
  {
    const std::lock_guard lock{mutex_};
    if (!ending_) ending_ = std::move(ending);
  }
  over_ = true;
  over_.notify_one();
  while (true) begun_.wait(true);  // what a thread ends with is not allowed to it
}

int LookupThreads::serve(base::Log& log) {
  begun_ = true;
  begun_.notify_all();
  over_.wait(false);
  const std::lock_guard lock{mutex_};
  return ending_->report(log) == Progress::closed ? 0 : 1;
}

}  // namespace gnomon::resolve
