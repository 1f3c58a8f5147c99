// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "ctl/render/render.hpp"
#include "tests/unit/catch.hpp"

using gnomon::ctl::render_json;

TEST_CASE("JSON is indented, keeps the order of keys, and reads back as the same value") {
  const auto value = boost::json::parse(
      R"({"z":1,"a":[0.1,-2.5e-7,1795402348.2581763,2e0],"e":{},"l":[],"n":null,"t":"\u001b\"x","o":{"k":false}})");
  const auto text = render_json(value);
  CHECK(boost::json::parse(text) == value);
  CHECK(text ==
        "{\n  \"z\": 1,\n  \"a\": [\n    0.1,\n    -2.5e-07,\n    1795402348.2581763,\n    2.0\n  ],\n  "
        "\"e\": {},\n"
        "  \"l\": [],\n  \"n\": null,\n  \"t\": \"\\u001b\\\"x\",\n  \"o\": {\n    \"k\": false\n  }\n}\n");
}

TEST_CASE("what a terminal would interpret is written as an escape, and reads back as the same value") {
  const auto value = boost::json::parse(R"({"\u009bk":"a\u009b2J\u007f\u202eä\u20ac"})");
  const auto text = render_json(value);
  CHECK(boost::json::parse(text) == value);
  CHECK(text == "{\n  \"\\u009bk\": \"a\\u009b2J\\u007f\\u202eä€\"\n}\n");
}
