// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/changes.hpp"

#include "config/table.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon::config;

namespace {

std::vector<EffectiveLine> lines(const std::vector<std::string>& texts) {
  std::vector<EffectiveLine> made;
  for (const auto& text : texts) made.push_back({{"a.conf", static_cast<int>(made.size()) + 1, 1}, text});
  return made;
}

std::vector<std::string> told(const std::vector<std::string>& before, const std::vector<std::string>& now) {
  std::vector<std::string> all;
  for (const auto& change : changes_between(lines(before), lines(now))) {
    const char* const kind = change.kind == ChangeKind::added     ? "+ "
                             : change.kind == ChangeKind::removed ? "- "
                                                                  : "~ ";
    all.push_back(kind + change.line.text + (change.needs_restart ? " !" : "") +
                  (change.before.empty() ? "" : " <" + change.before));
  }
  return all;
}

using Told = std::vector<std::string>;

}  // namespace

TEST_CASE("What is the same, wherever it stands, is no change") {
  CHECK(told({"server a", "server b", "port 5"}, {"port 5", "server b", "server a"}).empty());
}

TEST_CASE("A source with other options is changed, not removed and added") {
  CHECK(told({"server a iburst"}, {"server a iburst prefer"}) ==
        Told{"~ server a iburst prefer <server a iburst"});
  CHECK(told({"server a"}, {"pool a"}) == Told{"+ pool a", "- server a"});
}

TEST_CASE("Of a directive that counts once the last line is compared") {
  CHECK(told({"maxdistance 1", "maxdistance 2"}, {"maxdistance 2"}).empty());
  CHECK(told({"port 1"}, {"port 2"}) == Told{"~ port 2 ! <port 1"});
  CHECK(told({"PORT 1"}, {}) == Told{"- PORT 1 !"});
}

TEST_CASE("Lines that all count are compared one by one, as often as they are given") {
  CHECK(told({"allow 10.0.0.0/8"}, {"allow 10.0.0.0/8", "allow 192.0.2.0/24"}) ==
        Told{"+ allow 192.0.2.0/24"});
  CHECK(told({"server a", "server a"}, {"server a"}) == Told{"- server a"});
}

TEST_CASE("What needs a restart stays as it was") {
  const auto kept = in_force(lines({"port 1", "server a"}), lines({"port 2", "server b"}),
                             [](std::string_view directive) { return !applies_at_run_time(directive); });
  REQUIRE(kept.size() == 2);
  CHECK(kept[0].text == "port 1");
  CHECK(kept[1].text == "server b");
}

TEST_CASE("Every directive that applies at run time is one") {
  int count = 0;
  for (const auto& entry : table()) count += applies_at_run_time(entry.row.name) ? 1 : 0;
  CHECK(count == 40);
  CHECK_FALSE(applies_at_run_time("port"));
  CHECK(applies_at_run_time("SERVER"));
}
