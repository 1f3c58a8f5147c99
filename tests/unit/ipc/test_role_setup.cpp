// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/role_setup.hpp"

#include <algorithm>

#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace gnomon::ipc;

namespace {

using Words = std::vector<std::string>;

template <class Setup>
Setup round_trip(const Setup& setup) {
  const auto words = to_arguments(setup);
  auto read = from_arguments<Setup>(words);
  INFO((read ? std::string{} : read.error()));
  REQUIRE(read);
  CHECK(to_arguments(*read) == words);
  return std::move(*read);
}

template <class Setup>
std::string error_of(const Words& words) {
  const auto read = from_arguments<Setup>(words);
  return read ? std::string{} : read.error();
}

}  // namespace

TEST_CASE("the clock's budget survives argv to the last bit") {
  ClockSetup setup;
  setup.identity = {.user = "_gnomon", .lock_memory = true, .report_only = true};
  setup.budget = {1.0 / 3.0, 5e-324, 0.1, -1, 1000.5, 3, LeapMaker::slew};
  const auto read = round_trip(setup);
  CHECK(read.identity.user == "_gnomon");
  CHECK(read.identity.lock_memory);
  CHECK(read.identity.report_only);
  CHECK(read.budget.max_slew_rate_ppm == 1.0 / 3.0);
  CHECK(read.budget.max_drift_ppm == 5e-324);
  CHECK(read.budget.step_threshold_s == 0.1);
  CHECK(read.budget.step_limit == -1);
  CHECK(read.budget.max_change_s == 1000.5);
  CHECK(read.budget.max_change_start == 3);
  CHECK(read.budget.leap_maker == LeapMaker::slew);
}

TEST_CASE("no words at all leave the defaults") {
  const auto read = from_arguments<ClockSetup>({});
  REQUIRE(read);
  CHECK(read->identity.user.empty());
  CHECK(read->budget.max_slew_rate_ppm == ClockBudget{}.max_slew_rate_ppm);
}

TEST_CASE("a word that is unknown or out of range is named in the error") {
  CHECK(error_of<ClockSetup>({"colour=red"}) == "unknown argument 'colour=red'");
  CHECK(error_of<ClockSetup>({"user"}) == "unknown argument 'user'");
  CHECK(error_of<ClockSetup>({"listener=4"}) == "unknown argument 'listener=4'");
  for (const std::string word :
       {"max-drift=-1", "max-drift=nan", "max-drift=inf", "max-drift=", "max-drift=1x", "max-drift=1e7",
        "step-limit=1.5", "step-limit=4294967296", "report-only=maybe"})
    CHECK(error_of<ClockSetup>({word}) == "bad or out-of-range value in argument '" + word + "'");
  CHECK(error_of<KeServerSetup>({"ntp-port=65536"}) != "");
  CHECK(error_of<KeServerSetup>({"certificate=only-one"}) != "");
  CHECK(error_of<KeServerSetup>({"certificate=one two three"}) != "");
  for (const std::string word :
       {"access=allow", "access=permit any", "access=allow 10.0.0.0", "access=allow 10.0.0.0/33",
        "access=allow-some any", "access=allow host", "access=allow host 1.2.3.4", "access=deny 10.0.0.0/-1"})
    CHECK(error_of<KeServerSetup>({word}) != "");
  CHECK(error_of<KeClientSetup>({"bind=localhost"}) != "");
  CHECK(error_of<KeClientSetup>({"trusted=/path"}) != "");
  CHECK(error_of<CoreSetup>({"mode=clever"}) != "");
  CHECK(error_of<ResolveSetup>({"report-only=yes"}).empty());
}

