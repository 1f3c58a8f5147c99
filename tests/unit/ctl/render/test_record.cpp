// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <cmath>

#include "ctl/render/record.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon::ctl;

namespace {
const boost::json::value reply = boost::json::parse(
    R"({"whole":3,"large":18446744073709551615,"real":0.25,"yes":true,"text":"a\u001b[2Jb","none":null,
        "list":[{"n":1},{"n":2}],"odd":[1],"csi":"a\u009b2J\u202eb",
        "all":["\u001b[m","\u009bm"]})");
const Record record(reply.get_object());
}  // namespace

TEST_CASE("fields are read by their type; whole numbers are numbers too") {
  CHECK(record.integer("whole") == 3);
  CHECK(record.number("whole") == 3.0);
  CHECK(record.number("real") == 0.25);
  CHECK(record.truth("yes"));
  CHECK(record.records("list").at(1).integer("n") == 2);
}

TEST_CASE("a missing or wrong field names itself") {
  CHECK_THROWS_WITH(record.integer("absent"), "field 'absent' is missing");
  CHECK_THROWS_WITH(record.integer("real"), "field 'real' is no integer");
  CHECK_THROWS_WITH(record.text("whole"), "field 'whole' is no text");
  CHECK_THROWS_AS(record.integer("large"), ReplyFault);
  CHECK_THROWS_AS(record.number("text"), ReplyFault);
  CHECK_THROWS_AS(record.truth("whole"), ReplyFault);
  CHECK_THROWS_AS(record.records("whole"), ReplyFault);
  CHECK_THROWS_AS(record.records("odd"), ReplyFault);
}

TEST_CASE("null and missing are the same for an optional field, a wrong type is not") {
  CHECK_FALSE(record.optional_text("none").has_value());
  CHECK_FALSE(record.optional_number("absent").has_value());
  CHECK(record.optional_number("whole") == 3.0);
  CHECK_THROWS_AS(record.optional_text("whole"), ReplyFault);
}

TEST_CASE("zero has no sign") {
  const auto zero = boost::json::parse(R"({"n":-0.0})");
  CHECK_FALSE(std::signbit(Record(zero.get_object()).number("n")));
}

TEST_CASE("text cannot steer the terminal") {
  CHECK(record.text("text") == "a?[2Jb");
  CHECK(record.text("csi") == "a?2J?b");
  CHECK(record.texts("all") == std::vector<std::string>{"?[m", "?m"});
}
