// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/text/messages.hpp"

#include <cmath>
#include <set>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;

namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("every reason has a name and a letter of its own") {
  std::set<std::string_view> names;
  std::set<char> letters;
  for (int i = 0; i <= static_cast<int>(Reason::distant); ++i) {
    names.insert(name_of(static_cast<Reason>(i)));
    letters.insert(letter_of(static_cast<Reason>(i)));
  }
  CHECK(names.size() == 17);
  CHECK(letters.size() == 17);
}

TEST_CASE("who finds the clock frozen is told the way out") {
  CHECK(contains(frozen_sentence(), "gnomonctl makestep"));
}

}  // namespace gnomon::testing
