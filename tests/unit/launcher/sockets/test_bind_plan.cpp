// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/sockets/bind_plan.hpp"

#include "tests/unit/catch.hpp"

using namespace gnomon;
using base::AddressFamily;
using launcher::plan_addresses;
using launcher::PlannedAddress;

namespace {

const base::IpAddress any_v4{.family = AddressFamily::ipv4};
const base::IpAddress any_v6{.family = AddressFamily::ipv6};
const auto one_v4 = base::parse_address("192.0.2.1").value();
const auto one_v6 = base::parse_address("2001:db8::1").value();

}  // namespace

TEST_CASE("without bindaddress one socket takes both families") {
  CHECK(plan_addresses({}, AddressFamily::unspecified) == std::vector<PlannedAddress>{{any_v6, true}});
  CHECK(plan_addresses({any_v4, any_v6}, AddressFamily::unspecified) ==
        std::vector<PlannedAddress>{{any_v6, true}});
}

TEST_CASE("a bound address leaves the other family open") {
  CHECK(plan_addresses({one_v4}, AddressFamily::unspecified) ==
        std::vector<PlannedAddress>{{one_v4}, {any_v6}});
  CHECK(plan_addresses({one_v6}, AddressFamily::unspecified) ==
        std::vector<PlannedAddress>{{any_v4}, {one_v6}});
  CHECK(plan_addresses({one_v6, one_v4}, AddressFamily::unspecified) ==
        std::vector<PlannedAddress>{{one_v4}, {one_v6}});
}

TEST_CASE("-4 and -6 leave one family") {
  CHECK(plan_addresses({one_v6}, AddressFamily::ipv4) == std::vector<PlannedAddress>{{any_v4}});
  CHECK(plan_addresses({one_v6}, AddressFamily::ipv6) == std::vector<PlannedAddress>{{one_v6}});
}

TEST_CASE("there is one worker for each processor, at most eight, unless the configuration says") {
  CHECK(launcher::worker_count({}, 0) == 1);
  CHECK(launcher::worker_count({}, 4) == 4);
  CHECK(launcher::worker_count({}, 64) == 8);
  config::ServerSettings server;
  server.workers = 12;
  CHECK(launcher::worker_count(server, 2) == 12);
}
