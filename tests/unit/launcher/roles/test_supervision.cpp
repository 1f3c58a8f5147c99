// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/supervision.hpp"

#include <algorithm>
#include <csignal>

#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace gnomon::launcher;
using namespace std::chrono_literals;

namespace {

constexpr RoleId core{Program::core};
constexpr RoleId the_clock{Program::clock};
constexpr RoleId resolve{Program::resolve};
constexpr RoleId ke_server{Program::ke_server};
constexpr RoleEnd sigkill{true, SIGKILL};
constexpr RoleEnd status_0{false, 0};
constexpr RoleEnd status_1{false, 1};
constexpr base::MonoTime start{1000s};

Supervision all_roles() {
  return Supervision{{the_clock, resolve, ke_server, core}, start};
}

Actions without_words(const Actions& actions) {
  Actions rest;
  for (const auto& each : actions)
    if (!std::holds_alternative<action::Say>(each)) rest.push_back(each);
  return rest;
}

std::string words(const Actions& actions) {
  std::string all;
  for (const auto& each : actions)
    if (const auto* say = std::get_if<action::Say>(&each)) all += say->text + "\n";
  return all;
}

RoleId next_generation(RoleId role, std::uint32_t generation) {
  role.generation = generation;
  return role;
}

}  // namespace

TEST_CASE("the core is announced ready once") {
  auto supervision = all_roles();
  CHECK(supervision.on_ready() == Actions{action::AnnounceReady{}});
  CHECK(supervision.on_ready().empty());
}

TEST_CASE("a dead resolver is started again after a pause that doubles") {
  auto supervision = all_roles();
  auto now = start;
  auto role = resolve;
  std::uint32_t generation = 1;
  for (const auto pause : {100ms, 200ms, 400ms, 800ms, 1600ms, 3200ms, 6400ms, 10000ms, 10000ms}) {
    const auto actions = supervision.on_end(role, sigkill, now);
    CHECK(without_words(actions).empty());
    CHECK(words(actions).find("gnomon-resolve was killed by SIGKILL: restarted in") == 0);
    CHECK(supervision.next_deadline() == now + pause);
    CHECK(supervision.on_time(now + pause - 1ms).empty());
    now += pause;
    role = next_generation(resolve, generation++);
    CHECK(supervision.on_time(now) == Actions{action::Spawn{role, true, true}});
    CHECK(supervision.next_deadline() == std::nullopt);
  }
}

TEST_CASE("a role that leaves by itself does so when the core has gone, and is told of only if it has not") {
  auto supervision = all_roles();
  CHECK(supervision.on_end(resolve, status_0, start).empty());
  CHECK(words(supervision.on_time(start + 100ms)) ==
        "gnomon-resolve exited with status 0: restarted in 0.1 s\n");

  supervision = all_roles();
  CHECK(supervision.on_end(resolve, status_0, start).empty());
  CHECK(words(supervision.on_end(core, status_1, start)).starts_with("gnomon-core exited with status 1"));
  CHECK(supervision.next_deadline() > start + 100ms);
}

TEST_CASE("a resolver that leaves for another with other files gets it at once, but not all the time") {
  auto supervision = all_roles();
  auto now = start + 5s;
  auto actions = supervision.on_end(resolve, name_files_changed, now);
  CHECK(words(actions).find("gnomon-resolve is restarted") != std::string::npos);
  CHECK(without_words(actions).empty());
  auto role = next_generation(resolve, 1);
  CHECK(supervision.on_time(now) == Actions{action::Spawn{role, true, true}});
  for (const auto pause : {200ms, 400ms, 800ms}) {
    static_cast<void>(supervision.on_end(role, name_files_changed, now));
    CHECK(supervision.next_deadline() == now + pause);
    now += pause;
    role.generation += 1;
    CHECK(supervision.on_time(now) == Actions{action::Spawn{role, true, true}});
  }
  now += 2s;
  static_cast<void>(supervision.on_end(role, name_files_changed, now));
  CHECK(supervision.next_deadline() == now);
}

TEST_CASE("a role that was healthy for a minute starts with the short pause again") {
  auto supervision = all_roles();
  (void)supervision.on_end(resolve, sigkill, start);
  (void)supervision.on_time(start + 100ms);
  (void)supervision.on_end(next_generation(resolve, 1), sigkill, start + 2min);
  CHECK(supervision.next_deadline() == start + 2min + 100ms);
}

