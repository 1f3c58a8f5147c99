// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>

#include "ctl/render/naming.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon::ctl;

namespace {

const boost::json::value resolved =
    boost::json::parse(R"({"id":7,"name":"time.example","address":"192.0.2.1"})");
const boost::json::value unresolved =
    boost::json::parse(R"({"id":7,"name":"nosuch.invalid","address":null})");

Naming reversing(const std::optional<std::string>& name) {
  return {.style = NameStyle::reverse, .reverse = [name](const std::string&) { return name; }};
}

std::string named(const boost::json::value& source, const Naming& naming, std::size_t width = 25) {
  return source_name(Record(source.get_object()), naming, width);
}

}  // namespace

TEST_CASE("a source is called by address, configured name or name in DNS") {
  CHECK(named(resolved, {.style = NameStyle::numeric, .reverse = {}}) == "192.0.2.1");
  CHECK(named(resolved, {.style = NameStyle::configured, .reverse = {}}) == "time.example");
  CHECK(named(resolved, reversing("ntp1.example")) == "ntp1.example");
  CHECK(named(resolved, reversing(std::nullopt)) == "192.0.2.1");
}

TEST_CASE("a source without address is called by its number, or by its configured name") {
  CHECK(named(unresolved, {.style = NameStyle::numeric, .reverse = {}}) == "ID#0000000007");
  CHECK(named(unresolved, reversing("never asked")) == "ID#0000000007");
  CHECK(named(unresolved, {.style = NameStyle::configured, .reverse = {}}) == "nosuch.invalid");
}

TEST_CASE("only names from DNS are cut to the column, and marked") {
  CHECK(named(resolved, reversing("a-name-longer-than-the.example"), 10) == "a-name-lo>");
  CHECK(named(resolved, reversing("ten-octets"), 10) == "ten-octets");
  CHECK(named(resolved, {.style = NameStyle::configured, .reverse = {}}, 4) == "time.example");
}

TEST_CASE("what is no address has no name in DNS") {
  CHECK_FALSE(reverse_lookup("not an address").has_value());
}
