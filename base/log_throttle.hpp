// SPDX-License-Identifier: GPL-2.0-or-later
// Decides which of many equal messages are written, and counts the others. Time comes in as an argument; a
// fixed amount of memory, no heap. Owned by the log of a process, or in memory that the process gets from the
// one whose place it takes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/log.hpp"
#include "base/time.hpp"
#include "base/token_bucket.hpp"

namespace gnomon::base {

// Of the same message (event, and fields that identify) this many at once, then one in each interval.
inline constexpr int flood_burst = 5;
inline constexpr Duration flood_interval = std::chrono::minutes{10};
// Of one event, whatever its fields: a stranger who varies them is as loud as one who does not.
inline constexpr int event_burst = 50;
inline constexpr Duration event_interval = std::chrono::minutes{1};

// The same for messages that are repetitions of each other.
[[nodiscard]] std::uint64_t flood_key(const LogMessage& message);

class LogThrottle {
 public:
  struct Verdict {
    bool write = true;
    std::uint32_t left_out = 0;  // before this one and not told yet
    Duration over{0};            // since the first of them
  };
  [[nodiscard]] Verdict judge(const LogMessage& message, MonoTime now);

  // What was left out an interval ago or longer and no message has told since: the last of its kind, valid
  // until the next call.
  struct Late {
    LogEvent event{};
    std::string_view text;
    std::string_view source;     // empty: none
    std::uint32_t left_out = 0;  // besides this one
    Duration over{0};
  };
  [[nodiscard]] std::optional<Late> next_late(MonoTime now);
  // Another process has the memory of one that ended, perhaps in the middle of a change: what that one wrote
  // is a repetition, from the first time on. An attacker may have had it: what is in it costs the successor
  // one burst at most.
  void begin_again(MonoTime now);

  // At the end of the process: whatever was left out.
  [[nodiscard]] std::optional<Late> next_left_out(MonoTime now);

 private:
  struct LeftOut {
    std::uint32_t count = 0;
    MonoTime since{};  // the first of them
    void add(std::uint32_t more, MonoTime when);
    void bring_into_range(MonoTime now);
  };
  template <std::size_t size>
  struct Text {
    std::array<char, size> octets{};
    std::size_t length = 0;
    void set(std::string_view text);
    [[nodiscard]] std::string_view view() const { return {octets.data(), length}; }
  };
  struct Slot {
    std::uint64_t key = 0;  // 0: free
    LogEvent event{};
    TokenBucket bucket{.tokens = flood_burst};
    MonoTime used{};
    LeftOut left_out;
    Text<240> text;  // the last of them
    Text<80> source;
  };
  struct PerEvent {
    TokenBucket bucket{.tokens = event_burst};
    LeftOut left_out;  // of slots that gave way to others
  };

  Slot& slot_of(std::uint64_t key, LogEvent event, MonoTime now);
  std::optional<Late> next_since(MonoTime latest, MonoTime now);

  static constexpr std::size_t slot_count = 32;
  std::array<Slot, slot_count> slots_{};
  std::array<PerEvent, event_count> events_{};
};

}  // namespace gnomon::base
