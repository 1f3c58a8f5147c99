// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/sources/network_watch.hpp"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <cstring>

#include "tests/unit/core/sources/context.hpp"

using namespace gnomon;
using core::NetworkEvents;

namespace {

template <class Body>
base::Buffer message(std::uint16_t type, const Body& body, const base::Buffer& address = {}) {
  base::Buffer octets(sizeof(nlmsghdr) + sizeof(Body));
  std::memcpy(octets.data() + sizeof(nlmsghdr), &body, sizeof body);
  if (!address.empty()) {
    rtattr attribute{static_cast<unsigned short>(sizeof(rtattr) + address.size()), IFA_ADDRESS};
    octets.resize(octets.size() + sizeof attribute);
    std::memcpy(octets.data() + octets.size() - sizeof attribute, &attribute, sizeof attribute);
    octets.insert(octets.end(), address.begin(), address.end());
  }
  nlmsghdr header{};
  header.nlmsg_len = static_cast<std::uint32_t>(octets.size());
  header.nlmsg_type = type;
  std::memcpy(octets.data(), &header, sizeof header);
  return octets;
}

base::Buffer address_message(std::uint16_t type, std::uint8_t last, std::uint8_t scope = RT_SCOPE_UNIVERSE) {
  ifaddrmsg body{};
  body.ifa_family = AF_INET;
  body.ifa_scope = scope;
  body.ifa_index = 2;
  return message(type, body, {192, 0, 2, last});
}

base::Buffer route_message(std::uint16_t type, std::uint8_t bits, unsigned flags = 0) {
  rtmsg body{};
  body.rtm_dst_len = bits;
  body.rtm_type = RTN_UNICAST;
  body.rtm_flags = flags;
  return message(type, body);
}

}  // namespace

TEST_CASE("a new address is news, the same again is not, and it is after it was gone") {
  NetworkEvents events;
  CHECK(events.take(address_message(RTM_NEWADDR, 1)));
  CHECK_FALSE(events.take(address_message(RTM_NEWADDR, 1)));
  CHECK(events.take(address_message(RTM_NEWADDR, 2)));
  CHECK_FALSE(events.take(address_message(RTM_DELADDR, 1)));
  CHECK(events.take(address_message(RTM_NEWADDR, 1)));
}

TEST_CASE("addresses of one link, and of this machine, are no news") {
  NetworkEvents events;
  CHECK_FALSE(events.take(address_message(RTM_NEWADDR, 1, RT_SCOPE_LINK)));
  CHECK_FALSE(events.take(address_message(RTM_NEWADDR, 1, RT_SCOPE_HOST)));
}

TEST_CASE("the addresses of this machine are known, those of one link and of itself too, until they go") {
  NetworkEvents events{{*base::parse_address("127.0.0.1")}};
  static_cast<void>(events.take(address_message(RTM_NEWADDR, 1)));
  static_cast<void>(events.take(address_message(RTM_NEWADDR, 2, RT_SCOPE_HOST)));
  CHECK(events.own_addresses().size() == 3);
  static_cast<void>(events.take(address_message(RTM_DELADDR, 1)));
  CHECK(events.own_addresses() ==
        std::set<base::IpAddress>{*base::parse_address("127.0.0.1"), *base::parse_address("192.0.2.2")});
}

TEST_CASE("the kernel names the addresses that this machine has") {
  const auto addresses = core::local_addresses();
  CHECK(std::ranges::all_of(addresses, [](const auto& a) { return a.is_specified() && a.scope == 0; }));
}

TEST_CASE("a default route is news, other routes and cached ones are not") {
  NetworkEvents events;
  CHECK(events.take(route_message(RTM_NEWROUTE, 0)));
  CHECK_FALSE(events.take(route_message(RTM_NEWROUTE, 24)));
  CHECK_FALSE(events.take(route_message(RTM_NEWROUTE, 0, RTM_F_CLONED)));
  CHECK_FALSE(events.take(route_message(RTM_DELROUTE, 0)));
}

TEST_CASE("several messages in one datagram are all read, and a cut one ends it") {
  NetworkEvents events;
  auto datagram = route_message(RTM_NEWROUTE, 24);
  const auto second = address_message(RTM_NEWADDR, 1);
  datagram.insert(datagram.end(), second.begin(), second.end());
  CHECK(events.take(datagram));
  for (std::size_t size = 0; size < second.size(); ++size) {
    NetworkEvents fresh;
    CHECK_FALSE(fresh.take(base::Bytes{second}.first(size)));
  }
}

TEST_CASE("the kernel's socket can be opened, and what comes is told after a second") {
  auto events = core::open_network_events();
  REQUIRE(events);
  auto pair = base::make_channel();
  REQUIRE(pair);
  testing::Loop loop;
  int changes = 0;
  std::size_t known = 0;
  core::NetworkWatch watch{loop.tasks,
                           std::move(pair->ours),
                           core::local_addresses(),
                           {.on_changed = [&] { ++changes; },
                            .on_own_addresses = [&](const auto& addresses) { known = addresses.size(); }}};
  watch.start();
  const auto begin = loop.now().mono;
  for (std::uint8_t i = 1; i < 5; ++i)
    REQUIRE(base::send_datagram(pair->theirs.get(), address_message(RTM_NEWADDR, i)));
  loop.run_until([&] { return changes > 0; });
  CHECK(loop.now().mono - begin == std::chrono::seconds{1});
  CHECK(changes == 1);
  CHECK(known >= 4);
}