TEST_CASE("a role that cannot be started is tried again") {
  auto supervision = all_roles();
  (void)supervision.on_end(resolve, sigkill, start);
  (void)supervision.on_time(start + 100ms);
  const auto actions =
      supervision.on_spawn_failed(next_generation(resolve, 1), "Cannot allocate memory", start + 100ms);
  CHECK(words(actions).find("could not be started (Cannot allocate memory)") != std::string::npos);
  CHECK(supervision.next_deadline() == start + 300ms);
}

TEST_CASE("a key server without a usable certificate is tried once a minute") {
  auto supervision = all_roles();
  const auto actions = supervision.on_end(ke_server, unusable_certificate, start);
  CHECK(words(actions).find("cannot use its certificate or key") != std::string::npos);
  CHECK(supervision.next_deadline() == start + 60s);
  CHECK(supervision.on_time(start + 60s) ==
        Actions{action::Spawn{next_generation(ke_server, 1), true, true}});
}

TEST_CASE("the end of the core ends everything with status 1") {
  auto supervision = all_roles();
  (void)supervision.on_ready();
  const auto actions = supervision.on_end(core, sigkill, start);
  CHECK(words(actions).find("gnomon-core was killed by SIGKILL: gnomond cannot continue") == 0);
  CHECK(without_words(actions).empty());
  CHECK(supervision.next_deadline() == start + 2s);
  CHECK(supervision.on_end(the_clock, status_0, start).empty());
  CHECK(supervision.on_end(ke_server, status_0, start).empty());
  CHECK(supervision.on_end(resolve, status_0, start) == Actions{action::Exit{1}});
}

TEST_CASE("a core that ends before it was ready is told apart") {
  auto supervision = all_roles();
  CHECK(words(supervision.on_end(core, status_1, start)).find("exited with status 1 before it was ready") !=
        std::string::npos);
}

TEST_CASE("the end of the clock helper stops the core and ends with status 1") {
  auto supervision = all_roles();
  const auto actions = supervision.on_end(the_clock, sigkill, start);
  CHECK(words(actions).find("gnomon-clock was killed by SIGKILL: nothing can steer the clock") == 0);
  CHECK(without_words(actions) == Actions{action::SendStop{}});
  CHECK(supervision.on_finished(0, start).empty());
  CHECK(supervision.on_end(core, status_0, start).empty());
  CHECK(supervision.on_end(resolve, status_0, start).empty());
  CHECK(supervision.on_end(ke_server, status_0, start) == Actions{action::Exit{1}});
}

TEST_CASE("helpers that leave because the core is gone are not what is told") {
  auto supervision = all_roles();
  (void)supervision.on_ready();
  CHECK(words(supervision.on_end(the_clock, status_0, start)).empty());
  CHECK(words(supervision.on_end(core, sigkill, start)).find("gnomon-core was killed by SIGKILL") == 0);
}

TEST_CASE("a clock helper that leaves while the core is there is told when the core has stopped") {
  auto supervision = all_roles();
  CHECK(without_words(supervision.on_end(the_clock, status_0, start)) == Actions{action::SendStop{}});
  CHECK(words(supervision.on_end(core, status_0, start)).find("gnomon-clock exited with status 0") == 0);
  CHECK(supervision.on_end(resolve, status_0, start).empty());
  CHECK(supervision.on_end(ke_server, status_0, start) == Actions{action::Exit{1}});
}

TEST_CASE("a clock helper that died is told also when the core was quicker to finish because of it") {
  Supervision supervision{{the_clock, core}, start};
  CHECK(supervision.on_finished(1, start).empty());
  CHECK(words(supervision.on_end(the_clock, sigkill, start)).find("gnomon-clock was killed by SIGKILL") == 0);
  CHECK(supervision.on_end(core, status_1, start) == Actions{action::Exit{1}});
}

TEST_CASE("an order to stop ends the core first, the others by themselves, with status 0") {
  auto supervision = all_roles();
  CHECK(supervision.on_stop_request(start) == Actions{action::SendStop{}});
  CHECK(supervision.on_stop_request(start).empty());
  CHECK(supervision.next_deadline() == start + 5s);
  CHECK(supervision.on_finished(0, start + 1s).empty());
  CHECK(supervision.on_end(core, status_0, start + 1s).empty());
  CHECK(supervision.next_deadline() == start + 3s);
  CHECK(supervision.on_end(the_clock, status_0, start + 1s).empty());
  CHECK(supervision.on_end(resolve, status_0, start + 1s).empty());
  CHECK(supervision.on_end(ke_server, status_0, start + 1s) == Actions{action::Exit{0}});
}

