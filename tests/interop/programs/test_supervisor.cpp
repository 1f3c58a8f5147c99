// SPDX-License-Identifier: GPL-2.0-or-later
// Scripts in the places of the roles say who was started when.
#include <csignal>
#include <filesystem>

#include "base/os/clocks.hpp"
#include "base/os/fd.hpp"
#include "base/os/file.hpp"
#include "base/os/socket.hpp"
#include "daemon/launcher/files/config_file.hpp"
#include "daemon/launcher/roles/role_starter.hpp"
#include "daemon/launcher/roles/start_report.hpp"
#include "daemon/launcher/roles/supervisor.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace gnomon;
using namespace gnomon::launcher;

namespace {

// start() blocks signals for the process.
class SignalMask {
 public:
  SignalMask() { sigprocmask(SIG_SETMASK, nullptr, &before_); }
  ~SignalMask() { sigprocmask(SIG_SETMASK, &before_, nullptr); }
  SignalMask(const SignalMask&) = delete;
  SignalMask& operator=(const SignalMask&) = delete;

 private:
  sigset_t before_{};
};

enum class Serves : std::uint8_t { nobody, ntp };

// What the resolver found when it began. The core takes its time, says something, and ends.
std::string resolver_began(Serves serves, const config::Config& config = {}) {
  const SignalMask mask;
  const testing::TemporaryFolder folder;
  const auto put = [&](const char* name, const std::string& text) {
    REQUIRE(base::write_file_atomically(folder / name, "#!/bin/sh\ncd " + folder.path() + "\n" + text, 0755));
  };
  put("gnomon-core", "sleep 0.03\necho after > core-said\nprintf x >&3\n");
  put("gnomon-resolve", "cp core-said began || echo before > began\n");
  config::CommandLine options;
  options.no_clock_control = true;
  const base::MachineClock clock;
  StartLog log{options, clock};
  StartReport report{{}, -1};
  RoleStarter starter{{folder / "gnomond", folder.path()}, config, options, {}, {}, {}};
  Supervisor supervisor{starter, log, report, clock};
  Listeners listeners;
  if (serves == Serves::ntp)
    listeners.ntp.push_back(std::move(*base::bind_udp({*base::parse_address("127.0.0.1"), 0}, {})));
  auto lines = sealed_copy({});
  REQUIRE(lines);
  REQUIRE(supervisor.start(std::move(*lines), std::move(listeners), -1));
  CHECK(supervisor.run() == 1);  // without its core
  return base::read_file(folder / "began").value_or("never");
}

// On a machine that is very busy a script may be late.
bool begins(const std::string& when, Serves serves, const config::Config& config = {}) {
  int tries = 5;
  while (tries > 0 && resolver_began(serves, config) != when) --tries;
  return tries > 0;
}

}  // namespace

TEST_CASE("where clients wait for answers the core has the processor to itself until it says something") {
  CHECK(begins("after\n", Serves::ntp));
}

TEST_CASE("where nobody waits, or the core needs the others first, all start at once") {
  CHECK(begins("before\n", Serves::nobody));
  config::Config config;
  config.clock.init_step_slew.emplace();
  CHECK(begins("before\n", Serves::ntp, config));
}
