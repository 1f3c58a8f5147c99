// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/resolve/file_watch.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>

#include "base/os/channel.hpp"
#include "base/os/fd.hpp"
#include "ipc/codec.hpp"

namespace gnomon::resolve {

namespace {

constexpr int interval = 2000;  // ms
constexpr int for_ever = -1;
// Where nobody tells of changes. The core asks for a name that was not found again within a minute.
constexpr int looks_after_failure = 45;

}  // namespace

FileWatch::FileWatch(const NameFiles& files, int channel)
    : files_(files), channel_(channel), news_(base::PathWatch::make()), told_(news_.follow(files.watched())) {
  auto pipe = base::make_pipe(base::Blocking::no);
  if (!pipe) return;  // then it looks again and again
  woken_ = std::move(pipe->reader);
  wake_ = std::move(pipe->writer);
}

void FileWatch::wake() const {
  constexpr std::uint8_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);  // full: it is awake already
}

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
  }
  wake_.close();  // which wakes it as well, and cannot fail
  if (thread_.joinable()) thread_.join();
}

void FileWatch::begin_lookup() {
  if (files_.replaced()) leave();
  {
    const std::lock_guard lock{mutex_};
    ++lookups_;
  }
  wake();
}

void FileWatch::end_lookup(bool found) {
  const std::lock_guard lock{mutex_};
  --lookups_;
  looks_left_ = found ? 0 : looks_after_failure;
}

// Until the files are looked at again: 0, never before somebody asks.
int FileWatch::patience() {
  const std::lock_guard lock{mutex_};
  if (lookups_ > 0 || !woken_) return interval;
  if (looks_left_ == 0) return 0;
  return told_ ? for_ever : interval;
}

// False: woken for another reason than the files.
bool FileWatch::wait(int patience) {
  std::array<pollfd, 2> waited{
      {{woken_.get(), POLLIN, 0}, {patience == 0 ? -1 : news_.descriptor(), POLLIN, 0}}};
  const int ready = poll(waited.data(), waited.size(), patience == 0 ? for_ever : patience);
  if (ready < 0) return false;
  std::array<std::uint8_t, 64> octets{};
  // They say that something has begun, and not what.
  if (waited[0].revents != 0) static_cast<void>(::read(woken_.get(), octets.data(), octets.size()) > 0);
  const bool news = waited[1].revents != 0 && news_.hear();
  return ready == 0 || news;
}

void FileWatch::watch() {
  while (true) {
    const bool look = wait(patience());
    const std::lock_guard lock{mutex_};
    if (over_) return;
    if (!look) continue;
    if (files_.changed()) leave();
    if (lookups_ == 0 && !told_ && looks_left_ > 0) --looks_left_;
  }
}

void FileWatch::leave() const {
  [[maybe_unused]] const auto told = base::send_datagram(channel_, ipc::encode(ipc::NameFilesChanged{}, 0));
  _exit(files_changed_status);
}

}  // namespace gnomon::resolve
