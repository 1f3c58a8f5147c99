// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/cmdmon/fields.hpp"

#include <cmath>
#include <limits>

#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace gnomon::protocol::cmdmon;

namespace {

template <class Write>
std::string written(std::size_t size, Write&& write) {
  base::Buffer octets(size);
  FieldWriter writer{octets};
  write(writer);
  CHECK_FALSE(writer.failed());
  CHECK(writer.size() == size);
  return base::to_hex(octets);
}

}  // namespace

TEST_CASE("a number is a coefficient of 25 bits and an exponent of 7") {
  // As chronyc 4.3 sent them.
  CHECK(to_float(1e-9) == 0xc889705f);
  CHECK(to_float(0.1) == 0xfccccccd);
  CHECK(to_float(0.99999999) == 0x04800000);
  CHECK(to_float(16) == 0x0c800000);
  CHECK(to_float(123456.789) == 0x24f12065);
  CHECK(to_float(3e-23) == 0x80004889);
  CHECK(to_float(1e30) == 0x7effffff);
  CHECK(from_float(0x03000000) == -1);
  CHECK(to_float(0) == 0);
  CHECK(from_float(to_float(-1)) == -1);
}

TEST_CASE("a number comes back as it was, to 24 bits") {
  for (const double value : {1e-9, 0.1, 0.5, 0.99999999, 1.0, 1.5, 3.0, 123456.789, 1e10, 9.9e17}) {
    CHECK(std::fabs(from_float(to_float(value)) - value) <= value * 6e-8);
    CHECK(from_float(to_float(-value)) == -from_float(to_float(value)));
  }
}

TEST_CASE("what a number cannot hold becomes the nearest one that it can") {
  const double largest = std::ldexp((1 << 24) - 1, 63 - 25);
  CHECK(from_float(to_float(1e300)) == largest);
  CHECK(from_float(to_float(std::numeric_limits<double>::infinity())) == largest);
  CHECK(from_float(to_float(-1e300)) == -std::ldexp(1 << 24, 63 - 25));
  CHECK(to_float(1e-300) == 0);
  CHECK(from_float(to_float(std::ldexp(1.0, -80))) == std::ldexp(1.0, -80));
  CHECK(to_float(std::numeric_limits<double>::quiet_NaN()) == 0);
}

TEST_CASE("every pattern of bits is a finite number") {
  for (std::uint64_t pattern = 0; pattern < (1ULL << 32U); pattern += 0x10001) {
    const double value = from_float(static_cast<std::uint32_t>(pattern));
    REQUIRE(std::isfinite(value));
    REQUIRE(from_float(to_float(value)) == value);
  }
}

TEST_CASE("an address has its family behind it") {
  const Address ipv4{.ip = *base::parse_address("192.0.2.1"), .id = {}};
  const Address ipv6{.ip = *base::parse_address("2001:db8::1"), .id = {}};
  const Address number{.ip = {}, .id = 258};
  const auto text = [](const Address& address) {
    return written(address_size, [&](FieldWriter& w) { w.address(address); });
  };
  CHECK(text({}) == std::string(40, '0'));
  CHECK(text(ipv4) == "c0000201" + std::string(24, '0') + "00010000");
  CHECK(text(ipv6) ==
        "20010db8000000000000000000000001"
        "00020000");
  CHECK(text(number) == "00000102" + std::string(24, '0') + "00030000");
  for (const auto& address : {Address{}, ipv4, ipv6, number}) {
    const auto octets = *base::from_hex(text(address));
    CHECK(FieldReader{octets}.address() == address);
  }
}

TEST_CASE("an unknown family is no address") {
  const auto octets = *base::from_hex("c0000201" + std::string(24, '0') + "00090000");
  CHECK_FALSE(FieldReader{octets}.address().is_specified());
}

TEST_CASE("a time has 64 bits of seconds, or 32 with a mark in the upper ones") {
  const base::RealTime time{base::Duration{1'795'402'352'387'722'543}};
  CHECK(written(12, [&](FieldWriter& w) { w.time(time); }) == "000000006b03aa70171c2d2f");
  const auto read = [](const std::string& hex) {
    const auto octets = *base::from_hex(hex);
    return FieldReader{octets}.time();
  };
  CHECK(read("000000006b03aa70171c2d2f") == time);
  CHECK(read("7fffffff6b03aa70171c2d2f") == time);
  CHECK(read("0000000000000000ffffffff") == base::RealTime{base::Duration{999'999'999}});
  CHECK(read("7000000000000000ffffffff") > time);
  CHECK(read("ffffffffffffffff00000000") == base::RealTime{std::chrono::seconds{-1}});
}

TEST_CASE("an age is whole seconds, all ones for never") {
  const auto text = [](std::optional<base::Duration> age) {
    return written(4, [&](FieldWriter& w) { w.age(age); });
  };
  CHECK(text(std::chrono::milliseconds{1999}) == "00000001");
  CHECK(text(std::chrono::seconds{-1}) == "00000000");
  CHECK(text(std::nullopt) == "ffffffff");
}
