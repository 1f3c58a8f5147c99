// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/ntp/interleaved.hpp"
#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace protocol;

namespace {

Header request(std::uint64_t origin, std::uint64_t receive, std::uint64_t transmit) {
  Header h;
  h.origin = {origin};
  h.receive = {receive};
  h.transmit = {transmit};
  return h;
}

Header answer(std::uint64_t origin) {
  Header h;
  h.mode = Mode::server;
  h.origin = {origin};
  return h;
}

}  // namespace

TEST_CASE("an answer is basic by our transmit and interleaved by our receive timestamp") {
  const Header asked = request(22, 44, 51);
  CHECK(mode_of_answer(asked, answer(51)) == AnswerMode::basic);
  CHECK(mode_of_answer(asked, answer(44)) == AnswerMode::interleaved);
  CHECK(mode_of_answer(asked, answer(22)) == std::nullopt);
  CHECK(mode_of_answer(asked, answer(0)) == std::nullopt);
}

TEST_CASE("a basic request has no interleaved answer, whatever its receive timestamp") {
  CHECK(mode_of_answer(request(0, 0, 51), answer(0)) == std::nullopt);
  CHECK(mode_of_answer(request(0, 44, 51), answer(44)) == std::nullopt);
}

TEST_CASE("who may get an interleaved answer has an origin and two different timestamps") {
  CHECK(may_interleave(request(22, 44, 51)));
  CHECK_FALSE(may_interleave(request(0, 44, 51)));
  CHECK_FALSE(may_interleave(request(22, 0, 51)));
  CHECK_FALSE(may_interleave(request(22, 51, 51)));
}

TEST_CASE("an interleaved answer tells the arrival of this request and the departure of the answer before") {
  Header h = answer(51);
  h.receive = {62};
  h.transmit = {63};
  interleave(h, request(22, 44, 51), {33});
  CHECK(h.origin.value == 44);
  CHECK(h.receive.value == 62);
  CHECK(h.transmit.value == 33);
}

}  // namespace gnomon::testing