TEST_CASE("a core that does not stop is killed, and that is a failure") {
  Supervision supervision{{resolve, core}, start};
  (void)supervision.on_stop_request(start);
  const Actions expected{action::Kill{resolve}, action::Kill{core}};
  CHECK(without_words(supervision.on_time(start + 5s)) == expected);
  CHECK(supervision.next_deadline() == std::nullopt);
  CHECK(supervision.on_end(resolve, sigkill, start + 5s).empty());
  CHECK(supervision.on_end(core, sigkill, start + 5s) == Actions{action::Exit{1}});
}

TEST_CASE("a clock helper that is killed at the end is no news of its own") {
  Supervision supervision{{the_clock, core}, start};
  (void)supervision.on_stop_request(start);
  (void)supervision.on_time(start + 5s);
  CHECK(supervision.on_end(core, sigkill, start + 5s).empty());
  CHECK(supervision.on_end(the_clock, sigkill, start + 5s) == Actions{action::Exit{1}});
}

TEST_CASE("a helper that does not leave after the core is killed") {
  Supervision supervision{{resolve, core}, start};
  (void)supervision.on_stop_request(start);
  (void)supervision.on_end(core, status_0, start);
  CHECK(without_words(supervision.on_time(start + 2s)) == Actions{action::Kill{resolve}});
  CHECK(supervision.on_end(resolve, sigkill, start + 2s) == Actions{action::Exit{0}});
}

TEST_CASE("a core that has done its work ends the service with its status") {
  Supervision supervision{{resolve, core}, start};
  CHECK(supervision.on_finished(1, start).empty());
  CHECK(supervision.on_end(core, status_0, start).empty());
  CHECK(supervision.on_end(resolve, status_0, start) == Actions{action::Exit{1}});
}

TEST_CASE("nothing is started again while stopping") {
  auto supervision = all_roles();
  (void)supervision.on_end(resolve, sigkill, start);
  (void)supervision.on_stop_request(start);
  CHECK(supervision.on_time(start + 1s).empty());
  (void)supervision.on_end(core, status_0, start + 1s);
  (void)supervision.on_end(the_clock, status_0, start + 1s);
  CHECK(supervision.on_end(ke_server, status_0, start + 1s) == Actions{action::Exit{0}});
}

TEST_CASE("a new key server takes over when it says that it can serve") {
  auto supervision = all_roles();
  const auto replacement = next_generation(ke_server, 1);
  CHECK(without_words(supervision.on_replace_ke_servers(start)) ==
        Actions{action::Spawn{replacement, false}});
  CHECK(supervision.next_deadline() == start + probation_limit);
  CHECK(supervision.on_ready_signal(ke_server, start + 1s).empty());
  CHECK(supervision.on_ready_signal(replacement, start + 1s) == Actions{action::Connect{replacement}});
  CHECK(supervision.on_ready_signal(replacement, start + 1s).empty());
  CHECK(supervision.on_end(ke_server, status_0, start + 2s).empty());
  CHECK(supervision.next_deadline() == std::nullopt);
  (void)supervision.on_end(replacement, sigkill, start + 3s);
  CHECK(supervision.next_deadline() == start + 3s + 100ms);
}

TEST_CASE("a new key server with bad certificates leaves the old one in its place, and has said why") {
  auto supervision = all_roles();
  const auto replacement = next_generation(ke_server, 1);
  (void)supervision.on_replace_ke_servers(start);
  CHECK(supervision.on_end(replacement, unusable_certificate, start + 10ms) ==
        Actions{action::Discard{replacement}});
  CHECK(supervision.next_deadline() == std::nullopt);
  (void)supervision.on_end(ke_server, sigkill, start + 1s);
  CHECK(supervision.next_deadline() == start + 1s + 100ms);
}

TEST_CASE("a new key server that dies, cannot be started or says nothing leaves the old one in its place") {
  auto supervision = all_roles();
  const auto replacement = next_generation(ke_server, 1);
  (void)supervision.on_replace_ke_servers(start);
  Actions actions;
  SECTION("it dies") {
    actions = supervision.on_end(replacement, sigkill, start + 10ms);
    CHECK(without_words(actions) == Actions{action::Discard{replacement}});
  }
  SECTION("it cannot be started") {
    actions = supervision.on_spawn_failed(replacement, "Cannot allocate memory", start);
    CHECK(without_words(actions) == Actions{action::Discard{replacement}});
  }
  SECTION("it says nothing") {
    actions = supervision.on_time(start + probation_limit);
    const Actions expected{action::Discard{replacement}, action::Kill{replacement}};
    CHECK(without_words(actions) == expected);
    CHECK(supervision.on_end(replacement, sigkill, start + probation_limit).empty());
  }
  CHECK(words(actions).find("the one with the previous certificates continues") != std::string::npos);
  CHECK(supervision.next_deadline() == std::nullopt);
  (void)supervision.on_end(ke_server, sigkill, start + 50s);
  CHECK(supervision.next_deadline() == start + 50s + 100ms);
}

