// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/links/status_pace.hpp"

#include <string>

#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace std::chrono_literals;
using core::StatusPace;

namespace {

constexpr base::MonoTime start{1000s};

ipc::Status status(const std::string& text) {
  return {.text = text, .synchronised = true};
}

}  // namespace

TEST_CASE("news of our clock are told at once, and once") {
  StatusPace pace;
  for (const auto* text : {"a", "b", "a"}) {
    const auto news = pace.news(status(text), start);
    REQUIRE(news);
    CHECK(news->text == text);
    CHECK_FALSE(pace.news(status(text), start));
    CHECK(pace.due() == base::MonoTime::max());
  }
}

TEST_CASE("what changes with each answer of a server is told once a second, as it is then") {
  StatusPace pace;
  int told = 0;
  std::string last;
  std::string is;
  for (int i = 0; i < 16 * 3600; ++i) {
    const auto now = start + i * 62'500us;
    is = std::to_string(i);
    if (const auto news = pace.news(status(is), now)) {
      ++told;
      last = news->text;
    } else {
      CHECK(pace.due() > now);
      CHECK(pace.due() <= now + StatusPace::interval);
    }
  }
  CHECK(told <= StatusPace::at_once + 3600);
  CHECK(told >= 3600);
  if (last != is) {
    const auto due = pace.due();
    REQUIRE(pace.news(status(is), due));
  }
  CHECK(pace.due() == base::MonoTime::max());
}
