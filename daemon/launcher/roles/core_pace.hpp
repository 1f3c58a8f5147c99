// SPDX-License-Identifier: GPL-2.0-or-later
// How much the core may ask of gnomond. What it asks for costs processes, lines of the log, messages to the
// service manager: one that asks for more than a daemon needs waits for it. What it says meanwhile is read
// all the same, so that it is known to be alive. Time comes in as an argument.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "ipc/frame.hpp"

namespace gnomon::launcher {

class CorePace {
 public:
  // A message costs one of these; those after which a process is started or lines of the log are written,
  // ten.
  static constexpr base::Duration unit = std::chrono::milliseconds{500};
  static constexpr int at_once = 1000;
  // The status is told so often, and a few times at once.
  static constexpr base::Duration status_interval = std::chrono::seconds{1};
  static constexpr int statuses_at_once = 10;
  // To read any message costs that.
  static constexpr base::Duration reading = std::chrono::milliseconds{5};
  static constexpr int read_at_once = 100'000;
  static constexpr std::size_t most_waiting = 64;

  // A message that waits for its turn, or has it.
  struct Message {
    ipc::MessageType type{};
    std::uint32_t request_id = 0;
    base::Buffer body;
    [[nodiscard]] ipc::Frame frame() const { return {type, request_id, body}; }
    friend bool operator==(const Message&, const Message&) = default;
  };

  // Whether it is acted on when it comes: it tells that the core lives or how it ends, or costs nothing.
  [[nodiscard]] static bool is_urgent(ipc::MessageType message);
  // Something was read.
  void read(base::MonoTime now);
  // And is to have its turn. One that asks for what another one in front of it asks for already is dropped,
  // and of the status only the last one waits.
  void wait(const ipc::Frame& frame, base::MonoTime now);
  // Whose turn it is.
  [[nodiscard]] std::optional<Message> take(base::MonoTime now);
  // When it is somebody's; nullopt: nobody waits.
  [[nodiscard]] std::optional<base::MonoTime> next_turn() const;

  // What the core asks for on another channel, where it can be left unread.
  void heard(ipc::MessageType message, base::MonoTime now);
  [[nodiscard]] base::MonoTime next() const { return next_; }  // from when on; in the past: now
  // From when on more is read; in the past: now, max: when somebody has had its turn.
  [[nodiscard]] base::MonoTime reads_from() const;

 private:
  std::deque<Message> waiting_;
  std::optional<Message> status_;
  base::MonoTime next_;  // it is not remembered that nothing was asked for longer than `at_once`
  base::MonoTime next_status_;
  base::MonoTime next_reading_;
};

}  // namespace gnomon::launcher
