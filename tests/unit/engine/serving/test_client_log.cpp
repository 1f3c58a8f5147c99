// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/serving/client_log.hpp"

#include <algorithm>
#include <numeric>
#include <thread>
#include <vector>

#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace gnomon::engine;
using namespace std::chrono_literals;

namespace {

constexpr auto pass = base::Admission::pass;
constexpr auto drop = base::Admission::drop;
constexpr std::uint32_t all = 1'000'000;

base::IpAddress address(std::string_view text) {
  return base::parse_address(text).value_or(base::IpAddress{});
}

base::IpAddress numbered(std::uint32_t number) {
  base::IpAddress client{.family = base::AddressFamily::ipv4};
  for (std::size_t i = 0; i < 4; ++i) client.octets[i] = static_cast<std::uint8_t>(number >> (24 - 8 * i));
  return client;
}

std::vector<ClientAccess> every(ClientLog& log, base::MonoTime now, ClientsQuery query = {}) {
  query.most = all;
  return log.page(query, now).clients;
}

std::uint64_t hits_of(const std::vector<ClientAccess>& clients) {
  return std::accumulate(clients.begin(), clients.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const ClientAccess& each) { return sum + each.ntp.hits; });
}

const auto alice = address("192.0.2.1");
constexpr base::MonoTime start{100s};

}  // namespace

TEST_CASE("a client's requests to each service are counted in one record") {
  ClientLog log{64, 1};
  for (int i = 0; i < 3; ++i) log.count(Service::ntp, alice, start + i * 64s, pass);
  log.count(Service::key_exchange, alice, start, pass, 5);
  log.count(Service::key_exchange, alice, start + 8s, drop, 2);
  log.count(Service::commands, alice, start + 130s, pass);
  const auto clients = every(log, start + 131s);
  REQUIRE(clients.size() == 1);
  CHECK(clients[0] == ClientAccess{.address = alice,
                                   .ntp = {.hits = 3, .interval = 6, .last = 3s},
                                   .key_exchange = {.hits = 7, .drops = 2, .interval = 0, .last = 123s},
                                   .commands = {.hits = 1, .last = 1s}});
}

TEST_CASE("requests that follow a dropped one have an average of their own") {
  ClientLog log{64, 1};
  log.count(Service::ntp, alice, start, pass);
  log.count(Service::ntp, alice, start + 16s, drop);
  log.count(Service::ntp, alice, start + 18s, pass);
  log.count(Service::ntp, alice, start + 34s, pass);
  const auto clients = every(log, start + 34s);
  REQUIRE(clients.size() == 1);
  CHECK(clients[0].ntp == ServiceAccess{.hits = 4, .drops = 1, .interval = 4, .last = 0s});
  CHECK(clients[0].ntp_interval_after_drop == 1);
}

TEST_CASE("IPv6 clients of one network are clients of their own, a link-local one is the same on all links") {
  ClientLog log{64, 1};
  for (const auto* text : {"2001:db8::1", "2001:db8::2", "fe80::1%2", "fe80::1%3"})
    log.count(Service::ntp, address(text), start, pass);
  std::vector<std::string> names;
  for (const auto& each : every(log, start)) names.push_back(base::to_string(each.address));
  std::ranges::sort(names);
  CHECK(names == std::vector<std::string>{"2001:db8::1", "2001:db8::2", "fe80::1"});
}

TEST_CASE("who has no address is not in the log") {
  ClientLog log{64, 1};
  log.count(Service::commands, {}, start, pass);
  CHECK(every(log, start).empty());
  CHECK(log.drops() == 0);
}

TEST_CASE("a page shows clients with enough requests of one service") {
  ClientLog log{64, 1};
  log.count(Service::ntp, numbered(1), start, pass, 9);
  log.count(Service::key_exchange, numbered(2), start, pass, 10);
  log.count(Service::ntp, numbered(3), start, pass, 6);
  log.count(Service::commands, numbered(3), start, pass, 6);
  const auto clients = every(log, start, {.least_hits = 10});
  REQUIRE(clients.size() == 1);
  CHECK(clients[0].address == numbered(2));
}

TEST_CASE("reset begins all counts afresh, those of clients that are not shown too") {
  ClientLog log{64, 1};
  for (int i = 0; i < 2; ++i) log.count(Service::ntp, numbered(1), start + i * 8s, drop);
  for (int i = 0; i < 20; ++i) log.count(Service::ntp, numbered(2), start, pass);
  const auto shown = every(log, start, {.least_hits = 10, .reset = true});
  REQUIRE(shown.size() == 1);
  CHECK(shown[0].ntp.hits == 20);
  const auto clients = every(log, start + 8s);
  CHECK(hits_of(clients) == 0);
  REQUIRE(clients.size() == 2);
  const auto first = std::ranges::find(clients, numbered(1), &ClientAccess::address);
  CHECK(first->ntp == ServiceAccess{.interval = std::nullopt, .last = 0s});
  CHECK(first->ntp_interval_after_drop == 3);  // averages and ages stay
}

