// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/check/port_checks.hpp"

#include "tests/unit/ctl/check/findings.hpp"

namespace gnomon::testing {

namespace {

// As the kernel prints them (proc(5)): 127.0.0.1:123, any:4460 listening, ::1 to port 123 connected.
constexpr const char* udp =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref "
    "pointer\n"
    "  116: 0100007F:007B 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4711 2 0000 "
    "0\n";
constexpr const char* tcp =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
    "   0: 00000000:116C 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 815 1 0000 "
    "100 0\n"
    "   1: 0100007F:E000 0100007F:007B 01 00000000:00000000 00:00000000 00000000     0        0 816 1 0000 "
    "100 0\n";
constexpr const char* udp6 =
    "  sl  local_address                         remote_address                        st tx_queue rx_queue\n"
    "  1: 00000000000000000000000001000000:007B 00000000000000000000000000000000:0000 07 00000000:00000000 "
    "00:00000000 00000000     0        0 99 2 0000 0\n";

std::optional<std::string> ntpd(std::uint64_t /*inode*/) {
  return "ntpd (pid 12)";
}
std::optional<std::string> gnomond(std::uint64_t /*inode*/) {
  return "gnomon-core (pid 12)";
}
std::optional<std::string> unknown(std::uint64_t /*inode*/) {
  return std::nullopt;
}

Lines found_with(const std::string& text, ctl::FindHolder holder) {
  return found(
      [holder](const ctl::Configuration& configuration, ctl::Findings& findings) {
        ctl::check_ports(configuration, {.udp = udp, .udp6 = udp6, .tcp = tcp, .tcp6 = {}}, holder, findings);
      },
      text);
}

}  // namespace

TEST_CASE("the kernel's tables are read: addresses, ports, inodes, of TCP what listens") {
  const auto ports = ctl::open_ports(udp, false);
  REQUIRE(ports.size() == 1);
  CHECK(base::to_string(ports[0].address) == "127.0.0.1");
  CHECK(ports[0].port == 123);
  CHECK(ports[0].inode == 4711);
  CHECK(base::to_string(ctl::open_ports(udp6, false).at(0).address) == "::1");
  const auto listening = ctl::open_ports(tcp, true);
  REQUIRE(listening.size() == 1);
  CHECK(listening[0].port == 4460);
  CHECK(ctl::open_ports("nonsense\nmore of it\n", false).empty());
}

TEST_CASE("a port that another program has is a warning, of a gnomond it is none") {
  CHECK(found_with("allow\n", ntpd) == Lines{"1 warning : UDP port 123 is in use by ntpd (pid 12)"});
  CHECK(found_with("allow\n", gnomond).empty());
  CHECK(found_with("allow\n", unknown) ==
        Lines{"1 note : UDP port 123 is in use by another program, or by a gnomond that is running"});
  CHECK(found_with("allow\nntsservercert /c\nntsserverkey /k\nport 124\n", ntpd) ==
        Lines{"2 warning : TCP port 4460 is in use by ntpd (pid 12)"});
}

TEST_CASE("ports that are not served on, or on other addresses, do not matter") {
  CHECK(found_with("port 123\n", ntpd).empty());
  CHECK(found_with("allow\nport 124\n", ntpd).empty());
  CHECK(found_with("allow\nbindaddress 192.0.2.1\nbindaddress 2001:db8::1\n", ntpd).empty());
  CHECK(found_with("allow\nbindaddress 127.0.0.1\n", ntpd).size() == 1);
}

TEST_CASE("the port for metrics is looked for at its address") {
  CHECK(found_with("metricsaddress 127.0.0.1 4460\n", ntpd) ==
        Lines{"1 warning : TCP port 4460 is in use by ntpd (pid 12)"});
  CHECK(found_with("metricsaddress 127.0.0.1\nmetricsaddress /run/gnomon/metrics.sock\n", ntpd).empty());
  CHECK(found_with("metricsaddress ::1 4460\n", gnomond).empty());
}

}  // namespace gnomon::testing
