// SPDX-License-Identifier: GPL-2.0-or-later
// What the tests of the core share: an io_context that is run until something has happened, a log that
// remembers, the far end of a role's channel, a folder that goes away.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "async/task_group.hpp"
#include "base/os/channel.hpp"
#include "base/os/log.hpp"
#include "ipc/codec.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/temporary_folder.hpp"

namespace gnomon::tests {

using test::TemporaryFolder;

class RememberingLog final : public base::Log {
 public:
  void take(const base::LogMessage& message) override {
    lines.emplace_back(message.text);
    events.push_back(message.event);
  }
  [[nodiscard]] bool says(const std::string& part) const {
    for (const auto& line : lines)
      if (line.find(part) != std::string::npos) return true;
    return false;
  }
  std::vector<std::string> lines;
  std::vector<base::LogEvent> events;
};

// Owns the coroutines of a test; the destructor cancels and drains them before what they refer to goes.
struct Loop {
  asio::io_context io{1};
  std::vector<std::string> failures;
  core::TaskGroup tasks{io, [this](const std::string& task, const std::string& what) {
                          failures.push_back(task + ": " + what);
                        }};

  Loop() = default;
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop() { drain(); }
  void drain() {
    tasks.stop();
    io.restart();
    tasks.run();
  }
  // Runs what is ready, and waits for more until the condition holds; far beyond any expected time it fails.
  void run_until(const std::function<bool()>& condition) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!condition()) {
      io.restart();
      io.run_one_until(limit);
      if (std::chrono::steady_clock::now() >= limit) FAIL("nothing more happens");
    }
  }
  void run_ready() {
    io.restart();
    io.poll();
  }
  template <class T>
  T result_of(asio::awaitable<T> work) {
    std::optional<T> result;
    tasks.spawn("work", store(std::move(work), result));
    run_until([&] { return result.has_value(); });
    return std::move(*result);
  }

 private:
  template <class T>
  static asio::awaitable<void> store(asio::awaitable<T> work, std::optional<T>& into) {
    into.emplace(co_await std::move(work));
  }
};

// The role's end of a channel, in the test's own hands.
class FarEnd {
 public:
  FarEnd() {
    auto pair = base::make_channel();
    REQUIRE(pair);
    near_ = std::move(pair->ours);
    far_ = std::move(pair->theirs);
  }
  [[nodiscard]] base::Fd take_near() { return std::move(near_); }
  // The next datagram; it must have been sent already.
  [[nodiscard]] base::Buffer receive() {
    base::Buffer space(ipc::max_frame_size);
    const auto received = base::receive_datagram(far_.get(), space);
    REQUIRE(received);
    space.resize(received->size);
    return space;
  }
  template <class Message>
  void send(const Message& message, std::uint32_t id) {
    send_octets(ipc::encode(message, id));
  }
  void send_octets(const base::Buffer& octets) { REQUIRE(base::send_datagram(far_.get(), octets)); }
  void close() { far_.close(); }
  [[nodiscard]] int fd() const { return far_.get(); }

 private:
  base::Fd near_;
  base::Fd far_;
};

template <class Message>
struct Heard {
  std::uint32_t id = 0;
  Message message;
};
template <class Message>
Heard<Message> read_as(const base::Buffer& datagram) {
  const auto frame = ipc::parse_frame(datagram);
  REQUIRE(frame);
  auto message = ipc::decode<Message>(*frame);
  REQUIRE(message);
  return {frame->request_id, std::move(*message)};
}

}  // namespace gnomon::tests
