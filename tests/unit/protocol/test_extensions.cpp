// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/ntp/extensions.hpp"

#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace gnomon::protocol;

namespace {

base::Buffer packet_with(const Extensions& extensions) {
  base::Buffer octets(header_size + size_of(extensions));
  base::ByteWriter writer{octets};
  write_header({}, writer);
  write_extensions(extensions, writer);
  REQUIRE(!writer.failed());
  return octets;
}

Extensions read(base::Bytes datagram) {
  const auto packet = parse(datagram);
  REQUIRE(packet);
  return read_extensions(packet->fields());
}

constexpr MonotonicRoot root{.root_delay = base::Seconds{1.5},
                             .root_dispersion = base::Seconds{1.0 / 268435456.0},
                             .receive = {0x0123456789abcdef},
                             .epoch = 0xfedcba98};

}  // namespace

TEST_CASE("the octets of both fields are those of chronyd") {
  const auto octets = packet_with({.monotonic = root, .correction = base::Seconds{0.5}});
  const base::Buffer correction{0x01, 0x0a, 0, 28, 0, 0, 0, 0, 0x80, 0, 0, 0};
  const base::Buffer monotonic{0xf3, 0x23, 0,    28,   0xf5, 0xbe, 0xdd, 0x9a, 0x18, 0,
                               0,    0,    0,    0,    0,    1,    0x01, 0x23, 0x45, 0x67,
                               0x89, 0xab, 0xcd, 0xef, 0xfe, 0xdc, 0xba, 0x98};
  REQUIRE(octets.size() == header_size + 56);
  CHECK(std::equal(correction.begin(), correction.end(), octets.begin() + 48));
  CHECK(std::count(octets.begin() + 60, octets.begin() + 76, 0) == 16);
  CHECK(std::equal(monotonic.begin(), monotonic.end(), octets.begin() + 76));
}

TEST_CASE("what was written is read again, and what was not is not there") {
  for (const Extensions& extensions :
       {Extensions{}, Extensions{.monotonic = root}, Extensions{.correction = base::Seconds{-0.25}},
        Extensions{.monotonic = MonotonicRoot{}, .correction = base::Seconds{0}}}) {
    CHECK(size_of(extensions) == (extensions.monotonic ? 28U : 0U) + (extensions.correction ? 28U : 0U));
    CHECK(read(packet_with(extensions)) == extensions);
  }
}

TEST_CASE("of more than a field can hold it has the most") {
  const auto large = read(packet_with(
      {.monotonic = MonotonicRoot{.root_delay = base::Seconds{1e9}, .root_dispersion = base::Seconds{-1}},
       .correction = base::Seconds{1e20}}));
  CHECK(large.monotonic->root_delay.count() == Approx(16));
  CHECK(large.monotonic->root_dispersion.count() == 0);
  CHECK(large.correction->count() == Approx(2147483647));
}

TEST_CASE("a field of another length or without the magic number is none") {
  auto octets = packet_with({.monotonic = root});
  octets[52] ^= 1;
  CHECK(read(octets) == Extensions{});
  const base::Bytes body = base::Bytes{octets}.subspan(52, 20);
  for (const auto type : {FieldType::monotonic_root, FieldType::network_correction}) {
    const ExtensionField shorter{
        .type = static_cast<std::uint16_t>(type), .offset = 48, .length = 24, .body = body};
    CHECK(read_extensions({&shorter, 1}) == Extensions{});
  }
}

TEST_CASE("what was not asked for is left out") {
  const Extensions both{.monotonic = root, .correction = base::Seconds{1}};
  CHECK(only(both, {}) == Extensions{});
  CHECK(only(both, {.monotonic = MonotonicRoot{}}) == Extensions{.monotonic = root});
  CHECK(only({}, both) == Extensions{});
}