TEST_CASE("pages follow one another until the indices end") {
  ClientLog log{64, 1};
  for (std::uint32_t i = 0; i < 20; ++i) log.count(Service::ntp, numbered(i), start, pass);
  std::vector<base::IpAddress> seen;
  ClientsPage page;
  for (ClientsQuery query{.most = 8}; page.next < 64 || page.indices == 0; query.first = page.next) {
    page = log.page(query, start);
    CHECK(page.clients.size() <= 8);
    for (const auto& each : page.clients) seen.push_back(each.address);
  }
  CHECK(page.indices == 64);
  std::ranges::sort(seen);
  CHECK(std::ranges::adjacent_find(seen) == seen.end());
  CHECK(seen.size() + log.drops() == 20);
}

TEST_CASE("an index beyond the end has nobody, and nobody is shown when none is wanted") {
  ClientLog log{64, 1};
  log.count(Service::ntp, alice, start, pass);
  for (const std::uint32_t first : {64U, 65U, 0x7fffffffU, 0xffffffffU}) {
    const auto page = log.page({.first = first, .most = 8, .reset = true}, start);
    CHECK(page.clients.empty());
    CHECK(page.next == first);
  }
  CHECK(log.page({.most = 0}, start).clients.empty());
  CHECK(hits_of(every(log, start)) == 1);
}

TEST_CASE("one page looks at a limited number of records") {
  ClientLog log{std::size_t{ClientLog::most_looked_at} * 2, 1};
  const auto page = log.page({.most = 8}, start);
  CHECK(page.clients.empty());
  CHECK(page.next == ClientLog::most_looked_at);
  CHECK(log.page({.first = page.next, .most = 8}, start).next == page.indices);
}

TEST_CASE("a million addresses stay within the table, and who asked lately is there") {
  ClientLog log{4096, 7};
  for (std::uint32_t i = 0; i < 1'000'000; ++i) log.count(Service::ntp, numbered(i), start + i * 1ms, pass);
  const auto clients = every(log, start + 1001s);
  CHECK(clients.size() == 4096);
  CHECK(log.drops() == 1'000'000 - 4096);
  log.count(Service::ntp, alice, start + 1002s, pass);
  CHECK(std::ranges::count(every(log, start + 1002s), alice, &ClientAccess::address) == 1);
}

TEST_CASE("of a group the client that has been silent longest makes room") {
  ClientLog log{4, 1};
  for (std::uint32_t i = 0; i < 4; ++i) log.count(Service::ntp, numbered(i), start + i * 1s, pass);
  log.count(Service::commands, numbered(0), start + 4s, pass);
  log.count(Service::ntp, numbered(4), start + 5s, pass);
  std::vector<base::IpAddress> left;
  for (const auto& each : every(log, start + 5s)) left.push_back(each.address);
  std::ranges::sort(left);
  CHECK(left == std::vector{numbered(0), numbered(2), numbered(3), numbered(4)});
  CHECK(log.drops() == 1);
}

TEST_CASE("a moment before the last request is now, and the clock may go round") {
  ClientLog log{64, 1};
  log.count(Service::ntp, alice, start + 1s, pass);
  log.count(Service::ntp, alice, start, pass);
  const auto before = every(log, start - 1s);
  CHECK(before.at(0).ntp == ServiceAccess{.hits = 2, .interval = -5, .last = 0s});
  const base::MonoTime end_of_ticks{(std::int64_t{1} << 32) * 62'500'000ns};
  ClientLog old{64, 1};
  old.count(Service::ntp, alice, end_of_ticks - 32s, pass);
  old.count(Service::ntp, alice, end_of_ticks + 32s, pass);
  CHECK(every(old, end_of_ticks + 40s).at(0).ntp == ServiceAccess{.hits = 2, .interval = 6, .last = 8s});
}

TEST_CASE("counts are exact while several threads count and another resets") {
  ClientLog log{256, 3};
  constexpr std::uint32_t each = 100'000;
  constexpr std::uint32_t clients = 50;
  std::atomic<int> running{3};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 3; ++i)
    threads.emplace_back([&] {
      for (std::uint32_t n = 0; n < each; ++n) log.count(Service::ntp, numbered(n % clients), start, pass);
      --running;
    });
  std::uint64_t seen = 0;
  while (running > 0) seen += hits_of(every(log, start, {.reset = true}));
  threads.clear();
  const auto left = every(log, start);
  seen += hits_of(left);
  CHECK(left.size() <= clients);
  CHECK(seen + log.drops() == std::uint64_t{3} * each);  // left out only while a client was added
}

TEST_CASE("threads that add clients at once leave each client one record") {
  ClientLog log{1024, 5};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 3; ++i)
    threads.emplace_back([&] {
      for (std::uint32_t n = 0; n < 200'000; ++n)
        log.count(Service::ntp, numbered(n % 3000), start + n * 1us, pass);
    });
  threads.clear();
  auto clients = every(log, start + 1s);
  CHECK(clients.size() > 1000);
  std::ranges::sort(clients, {}, &ClientAccess::address);
  CHECK(std::ranges::adjacent_find(clients, {}, &ClientAccess::address) == clients.end());
}
