// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/raw_text.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using base::RawText;
using base::written_out;

TEST_CASE("numbers between characters are written out") {
  using Limits = std::numeric_limits<double>;
  RawText raw{"["};
  for (const double number :
       {0.1, -0.0, 1e22, Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN()}) {
    raw.add(number);
    raw += ',';
  }
  raw.add(std::int64_t{-1'800'000'000'000'000'000});
  raw += "]";
  CHECK(written_out(raw.view()) == R"([0.1,-0,1e+22,"inf","-inf","nan",-1800000000000000000])");
  CHECK(written_out("no number\n") == "no number\n");
}

TEST_CASE("addresses between characters are written out") {
  RawText raw;
  for (const char* const address : {"192.0.2.1", "2001:db8::1", "fe80::1%2"}) {
    raw.add(base::parse_address(address).value());
    raw += ' ';
  }
  raw.add(base::IpAddress{});
  CHECK(written_out(raw.view()) == "192.0.2.1 2001:db8::1 fe80::1%2 ");
}

TEST_CASE("octets that are missing are noticed, wherever it was cut") {
  RawText raw;
  raw.add(0.1);
  raw.add(std::int64_t{1});
  raw.add(base::parse_address("192.0.2.1").value());
  raw.add(base::parse_address("2001:db8::1").value());
  const auto all = raw.view();
  for (std::size_t size = 0; size <= all.size(); ++size) {
    const bool is_whole = size == 0 || size == 9 || size == 18 || size == 23 || size == all.size();
    CHECK(written_out(all.substr(0, size)).has_value() == is_whole);
  }
}

TEST_CASE("a text may be long, and is moved as a whole") {
  std::string expected;
  RawText raw;
  for (int i = 0; i < 2000; ++i) {
    raw += "text ";
    raw.add(std::int64_t{i});
    expected += "text " + std::to_string(i);
  }
  const RawText moved = std::move(raw);
  CHECK(written_out(moved.view()) == expected);
}

}  // namespace gnomon::testing
