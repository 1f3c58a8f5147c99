// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/systemd.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

#include "base/os/channel.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon::base;
using namespace std::chrono_literals;

namespace {

std::string maps() {
  std::ifstream file{"/proc/self/maps"};
  return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace

TEST_CASE("outside systemd there is nobody to tell and nothing to inherit") {
  unsetenv("NOTIFY_SOCKET");
  unsetenv("LISTEN_FDS");
  unsetenv("WATCHDOG_USEC");
  CHECK(notify_systemd("READY=1") == false);
  CHECK(take_activated_sockets()->empty());
  CHECK(watchdog_interval() == 0s);
  CHECK(maps().find("libsystemd") == std::string::npos);  // nor is it loaded for that
}

TEST_CASE("readiness and a descriptor reach the notify socket") {
  const Fd manager{socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto name = "gnomon-test-" + std::to_string(getpid());  // abstract: no file is left behind
  std::memcpy(&address.sun_path[1], name.data(), name.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  REQUIRE(bind(manager.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0);
  setenv("NOTIFY_SOCKET", ("@" + name).c_str(), 1);
  const std::array<int, 1> stored{manager.get()};
  CHECK(notify_systemd("FDSTORE=1\nFDNAME=ntp", stored) == true);
  unsetenv("NOTIFY_SOCKET");
  std::array<std::uint8_t, 100> text{};
  alignas(cmsghdr) std::array<char, 64> control{};
  iovec payload{text.data(), text.size()};
  msghdr header{};
  header.msg_iov = &payload;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  REQUIRE(recvmsg(manager.get(), &header, MSG_CMSG_CLOEXEC) == 20);
  CHECK(std::memcmp(text.data(), "FDSTORE=1\nFDNAME=ntp", 20) == 0);
  bool descriptor_came = false;
  for (auto* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c))
    descriptor_came = descriptor_came || c->cmsg_type == SCM_RIGHTS;
  CHECK(descriptor_came);
}

TEST_CASE("the watchdog's interval is what systemd says") {
  setenv("WATCHDOG_USEC", "30000000", 1);
  setenv("WATCHDOG_PID", std::to_string(getpid()).c_str(), 1);
  CHECK(watchdog_interval() == 30s);
  unsetenv("WATCHDOG_USEC");
  unsetenv("WATCHDOG_PID");
}
