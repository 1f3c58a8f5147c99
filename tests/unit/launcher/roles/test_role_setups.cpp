// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/role_setups.hpp"

#include "daemon/launcher/roles/role_memories.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/config/files.hpp"

using namespace gnomon;
using namespace gnomon::launcher;
using config::RunMode;

namespace {

config::CommandLine in_mode(RunMode mode) {
  config::CommandLine options;
  options.mode = mode;
  return options;
}

}  // namespace

TEST_CASE("the clock's budget is the configuration's") {
  config::ClockSettings clock;
  clock.max_slew_rate = base::Ppm{1000};
  clock.max_drift = base::Ppm{500};
  clock.make_step = config::MakeStep{base::Seconds{0.1}, 3};
  clock.max_change = config::MaxChange{base::Seconds{1000}, 1, -1};
  const auto budget = clock_budget(clock, {});
  CHECK(budget.max_slew_rate_ppm == 1000);
  CHECK(budget.max_drift_ppm == 500);
  CHECK(budget.step_threshold_s == 0.1);
  CHECK(budget.step_limit == 3);
  CHECK(budget.max_change_s == 1000);
  CHECK(budget.max_change_start == 1);
}

TEST_CASE("-s takes the first time from the real-time clock, and no earlier than the driftfile was written") {
  config::Config config;
  config.clock.drift_file = "/proc/self/exe";  // a file with some time
  config::CommandLine options;
  CHECK_FALSE(first_time(config, options).wanted);
  options.set_from_rtc = true;
  RealTimeClock rtc;
  rtc.error = base::RtcFile{1795402324, base::Seconds{-9.01}, {99.98}};
  const auto first = first_time(config, options, rtc);
  CHECK(first.wanted);
  CHECK(first.rtc_reference == 1795402324);
  CHECK(first.rtc_fast_s == -9.01);
  CHECK(first.rtc_gain_ppm == 99.98);
  CHECK(first.not_before_s > 0);
  config.clock.drift_file = "/nonexistent";
  CHECK(first_time(config, options).not_before_s == 0);
}

TEST_CASE("gnomon-clock is told of the real-time clock what the configuration and hwclock's file say") {
  config::Config config;
  config.hardware.rtc_device = "/dev/rtc1";
  RealTimeClock rtc;
  rtc.on_utc = true;
  rtc.tracked = true;
  const auto setup = rtc_setup(config, rtc, 5);
  CHECK(setup.device == "/dev/rtc1");
  CHECK(setup.on_utc);
  CHECK(setup.tracked);
  CHECK(setup.fd == 5);
}

TEST_CASE("who makes leap seconds is part of the clock's budget") {
  using config::LeapSecondMode;
  for (const auto& [mode, maker] : {std::pair{LeapSecondMode::system, ipc::LeapMaker::kernel},
                                    {LeapSecondMode::step, ipc::LeapMaker::step},
                                    {LeapSecondMode::slew, ipc::LeapMaker::slew},
                                    {LeapSecondMode::ignore, ipc::LeapMaker::nobody}}) {
    config::ClockSettings clock;
    clock.leap_second_mode = mode;
    CHECK(clock_budget(clock, {}).leap_maker == maker);
  }
}

TEST_CASE("without makestep the clock is never stepped") {
  CHECK(clock_budget({}, {}).step_limit == 0);
}

TEST_CASE("-R takes back the steps at the start and leaves the unlimited ones") {
  config::ClockSettings clock;
  config::CommandLine options;
  options.no_start_adjustments = true;
  clock.make_step = config::MakeStep{base::Seconds{0.1}, 3};
  CHECK(clock_budget(clock, options).step_limit == 0);
  clock.make_step = config::MakeStep{base::Seconds{0.1}, -1};
  CHECK(clock_budget(clock, options).step_limit == -1);
}

TEST_CASE("-q may step once by any amount") {
  const auto budget = clock_budget({}, in_mode(RunMode::set_once));
  CHECK(budget.step_threshold_s == 0);
  CHECK(budget.step_limit == 1);
}

TEST_CASE("a compensation by temperature comes on top of maxdrift, as far as a clock can be driven") {
  config::Config config;
  config.clock.max_drift = base::Ppm{500};
  CHECK(clock_budget_of(config, {}).max_drift_ppm == 500);
  config.hardware.temperature.emplace();
  CHECK(clock_budget_of(config, {}).max_drift_ppm == 510);
  config.clock.max_drift = base::Ppm{100000};
  CHECK(clock_budget_of(config, {}).max_drift_ppm == 100000);
}

TEST_CASE("-x and -Q leave the clock alone") {
  CHECK(steers_clock({}));
  CHECK(steers_clock(in_mode(RunMode::set_once)));
  CHECK_FALSE(steers_clock(in_mode(RunMode::print_once)));
  config::CommandLine options;
  options.no_clock_control = true;
  CHECK_FALSE(steers_clock(options));
}

