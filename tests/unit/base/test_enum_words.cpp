// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/enum_words.hpp"

#include <array>
#include <cstdint>

#include "tests/unit/catch.hpp"

using namespace gnomon::base;

namespace {

enum class Colour : std::uint8_t { red, green, blue };
constexpr std::array colours{EnumWord{Colour::red, "red"}, EnumWord{Colour::green, "green"}};

static_assert(word_of(colours, Colour::green) == "green");
static_assert(value_of(colours, "red") == Colour::red);

}  // namespace

TEST_CASE("what a table does not hold has no word and no value") {
  CHECK(word_of(colours, Colour::blue).empty());
  CHECK_FALSE(value_of(colours, "blue"));
  CHECK_FALSE(value_of(colours, "Red"));
  CHECK_FALSE(value_of(colours, ""));
}
