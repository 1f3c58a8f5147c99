// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/values/source_number.hpp"

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;

TEST_CASE("a source without an address is called by its number") {
  CHECK(number_of({3}) == "ID#0000000003");
  CHECK(numbered(number_of({4294967295})) == base::SourceId{4294967295});
  CHECK(numbered("ID#3") == base::SourceId{3});
}

TEST_CASE("what is no number of a source is none") {
  for (const auto* name : {"", "ID#", "3", "id#3", "ID#-3", "ID#3 ", "ID#4294967296", "ID#three"})
    CHECK_FALSE(numbered(name));
}

}  // namespace gnomon::testing
