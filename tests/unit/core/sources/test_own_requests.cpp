// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/sources/own_requests.hpp"

#include <array>

#include "tests/unit/catch.hpp"

using namespace gnomon;
using core::OwnRequests;

namespace {

// A header with these timestamps.
base::Buffer packet(std::uint64_t receive, std::uint64_t transmit) {
  base::Buffer octets(48);
  base::ByteWriter writer{base::MutableBytes{octets}.subspan(32)};
  writer.write(receive);
  writer.write(transmit);
  return octets;
}

const auto question = packet(0, 0x1234567890abcdef);

}  // namespace

TEST_CASE("the answer that our own server gave to our own question is recognised") {
  OwnRequests questions;
  questions.asked(question);
  CHECK(questions.may_answer(question, packet(77, 78)));
  CHECK(questions.answered_by_us(question, packet(77, 78)));
}

TEST_CASE("the answer of another server is not") {
  OwnRequests questions;
  questions.asked(question);
  CHECK_FALSE(questions.answered_by_us(question, packet(77, 78)));
  CHECK(questions.may_answer(packet(0, 0x1234567890abcdee), packet(77, 78)));
  CHECK(questions.may_answer(packet(0, 0), packet(77, 78)));
  CHECK_FALSE(questions.answered_by_us(question, packet(77, 78)));
}

TEST_CASE("whoever repeats our question to us does not make another server look like us") {
  OwnRequests questions;
  questions.asked(question);
  CHECK(questions.may_answer(question, packet(99, 100)));
  CHECK_FALSE(questions.answered_by_us(question, packet(77, 78)));
}

TEST_CASE("whoever repeats our question to us gets no answer, and does not hide that we have answered it") {
  OwnRequests questions;
  questions.asked(question);
  CHECK(questions.may_answer(question, packet(77, 78)));
  CHECK_FALSE(questions.may_answer(question, packet(99, 100)));
  CHECK(questions.answered_by_us(question, packet(77, 78)));
}

TEST_CASE("a later question does not inherit what was answered to an earlier one in its place") {
  OwnRequests questions;
  questions.asked(question);
  CHECK(questions.may_answer(question, packet(77, 78)));
  const auto later = packet(0, 0x1234567890abcdef + 0x100000000);
  questions.asked(later);
  CHECK_FALSE(questions.answered_by_us(later, packet(77, 78)));
  CHECK_FALSE(questions.answered_by_us(question, packet(77, 78)));
}

TEST_CASE("packets that are cut short belong to nobody") {
  OwnRequests questions;
  const base::Buffer cut(47);
  questions.asked(cut);
  CHECK(questions.may_answer(cut, cut));
  CHECK_FALSE(questions.answered_by_us(cut, cut));
}
