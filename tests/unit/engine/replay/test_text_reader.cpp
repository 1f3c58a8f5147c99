// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/replay/text_reader.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/address.hpp"
#include "daemon/core/engine/replay/input.hpp"
#include "daemon/core/engine/values/operator_command.hpp"
#include "daemon/core/engine/values/verdict.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/engine/replay/round_trip.hpp"

namespace gnomon::testing {

using namespace engine;
using namespace engine::replay;

TEST_CASE("what is no value of its type is not read") {
  const auto is_read = [](auto value, std::string_view text) { return TextReader{text}.take(value); };
  CHECK_FALSE(is_read(std::uint8_t{}, "256"));
  CHECK_FALSE(is_read(std::uint8_t{}, "-1"));
  CHECK_FALSE(is_read(double{}, "nan"));
  CHECK_FALSE(is_read(double{}, "1e999"));
  CHECK_FALSE(is_read(SourceState{}, "6"));
  CHECK_FALSE(is_read(SourceState{}, "-1"));
  CHECK(is_read(SourceState{}, "5"));
  CHECK_FALSE(is_read(OperatorCommand{}, "[11,[]]"));
  CHECK_FALSE(is_read(std::array<double, 2>{}, "[1,2,3]"));
  CHECK_FALSE(is_read(std::array<double, 2>{}, "[1]"));
  CHECK_FALSE(is_read(std::string{}, "\"no end"));
  CHECK_FALSE(is_read(std::string{}, "\"\\u00zz\""));
  CHECK_FALSE(is_read(base::IpAddress{}, "\"localhost\""));
}

TEST_CASE("of an older record the last members of a structure stay as they are") {
  const std::string_view older = "[[1,2,3,4]]";
  input::Update update;
  CHECK_FALSE(TextReader{"[[7]]"}.take(update));
  REQUIRE(TextReader{"[[7]]", true}.take(update));
  CHECK(update.source == base::SourceId{7});
  CHECK_FALSE(TextReader{older, true}.take(update));
}

}  // namespace gnomon::testing
