// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/signals.hpp"

#include <csignal>

#include "tests/unit/catch.hpp"

using namespace gnomon;
using launcher::Ordered;
using launcher::Signals;

TEST_CASE("signals wait to be taken, and say what is ordered") {
  sigset_t before;
  sigprocmask(SIG_SETMASK, nullptr, &before);
  {
    auto signals = Signals::open();
    REQUIRE(signals);
    CHECK_FALSE(signals->take());
    raise(SIGHUP);
    CHECK(signals->take() == Ordered::reload);
    for (const int stop : {SIGTERM, SIGINT}) {
      raise(stop);
      CHECK(signals->take() == Ordered::stop);
    }
    CHECK_FALSE(signals->take());
  }
  sigprocmask(SIG_SETMASK, &before, nullptr);
}

TEST_CASE("before they are opened none comes") {
  CHECK_FALSE(Signals{}.take());
}
