// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/sockets/awaited_device.hpp"

#include "tests/unit/catch.hpp"
#include "tests/unit/remembering_log.hpp"

using namespace gnomon;
using base::LogEvent;
using launcher::name_change;

TEST_CASE("an interface that comes, goes or cannot be used is named with what becomes of requests") {
  testing::RememberingLog log;
  name_change("binddevice", "eth1", true, "", log);
  name_change("binddevice", "eth1", false, "", log);
  name_change("bindcmddevice", "eth2", true, "", log);
  name_change("bindcmddevice", "eth2", true, "setsockopt: Operation not permitted", log);
  CHECK(log.lines ==
        std::vector<std::string>{
            "binddevice eth1: the interface exists: requests that arrive through it are answered",
            "binddevice eth1: the interface is gone: no requests are answered until it comes back",
            "bindcmddevice eth2: the interface exists: requests of chronyc that arrive through it "
            "are answered",
            "bindcmddevice eth2: the interface cannot be used: setsockopt: Operation not permitted"});
  CHECK(log.events == std::vector{LogEvent::device_came, LogEvent::device_awaited, LogEvent::device_came,
                                  LogEvent::device_awaited});
}