TEST_CASE("the key establishment server's setup survives argv") {
  KeServerSetup setup;
  setup.listeners = {4, 5};
  setup.certificates = {{"/etc/a.pem", "/etc/a.key"}, {"/etc/b=c.pem", "/etc/b:c.key"}};
  setup.ntp_port = 11123;
  setup.ntp_server = "ntp.example.net";
  setup.aeads = {30, 15};
  setup.max_connections = 7;
  setup.access = {{true, {}, false},
                  {false, {*base::parse_address("10.1.0.0"), 16}, true},
                  {true, {*base::parse_address("2001:db8::"), 32}, false},
                  {true, {}, true, "host.example"},
                  {false, {}, false, "any"}};
  setup.rate_limit = true;
  setup.rate_interval = -3;
  setup.rate_burst = 16;
  setup.rate_leak = 3;
  setup.rate_fd = 6;
  setup.identity.log_fd = 7;
  setup.replaces = true;
  const auto read = round_trip(setup);
  CHECK(read.replaces);
  CHECK(read.listeners == setup.listeners);
  REQUIRE(read.certificates.size() == 2);
  CHECK(read.certificates[1].certificate_file == "/etc/b=c.pem");
  CHECK(read.certificates[1].key_file == "/etc/b:c.key");
  CHECK(read.ntp_port == 11123);
  CHECK(read.ntp_server == "ntp.example.net");
  CHECK(read.aeads == setup.aeads);
  CHECK(read.max_connections == 7);
  CHECK(read.access == setup.access);
  CHECK(read.rate_limit);
  CHECK(read.rate_interval == -3);
  CHECK(read.rate_burst == 16);
  CHECK(read.rate_leak == 3);
  CHECK(read.rate_fd == 6);
  CHECK(read.identity.log_fd == 7);
}

TEST_CASE("the key establishment client's setup survives argv") {
  KeClientSetup setup;
  setup.system_certificates = false;
  setup.trusted = {{0, "/etc/ca.pem"}, {4294967295, "/etc/certs of ours"}};
  setup.bind_addresses = {*base::parse_address("192.0.2.1"), *base::parse_address("fe80::1%2")};
  const auto read = round_trip(setup);
  CHECK_FALSE(read.system_certificates);
  REQUIRE(read.trusted.size() == 2);
  CHECK(read.trusted[1].set == 4294967295);
  CHECK(read.trusted[1].path == "/etc/certs of ours");
  CHECK(read.bind_addresses == setup.bind_addresses);
}

TEST_CASE("the devices of reference clocks survive argv") {
  RefclockSetup setup;
  setup.devices = {{RefclockDriver::phc, 3, -2, "/dev/ptp0:extpps:pin=1"},
                   {RefclockDriver::sock, 4, 0, "/run/chrony.ttyS0.sock"},
                   {RefclockDriver::shm, -7, -7, "0:perm=0644"}};
  setup.sockets = {-1, 5};
  setup.at_once = true;
  const auto read = round_trip(setup);
  CHECK(read.at_once);
  CHECK(read.devices == setup.devices);
  CHECK(read.sockets == setup.sockets);
  for (const char* const word :
       {"refclock=SHM 4 0", "refclock=GPS 4 0 x", "refclock=SHM 4 5 x", "refclock=SHM 25 0 x",
        "refclock=SHM 4 -8 x", "refclock=SHM 4  x", "refclock=SHM", "sock-fd=-2"})
    CHECK(error_of<RefclockSetup>({word}) != "");
}

TEST_CASE("the core's setup survives argv") {
  CoreSetup setup;
  setup.mode = CoreMode::set_once;
  setup.no_clock_control = true;
  setup.family = base::AddressFamily::ipv6;
  setup.timeout = 2.5;
  setup.log_level = -1;
  setup.config_fd = 9;
  setup.ke_server_fds = {10, 11};
  setup.ntp_sockets = {12};
  setup.acquisition_sockets = {15, 16};
  setup.peer_sockets = {19};
  setup.command_sockets = {17, 18};
  setup.command_relay_fd = 20;
  const auto read = round_trip(setup);
  CHECK(read.mode == CoreMode::set_once);
  CHECK(read.no_clock_control);
  CHECK_FALSE(read.restore_history);
  CHECK(read.family == base::AddressFamily::ipv6);
  CHECK(read.timeout == 2.5);
  CHECK(read.log_level == -1);
  CHECK(read.config_fd == 9);
  CHECK(read.ke_server_fds == setup.ke_server_fds);
  CHECK(read.ntp_sockets == setup.ntp_sockets);
  CHECK(read.acquisition_sockets == setup.acquisition_sockets);
  CHECK(read.peer_sockets == setup.peer_sockets);
  CHECK(read.command_sockets == setup.command_sockets);
  CHECK(read.command_relay_fd == 20);
}
