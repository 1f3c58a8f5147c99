// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/events.hpp"

#include <set>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;

TEST_CASE("every way in which a name is not resolved has words of its own") {
  std::set<std::string_view> all;
  for (int i = 0; i <= static_cast<int>(NameFailure::no_reply); ++i)
    all.insert(words(static_cast<NameFailure>(i)));
  CHECK(all.size() == 7);
  CHECK_FALSE(all.contains(""));
}

TEST_CASE("a burst is of four good measurements out of eight exchanges unless more is said") {
  const Interrupt burst{InterruptKind::burst};
  CHECK(burst.good == 4);
  CHECK(burst.total == 8);
}

}  // namespace gnomon::testing