TEST_CASE("a second order to replace takes the newest certificates") {
  auto supervision = all_roles();
  const auto first = next_generation(ke_server, 1);
  const auto second = next_generation(ke_server, 2);
  (void)supervision.on_replace_ke_servers(start);
  const Actions expected{action::Discard{first}, action::Spawn{second, false}};
  CHECK(without_words(supervision.on_replace_ke_servers(start + 100ms)) == expected);
  CHECK(supervision.on_ready_signal(first, start + 150ms).empty());
  CHECK(supervision.on_end(first, status_0, start + 200ms).empty());
  CHECK(supervision.on_ready_signal(second, start + 300ms) == Actions{action::Connect{second}});
}

TEST_CASE("several key servers are replaced one after the other") {
  constexpr RoleId second{Program::ke_server, 1};
  Supervision supervision{{ke_server, second, core}, start};
  const auto new_first = next_generation(ke_server, 1);
  const auto new_second = next_generation(second, 2);
  CHECK(without_words(supervision.on_replace_ke_servers(start)) == Actions{action::Spawn{new_first, false}});
  SECTION("as long as they can serve") {
    const Actions expected{action::Connect{new_first}, action::Spawn{new_second, false}};
    CHECK(supervision.on_ready_signal(new_first, start + 1s) == expected);
    CHECK(supervision.on_ready_signal(new_second, start + 2s) == Actions{action::Connect{new_second}});
    CHECK(supervision.next_deadline() == start + 1s + leaving_limit);
  }
  SECTION("and when the first cannot, the others are left alone") {
    CHECK(without_words(supervision.on_end(new_first, unusable_certificate, start + 1s)) ==
          Actions{action::Discard{new_first}});
    CHECK(supervision.on_time(start + 1h).empty());
    CHECK(supervision.next_deadline() == std::nullopt);
  }
}

TEST_CASE("an old key server that died meanwhile is not started again beside the new one") {
  auto supervision = all_roles();
  const auto replacement = next_generation(ke_server, 1);
  (void)supervision.on_replace_ke_servers(start);
  (void)supervision.on_end(ke_server, sigkill, start);
  CHECK(supervision.on_ready_signal(replacement, start + 50ms) == Actions{action::Connect{replacement}});
  CHECK(supervision.on_time(start + 1s).empty());
  CHECK(supervision.next_deadline() == std::nullopt);
}

TEST_CASE("rekey starts a key server at once when there is none") {
  auto supervision = all_roles();
  (void)supervision.on_end(ke_server, unusable_certificate, start);
  CHECK(without_words(supervision.on_replace_ke_servers(start + 1s)) ==
        Actions{action::Spawn{next_generation(ke_server, 1), true}});
  CHECK(supervision.next_deadline() == std::nullopt);
}

TEST_CASE("a role and its end are told by name") {
  CHECK(to_string(RoleId{Program::ke_server, 2}) == "gnomon-ntske (server 3)");
  CHECK(to_string(RoleId{Program::ke_client}) == "gnomon-ntske (client)");
  CHECK(to_string(sigkill) == "was killed by SIGKILL");
  CHECK(to_string(RoleEnd{true, SIGSYS}).contains("-F -1"));
  CHECK(to_string(status_1) == "exited with status 1");
}

TEST_CASE("a new client role takes the old one's place, whose end is no news") {
  const RoleId client{Program::ke_client};
  Supervision supervision{{client, core}, start};
  const auto next = next_generation(client, 1);
  CHECK(supervision.on_replace_ke_client(start) == Actions{action::Spawn{next}});
  CHECK(supervision.on_end(client, status_0, start).empty());
  CHECK_FALSE(words(supervision.on_end(next, status_1, start)).empty());
  // It is started again in any case, and reads then what there is.
  CHECK(supervision.on_replace_ke_client(start).empty());
}

TEST_CASE("a client role that rests is not started for what it will read when it is wanted") {
  Supervision supervision{{core}, start};
  CHECK(supervision.on_replace_ke_client(start).empty());
}

