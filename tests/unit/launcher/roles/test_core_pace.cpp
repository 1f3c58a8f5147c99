// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/core_pace.hpp"

#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace std::chrono_literals;
using enum ipc::MessageType;
using launcher::CorePace;

namespace {

constexpr base::MonoTime start{100'000s};

// How many of these messages are heard within that time from a core that sends nothing else.
int heard_within(ipc::MessageType message, base::Duration time) {
  CorePace pace;
  int heard = 0;
  for (auto now = start; now <= start + time; now = std::max(now, pace.next())) {
    pace.heard(message, now);
    ++heard;
  }
  return heard;
}

}  // namespace

TEST_CASE("a core that storms is not heard more often than a daemon needs") {
  CHECK(heard_within(replace_ke_servers, 0s) == 101);
  CHECK(heard_within(replace_ke_servers, 1h) <= 101 + 720);
  CHECK(heard_within(want_role, 1h) <= 101 + 720);
  CHECK(heard_within(status, 1h) <= 1001 + 7200);
  // Each reading may log 21 lines.
  CHECK(heard_within(read_configuration, 24h) <= 101 + 24 * 720);
}

TEST_CASE("a start and forty reloads of ten thousand sources wait for nothing") {
  CorePace pace;
  for (const auto message :
       {ready, status, open_symmetric_keys, open_signd_socket, open_ntp_sockets, want_role})
    pace.heard(message, start);
  for (int i = 0; i < 40; ++i) {
    for (const auto message : {read_configuration, use_configuration, reload_end}) pace.heard(message, start);
    CHECK(pace.next() <= start);
  }
  CorePace large;
  for (int i = 0; i < 10'000; ++i) large.heard(next_configuration_part, start);
  CHECK(large.next() <= start);
}

TEST_CASE("what was not asked for in a long rest is asked for only once") {
  CorePace pace;
  pace.heard(status, start);
  pace.heard(status, start + 24h);
  CHECK(pace.next() == start + 24h - 1000 * CorePace::unit + CorePace::unit);
}
