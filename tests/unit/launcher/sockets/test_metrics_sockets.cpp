// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/sockets/metrics_sockets.hpp"

#include <sys/socket.h>

#include <filesystem>

#include "base/os/socket.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/remembering_log.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace gnomon;

namespace {

config::Config with(std::vector<config::MetricsAddress> addresses) {
  config::Config config;
  config.control.metrics_addresses = std::move(addresses);
  return config;
}

config::MetricsAddress loopback(std::uint16_t port) {
  return {.endpoint = {*base::parse_address("127.0.0.1"), port}, .path = {}};
}

const config::CommandLine as_daemon{};

}  // namespace

TEST_CASE("each address is listened on, and the file of a path goes at the end") {
  const testing::TemporaryFolder folder;
  const auto path = folder / "metrics.sock";
  std::vector<base::ActivatedSocket> none;
  testing::RememberingLog log;
  {
    const auto opened = launcher::open_metrics_sockets(with({loopback(0), {.endpoint = {}, .path = path}}),
                                                       as_daemon, none, log);
    REQUIRE(opened.sockets.size() == 2);
    for (const auto& socket : opened.sockets) {
      int listens = 0;
      socklen_t size = sizeof listens;
      REQUIRE(getsockopt(socket.get(), SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0);
      CHECK(listens == 1);
    }
    CHECK(std::filesystem::exists(path));
  }
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK(log.lines.empty());
}

TEST_CASE("what cannot be had is said and left out, and systemd's socket is used where there is one") {
  std::vector<base::ActivatedSocket> inherited;
  auto given = base::listen_tcp({*base::parse_address("127.0.0.1"), 0}, {});
  REQUIRE(given);
  const int number = given->get();
  const auto port = base::local_endpoint(number)->port;
  testing::RememberingLog log;
  SECTION("taken by another") {
    const auto opened = launcher::open_metrics_sockets(
        with({loopback(port), {.endpoint = {}, .path = "/nonexistent/metrics.sock"}}), as_daemon, inherited,
        log);
    CHECK(opened.sockets.empty());
    REQUIRE(log.lines.size() == 2);
    CHECK(log.lines[0].contains("Address already in use"));
    CHECK(log.lines[1].contains("/nonexistent/metrics.sock"));
  }
  SECTION("inherited") {
    inherited.push_back({std::move(*given), "metrics"});
    const auto opened = launcher::open_metrics_sockets(with({loopback(port)}), as_daemon, inherited, log);
    REQUIRE(opened.sockets.size() == 1);
    CHECK(opened.sockets[0].get() == number);
    CHECK_FALSE(inherited[0].fd);
    CHECK(log.lines.empty());
  }
}

TEST_CASE("who runs once answers nobody") {
  std::vector<base::ActivatedSocket> none;
  testing::RememberingLog log;
  config::CommandLine once;
  once.mode = config::RunMode::print_once;
  CHECK(launcher::open_metrics_sockets(with({loopback(0)}), once, none, log).sockets.empty());
}
