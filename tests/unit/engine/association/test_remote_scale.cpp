// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/remote_scale.hpp"

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;

namespace {

constexpr std::uint64_t second = std::uint64_t{1} << 32U;

// At `at` seconds by the source's even scale, its clock having been set on by `corrected`.
RemoteTime said(double at, double corrected, std::uint32_t epoch = 1) {
  const base::NtpTimestamp even = base::NtpTimestamp{100 * second} + base::Seconds{at};
  return {even + base::Seconds{corrected}, protocol::MonotonicRoot{.receive = even, .epoch = epoch}};
}

}  // namespace

TEST_CASE("what a source corrects adds up until it is taken") {
  RemoteScale scale;
  scale.follow(said(0, 0.5));
  CHECK(scale.take().count() == 0);
  CHECK(scale.moved(said(64, 0.6)).count() == Approx(0.1));
  scale.follow(said(64, 0.6));
  CHECK(scale.moved(said(128, 0.6)).count() == Approx(0).margin(1e-9));
  scale.follow(said(128, 0.3));
  CHECK(scale.take().count() == Approx(-0.2));
  CHECK(scale.take().count() == 0);
}

TEST_CASE("packets that are passed over do not matter") {
  RemoteScale scale;
  scale.follow(said(0, 0));
  scale.follow(said(1000, 0.25));
  CHECK(scale.take().count() == Approx(0.25));
}

TEST_CASE("across another epoch, a packet without the field or an era nothing is made up") {
  RemoteScale scale;
  scale.follow(said(0, 0));
  scale.follow(said(10, 1));
  scale.follow(said(20, 2, 7));
  CHECK(scale.take().count() == 0);
  scale.follow(said(30, 3, 7));
  CHECK(scale.take().count() == Approx(1));
  scale.follow({base::NtpTimestamp{140 * second}, {}});
  scale.follow(said(50, 9, 7));
  CHECK(scale.take().count() == 0);
  scale.follow({base::NtpTimestamp{160 * second}, protocol::MonotonicRoot{.epoch = 7}});
  scale.follow(said(70, 10, 7));
  CHECK(scale.take().count() == 0);
  RemoteScale at_the_end;
  at_the_end.follow({{0xffffffff00000000U}, protocol::MonotonicRoot{.receive = {0xffffffff00000000U}}});
  at_the_end.follow({base::NtpTimestamp{0x2'00000000U}, protocol::MonotonicRoot{.receive = {0x1'80000000U}}});
  CHECK(at_the_end.take().count() == Approx(0.5));
}

TEST_CASE("a correction beyond all measure is none") {
  RemoteScale scale;
  scale.follow(said(0, 0));
  scale.follow(said(10, 17));
  CHECK(scale.take().count() == 0);
  scale.follow(said(20, 27));
  scale.follow(said(30, 37));
  CHECK(scale.take().count() == 0);  // together as well
}

TEST_CASE("another source has another scale") {
  RemoteScale scale;
  scale.follow(said(0, 0));
  scale.follow(said(10, 1));
  scale.forget();
  CHECK(scale.take().count() == 0);
  scale.follow(said(20, 2));
  CHECK(scale.take().count() == 0);
}

}  // namespace gnomon::testing
