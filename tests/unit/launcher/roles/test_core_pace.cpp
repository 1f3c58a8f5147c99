// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/core_pace.hpp"

#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace std::chrono_literals;
using enum ipc::MessageType;
using launcher::CorePace;

namespace {

constexpr base::MonoTime start{100'000s};

ipc::Frame frame_of(ipc::MessageType message, base::Bytes body = {}) {
  return {message, 0, body};
}

// How many of these messages have their turn within that time in a core that sends nothing else, as soon as
// the last one had its turn.
int heard_within(ipc::MessageType message, base::Duration time) {
  CorePace pace;
  int heard = 0;
  for (auto now = start; now <= start + time; now = std::max(now, pace.next_turn().value_or(now))) {
    pace.read(now);
    pace.wait(frame_of(message), now);
    while (pace.take(now)) ++heard;
  }
  return heard;
}

}  // namespace

TEST_CASE("a core that storms is not heard more often than a daemon needs") {
  CHECK(heard_within(replace_ke_servers, 0s) == 101);
  CHECK(heard_within(replace_ke_servers, 1h) <= 101 + 720);
  CHECK(heard_within(want_role, 1h) <= 101 + 720);
  CHECK(heard_within(cycle_log_file, 1h) <= 1001 + 7200);
  CHECK(heard_within(status, 0s) == CorePace::statuses_at_once);
  CHECK(heard_within(status, 1h) <= CorePace::statuses_at_once + 3600);
  // Each reading may log 21 lines.
  CHECK(heard_within(read_configuration, 24h) <= 101 + 24 * 720);
}

TEST_CASE("whatever a core asks for, that it lives and how it ends is read, and the last status told") {
  CorePace pace;
  auto now = start;
  for (int second = 0; second < 3600; ++second, now += 1s) {
    for (int i = 0; i < 20; ++i) {
      REQUIRE(pace.reads_from() <= now);
      pace.read(now);
      const auto text = static_cast<std::uint8_t>(i);
      pace.wait(i < 16 ? frame_of(status, {&text, 1}) : frame_of(want_role), now);
    }
    const auto told = pace.take(now);
    REQUIRE(told);
    if (told->type == status) CHECK(told->body == base::Buffer{15});
    while (pace.take(now)) {
    }
  }
  for (const auto message : {alive, finished, release_role}) CHECK(CorePace::is_urgent(message));
  CHECK_FALSE(CorePace::is_urgent(status));
  CHECK_FALSE(CorePace::is_urgent(want_role));
}

TEST_CASE("what waits keeps its order, and one that asks for the same again adds nothing") {
  CorePace pace;
  for (int i = 0; i < 101; ++i) pace.heard(replace_ke_servers, start);
  for (int i = 0; i < 1000; ++i)
    for (const auto message : {want_role, cycle_log_file, open_nics}) pace.wait(frame_of(message), start);
  CHECK_FALSE(pace.take(start));
  for (const auto message : {want_role, cycle_log_file, open_nics}) {
    REQUIRE(pace.next_turn());
    const auto next = pace.take(*pace.next_turn());
    REQUIRE(next);
    CHECK(next->type == message);
  }
  CHECK_FALSE(pace.next_turn());
}

TEST_CASE("a core that asks for ever new things, or says more than a processor should read, is left unread") {
  CorePace pace;
  for (int i = 0; i < 101; ++i) pace.heard(replace_ke_servers, start);
  for (std::uint8_t i = 0; i < CorePace::most_waiting; ++i) {
    CHECK(pace.reads_from() <= start);
    pace.wait(frame_of(open_file, {&i, 1}), start);
  }
  CHECK(pace.reads_from() == base::MonoTime::max());
  static_cast<void>(pace.take(*pace.next_turn()));
  CHECK(pace.reads_from() <= start);
  for (int i = 0; i <= CorePace::read_at_once; ++i) pace.read(start);
  CHECK(pace.reads_from() > start);
  CHECK(pace.reads_from() <= start + 10ms);
}

TEST_CASE("a start and forty reloads of ten thousand sources wait for nothing") {
  CorePace pace;
  for (const auto message : {ready, open_symmetric_keys, open_signd_socket, open_ntp_sockets, want_role})
    pace.heard(message, start);
  for (int i = 0; i < 40; ++i) {
    for (const auto message : {read_configuration, use_configuration, reload_end}) pace.heard(message, start);
    CHECK(pace.next() <= start);
  }
  CorePace large;
  for (int i = 0; i < 10'000; ++i) {
    large.read(start);
    large.heard(next_configuration_part, start);
  }
  CHECK(large.next() <= start);
  CHECK(large.reads_from() <= start);
}

TEST_CASE("what was not asked for in a long rest is asked for only once") {
  CorePace pace;
  pace.heard(open_nics, start);
  pace.heard(open_nics, start + 24h);
  CHECK(pace.next() == start + 24h - 1000 * CorePace::unit + CorePace::unit);
}
