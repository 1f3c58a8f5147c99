// SPDX-License-Identifier: GPL-2.0-or-later
// What the configuration says arrives at the parts that act on it.
#include "daemon/core/core_settings.hpp"

#include "base/os/clocks.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;

namespace {

struct Fixture {
  [[nodiscard]] core::SourcesSettings sources() {
    return core::sources_settings(setup, config, clock, std::nullopt, server,
                                  [] { return std::make_shared<const engine::NicTable>(); });
  }
  ipc::CoreSetup setup;
  config::Config config;
  base::MachineClock clock;
  core::NtpServer server{{}, config.server, clock};
};

}  // namespace

TEST_CASE("names of sources are resolved again after the time that refresh has") {
  Fixture f;
  CHECK(f.sources().context.name_refresh == base::Seconds{1209600});
  f.config.selection.refresh = base::Seconds{128};
  CHECK(f.sources().context.name_refresh == base::Seconds{128});
}

TEST_CASE("sources know how many samples are kept of each") {
  Fixture f;
  f.config.selection.max_samples = 1;
  CHECK(f.sources().context.max_samples == 1);
}

TEST_CASE("requests are remembered wherever a server may answer them, though it be allowed later") {
  Fixture f;
  CHECK(f.sources().own_requests == &f.server.own_requests());
  CHECK_FALSE(f.sources().context.own.serves);
  f.config.server.port = 0;
  CHECK(f.sources().own_requests == nullptr);
}

TEST_CASE(
    "stamps of network cards are asked for where hwtimestamp is, and waited for as long as hwtstimeout "
    "says") {
  Fixture f;
  CHECK_FALSE(f.sources().nics);
  f.config.hardware.timestamping.emplace_back();
  f.config.hardware.timestamp_timeout = base::Seconds{0.5};
  CHECK(f.sources().nics);
  CHECK(f.sources().tx_timeout == base::to_duration(base::Seconds{0.5}));
}

TEST_CASE("options of the command line and of the configuration reach the sources") {
  Fixture f;
  f.setup.family = base::AddressFamily::ipv6;
  f.config.server.dscp = 46;
  f.config.nts = {
      .aeads = {15}, .dump_dir = "/d", .refresh = base::Seconds{5}, .no_certificate_time_check = 2};
  f.config.clock.max_clock_error = base::Ppm{7};
  const auto settings = f.sources();
  CHECK(settings.context.family == base::AddressFamily::ipv6);
  CHECK(settings.server.dscp == 46);
  CHECK(settings.context.aeads == std::vector<std::uint16_t>{15});
  CHECK(settings.context.nts_refresh == base::Seconds{5});
  CHECK(settings.nts_directory == "/d");
  CHECK(settings.no_certificate_time_check == 2);
  CHECK(settings.context.ignore_certificate_dates);
  CHECK(settings.context.max_clock_error.value == 7);
}