TEST_CASE("the NTS-KE client runs when a source may need it") {
  config::Config config;
  config.sources.push_back({});
  CHECK_FALSE(needs_ke_client(config));
  config.sources.push_back({});
  config.sources.back().nts = true;
  CHECK(needs_ke_client(config));
  config.sources.clear();
  config.process.source_dirs = {{"/run/gnomon-dhcp"}};
  CHECK(needs_ke_client(config));
}

TEST_CASE("the NTS-KE server gets its listeners after its channel") {
  config::Config config;
  config.server.port = 11123;
  config.nts.certificates = {{"a.pem", "a.key"}, {"b.pem", "b.key"}};
  config.nts.rate_limit = config::RateLimit{.interval = {6}, .burst = 16, .leak = 1};
  const auto setup = ke_server_setup(config, {.user = "clock"}, 2);
  CHECK(setup.listeners == std::vector<int>{4, 5});
  CHECK(setup.ntp_port == 11123);
  REQUIRE(setup.certificates.size() == 2);
  CHECK(setup.certificates[1].key_file == "b.key");
  CHECK(setup.rate_limit);
  CHECK(setup.rate_burst == 16);
  CHECK(setup.identity.user == "clock");
}

TEST_CASE("initstepslew is one step more, of its own size") {
  config::ClockSettings clock;
  clock.init_step_slew = config::InitStepSlew{.threshold = base::Seconds{5}, .hosts = {"192.0.2.1"}};
  CHECK(clock_budget(clock, {}).step_threshold_s == 5);
  CHECK(clock_budget(clock, {}).step_limit == 1);
  clock.make_step = config::MakeStep{base::Seconds{1}, 3};
  CHECK(clock_budget(clock, {}).step_threshold_s == 1);
  CHECK(clock_budget(clock, {}).step_limit == 4);
  clock.make_step->limit = -1;
  CHECK(clock_budget(clock, {}).step_limit == -1);
  clock.make_step.reset();
  config::CommandLine options;
  options.no_start_adjustments = true;
  CHECK(clock_budget(clock, options).step_limit == 0);
}

TEST_CASE("the core's descriptors are numbered in the order they are inherited") {
  const CoreDescriptors all{.clock = true,
                            .resolve = true,
                            .ke_client = true,
                            .ke_servers = 2,
                            .ntp_sockets = 3,
                            .acquisition_sockets = 2,
                            .peer_sockets = 1,
                            .key_secret = true,
                            .symmetric_keys = true,
                            .control = true,
                            .command_sockets = 2,
                            .command_relay = true,
                            .sources = true};
  const auto setup = core_setup({}, {}, all);
  CHECK(setup.config_fd == 4);
  CHECK(setup.clock_fd == 5);
  CHECK(setup.resolve_fd == 6);
  CHECK(setup.ke_client_fd == 7);
  CHECK(setup.ke_server_fds == std::vector<int>{8, 9});
  CHECK(setup.ntp_sockets == std::vector<int>{10, 11, 12});
  CHECK(setup.acquisition_sockets == std::vector<int>{13, 14});
  CHECK(setup.peer_sockets == std::vector<int>{15});
  CHECK(setup.key_secret_fd == 16);
  CHECK(setup.symmetric_keys_fd == 17);
  CHECK(setup.control_fd == 18);
  CHECK(setup.command_sockets == std::vector<int>{19, 20});
  CHECK(setup.command_relay_fd == 21);
  CHECK(setup.sources_fd == 22);
}

TEST_CASE("a core without clock, server and control has no descriptors for them") {
  const auto setup = core_setup(in_mode(RunMode::print_once), {}, {.resolve = true});
  CHECK(setup.mode == ipc::CoreMode::print_once);
  CHECK(setup.no_clock_control);
  CHECK(setup.config_fd == 4);
  CHECK(setup.resolve_fd == 5);
  CHECK(setup.clock_fd == -1);
  CHECK(setup.control_fd == -1);
  CHECK(setup.key_secret_fd == -1);
  CHECK(setup.symmetric_keys_fd == -1);
  CHECK(setup.ntp_sockets.empty());
}

TEST_CASE("roles get memory of their own, and the NTS-KE servers one for all") {
  const auto memories = make_role_memories({}, {}, 2);
  CHECK(memories.ke_rates);
  CHECK(memories.log_of({Program::ke_server, 1, 7}) == memories.log_of({Program::ke_server, 1, 8}));
  CHECK(memories.log_of({Program::ke_server, 0}) != memories.log_of({Program::ke_server, 1}));
  CHECK(memories.log_of({Program::resolve}) >= 0);
  CHECK(memories.log_of({Program::clock}) == -1);
  CHECK_FALSE(make_role_memories({}, {}, 0).ke_rates);
}
