// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/resolve/file_watch.hpp"

#include <unistd.h>

#include <atomic>
#include <chrono>

#include "base/os/channel.hpp"
#include "ipc/codec.hpp"

namespace gnomon::resolve {

namespace {

constexpr auto interval = std::chrono::seconds{2};
// The core asks for a name that was not found again within a minute.
constexpr int looks_after_failure = 45;

}  // namespace

void FileWatch::start() {
  std::atomic<bool> running = false;
  thread_ = std::thread{[this, &running] {
    running = true;  // what a thread begins with is behind it
    running.notify_one();
    watch();
  }};
  running.wait(false);
}

FileWatch::~FileWatch() {
  {
    const std::lock_guard lock{mutex_};
    over_ = true;
    begun_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void FileWatch::begin_lookup() {
  if (files_.replaced()) leave();
  const std::lock_guard lock{mutex_};
  looking_up_ = true;
  begun_.notify_one();
}

void FileWatch::end_lookup(bool found) {
  const std::lock_guard lock{mutex_};
  looking_up_ = false;
  looks_left_ = found ? 0 : looks_after_failure;
}

void FileWatch::watch() {
  std::unique_lock lock{mutex_};
  while (!over_) {
    begun_.wait(lock, [this] { return over_ || looking_up_ || looks_left_ > 0; });
    if (begun_.wait_for(lock, interval, [this] { return over_; })) return;
    if (files_.changed()) leave();
    if (!looking_up_ && looks_left_ > 0) --looks_left_;
  }
}

void FileWatch::leave() const {
  [[maybe_unused]] const auto told = base::send_datagram(channel_, ipc::encode(ipc::NameFilesChanged{}, 0));
  _exit(files_changed_status);
}

}  // namespace gnomon::resolve
