// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/raw_text.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

namespace {

// What the letters stand for, and how that is written.
struct Value {
  std::string type;
  std::string octets;
  std::string text;
};

template <class T>
std::string octets_of(T value) {
  std::string octets(sizeof value, 0);
  std::memcpy(octets.data(), &value, sizeof value);
  return octets;
}

const std::vector<Value> values{
    {"b", octets_of(true), "true"},
    {"u1", octets_of(std::uint8_t{200}), "200"},
    {"i1", octets_of(std::int8_t{-6}), "-6"},
    {"u2", octets_of(std::uint16_t{65535}), "65535"},
    {"i2", octets_of(std::int16_t{-37}), "-37"},
    {"u4", octets_of(std::uint32_t{4294967295}), "4294967295"},
    {"i4", octets_of(std::int32_t{-5}), "-5"},
    {"u8", octets_of(std::uint64_t{18446744073709551615U}), "18446744073709551615"},
    {"i8", octets_of(std::int64_t{-1'800'000'000'000'000'000}), "-1800000000000000000"},
    {"f8", octets_of(0.1), "0.1"},
    {"f8", octets_of(-std::numeric_limits<double>::infinity()), "\"-inf\""},
    {"x4", octets_of(std::uint32_t{0x0a5a5a5a}), "0a5a5a5a"},
    {"w", "\6kernel", "kernel"},
    {"a", std::string(1, 0), "\"\""},
    {"a", "\4\xc0\1\2\3", "\"192.1.2.3\""},
    {"a", '\x10' + std::string(15, 0) + '\1' + octets_of(std::uint32_t{0}), "\"::1\""},
    {"a", "\x10\xfe\x80" + std::string(13, 0) + '\1' + octets_of(std::uint32_t{2}), "\"fe80::1%2\""},
    {"?u2", std::string(1, 0), "null"},
    {"?{u2?{ai1}w}", std::string(1, 0), "null"},
    {"?u1", "\1\2", "2"},
    {"{u1{b?f8}w}", std::string{"\7\0\0\2ab", 6}, "[7,[false,null],ab]"},
    {"{}", "", "[]"},
};

std::string in_form(const std::string& octets) {
  return std::string{"\5\0", 2} + octets;
}

}  // namespace

TEST_CASE("a form is written with each of its values, and the text goes on behind it") {
  for (const auto& value : values) {
    const std::array forms{"{\"a\":\6" + value.type + ",\"b\":\6" + value.type + "}"};
    const auto text = written_out("<" + in_form(value.octets + value.octets) + ">", forms);
    CHECK(text == "<{\"a\":" + value.text + ",\"b\":" + value.text + "}>");
  }
}

TEST_CASE("octets of a form that are missing are noticed, wherever it was cut") {
  for (const auto& value : values) {
    const std::array forms{"\6" + value.type};
    const auto all = in_form(value.octets);
    for (std::size_t size = 1; size < all.size(); ++size) {
      INFO(value.type << " " << size);
      CHECK_FALSE(written_out(std::string_view{all}.substr(0, size), forms));
    }
  }
}

TEST_CASE("a form that is not there or is none is refused") {
  const std::string octets(100, 1);
  for (const char* const type : {"", "u", "u3", "f4", "z", "{", "{u1", "?", "?{", "?{u", "{?}", "x"})
    CHECK_FALSE(written_out(in_form(octets), std::array{std::string{"\6"} + type}));
  CHECK_FALSE(written_out(in_form(octets)));
  CHECK_FALSE(written_out("\5", std::array{std::string{"a"}}));
  CHECK_FALSE(written_out("\5\1", std::array{std::string{"a"}}));
  CHECK_FALSE(written_out(in_form(std::string(100, 0)), std::array{"\6" + std::string(100, '?') + "b"}));
  CHECK_FALSE(written_out(in_form(octets), std::array{"\6" + std::string(100, '{')}));
}

TEST_CASE("no few octets become as much text as they like") {
  const std::array forms{std::string(20'000, 'a')};
  std::string raw;
  for (int i = 0; i < 1000; ++i) raw += in_form("");
  CHECK_FALSE(written_out(raw, forms));
}

}  // namespace gnomon::testing