TEST_CASE("a role on demand is started when it is wanted, unless it is there or on its way") {
  Supervision supervision{{core}, start};
  const auto first = next_generation(resolve, 1);
  CHECK(supervision.on_wanted(Program::resolve, start) == Actions{action::Spawn{first, true, true}});
  CHECK(supervision.on_wanted(Program::resolve, start).empty());
  (void)supervision.on_end(first, sigkill, start);
  CHECK(supervision.on_wanted(Program::resolve, start).empty());
  const auto second = next_generation(resolve, 2);
  CHECK(supervision.on_time(start + 1s) == Actions{action::Spawn{second, true, true}});
  (void)supervision.on_stop_request(start + 1s);
  CHECK(supervision.on_wanted(Program::ke_client, start + 1s).empty());
}

TEST_CASE("the end of a role that was released is no news, and another can be wanted before it") {
  Supervision supervision{{resolve, core}, start};
  supervision.on_released(Program::resolve, start);
  const auto next = next_generation(resolve, 1);
  CHECK(supervision.on_wanted(Program::resolve, start) == Actions{action::Spawn{next, true, true}});
  CHECK(supervision.on_end(resolve, status_0, start).empty());
  CHECK(supervision.next_deadline() == std::nullopt);
  CHECK_FALSE(words(supervision.on_end(next, status_1, start)).empty());
}

TEST_CASE("a role that was to leave and does not is killed") {
  Supervision supervision{{resolve, core}, start};
  supervision.on_released(Program::resolve, start);
  CHECK(supervision.next_deadline() == start + leaving_limit);
  CHECK(without_words(supervision.on_time(start + leaving_limit - 1ms)).empty());
  const auto actions = supervision.on_time(start + leaving_limit);
  CHECK(without_words(actions) == Actions{action::Kill{resolve}});
  CHECK(words(actions) == "gnomon-resolve was to leave and did not: it is killed\n");
  CHECK(supervision.next_deadline() == std::nullopt);
  CHECK(supervision.on_time(start + 2 * leaving_limit).empty());
  CHECK(supervision.on_end(resolve, sigkill, start + 2 * leaving_limit).empty());
}

TEST_CASE("a core gone mad cannot have more processes started than a few") {
  Supervision supervision{{resolve, ke_server, core}, start};
  int alive = 2;
  int most = 0;
  const auto count = [&](const Actions& actions) {
    for (const auto& each : actions) {
      if (std::holds_alternative<action::Spawn>(each)) ++alive;
      if (const auto* kill = std::get_if<action::Kill>(&each)) {
        --alive;
        CHECK(supervision.on_end(kill->role, sigkill, start).empty());
      }
    }
    most = std::max(most, alive);
  };
  SECTION("roles on demand, wanted and released") {
    for (int i = 0; i < 1000; ++i) {
      supervision.on_released(Program::resolve, start);
      count(supervision.on_wanted(Program::resolve, start));
      count(supervision.on_time(start));
    }
  }
  SECTION("servers, replaced all the time") {
    for (int i = 0; i < 1000; ++i) {
      count(supervision.on_replace_ke_servers(start));
      count(supervision.on_time(start));
    }
  }
  CHECK(most <= most_leaving + 4);
}

TEST_CASE("a role that cannot be started when it is wanted is tried again") {
  Supervision supervision{{core}, start};
  (void)supervision.on_wanted(Program::ke_client, start);
  const RoleId client{Program::ke_client};
  const auto said = words(supervision.on_spawn_failed(next_generation(client, 1), "clone: EAGAIN", start));
  CHECK(said.contains("could not be started (clone: EAGAIN): restarted in 0.1 s"));
  CHECK(supervision.on_time(start + 100ms) == Actions{action::Spawn{next_generation(client, 2), true, true}});
}

TEST_CASE(
    "without a process that has a certificate nobody serves key establishment, until it is tried again") {
  auto supervision = all_roles();
  CHECK(supervision.serves_ke());
  (void)supervision.on_end(ke_server, unusable_certificate, start);
  CHECK_FALSE(supervision.serves_ke());
  (void)supervision.on_time(start + certificate_pause);
  CHECK(supervision.serves_ke());
  CHECK_FALSE(Supervision({the_clock, core}, start).serves_ke());
}

TEST_CASE("the end of a role says what to look for where a signal has more than one cause") {
  CHECK(to_string(RoleEnd{false, 3}) == "exited with status 3");
  CHECK(to_string(RoleEnd{true, SIGKILL}) == "was killed by SIGKILL");
  CHECK(to_string(RoleEnd{true, SIGSYS}).starts_with("was killed by SIGSYS, for a system call"));
  CHECK(to_string(RoleEnd{true, SIGSEGV}).contains("its stack was full"));
}
