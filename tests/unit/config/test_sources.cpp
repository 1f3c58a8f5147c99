// SPDX-License-Identifier: GPL-2.0-or-later
// server, pool and peer lines.
#include "tests/unit/catch.hpp"
#include "tests/unit/config/files.hpp"

using namespace gnomon;
using namespace gnomon::config;
using Strings = std::vector<std::string>;

namespace {

Source source_of(const std::string& options) {
  return config_of("server a.example " + options).sources.at(0);
}

}  // namespace

TEST_CASE("a bare server has chrony's defaults") {
  const auto source = source_of("");
  Source expected;
  expected.name = "a.example";
  CHECK(source == expected);
  CHECK(source.port == 123);
  CHECK(source.nts_port == 4460);
  CHECK(source.min_poll.value == 6);
  CHECK(source.max_poll.value == 10);
}

TEST_CASE("every option of a source is read, in any case and any order") {
  const auto s = source_of(
      "MinPoll 4 maxpoll 12 IBURST burst key 3 nts certset 9 ntsport 4461 port 124 maxdelay 0.5 "
      "maxdelayratio 2 "
      "maxdelaydevratio 4.5 maxdelayquant 0.3 mindelay 1e-4 asymmetry -0.25 offset +0.001 minsamples 8 "
      "maxsamples 32 "
      "maxunreach 7 filter 5 offline auto_offline prefer noselect trust require xleave polltarget 16 presend "
      "9 "
      "minstratum 2 version 3 copy extfield F323 extfield 0x10a extfield f323 ipv6 maxsources 3 maxntsretry "
      "12");
  CHECK(s.min_poll.value == 4);
  CHECK(s.max_poll.value == 12);
  CHECK((s.iburst && s.burst && s.nts && s.offline && s.auto_offline && s.interleaved && s.copy));
  CHECK((s.prefer && s.no_select && s.trust && s.require));
  CHECK(s.key_id == 3);
  CHECK(s.cert_set == 9);
  CHECK(s.nts_port == 4461);
  CHECK(s.port == 124);
  CHECK(s.max_delay.count() == Approx(0.5));
  CHECK(s.max_delay_ratio == Approx(2));
  CHECK(s.max_delay_dev_ratio == Approx(4.5));
  CHECK(s.max_delay_quantile == Approx(0.3));
  CHECK(s.min_delay.count() == Approx(1e-4));
  CHECK(s.asymmetry == -0.25);
  CHECK(s.offset.count() == Approx(0.001));
  CHECK(s.min_samples == 8);
  CHECK(s.max_samples == 32);
  CHECK(s.max_unreach == 7);
  CHECK(s.max_nts_retry == base::Log2Seconds{12});
  CHECK(s.filter == 5);
  CHECK(s.poll_target == 16);
  CHECK(s.presend == base::PollExponent{9});
  CHECK(s.min_stratum == base::Stratum{2});
  CHECK(s.version == 3);
  CHECK(s.monotonic_root);
  CHECK(s.network_correction);
  CHECK(s.family == base::AddressFamily::ipv6);
  CHECK(s.max_sources == 3);
}

TEST_CASE("polls out of bounds are brought in, as chrony does") {
  CHECK(source_of("minpoll -9").min_poll.value == 6);
  CHECK(source_of("minpoll -7").min_poll.value == -7);
  CHECK(source_of("minpoll 30 maxpoll 31").min_poll.value == 24);
  CHECK(source_of("minpoll 30 maxpoll 31").max_poll.value == 24);
  CHECK(source_of("maxpoll -8").max_poll.value == 10);
  CHECK(source_of("minpoll 12").max_poll.value == 12);
  CHECK(source_of("maxpoll 4").max_poll.value == 6);
  CHECK(complaints("server a minpoll 33").size() == 1);
}

TEST_CASE("other values out of bounds are brought in too") {
  CHECK(source_of("maxdelay 5000").max_delay.count() == Approx(1000));
  CHECK(source_of("maxdelayquant 0.99").max_delay_quantile == Approx(0.95));
  CHECK_FALSE(source_of("asymmetry 0.6").asymmetry);
  CHECK(source_of("maxsources 40").max_sources == 16);
}

TEST_CASE("key 0 is no key") {
  CHECK(complaints("server a key 0").size() == 1);
  CHECK(source_of("key 4294967295").key_id == 4294967295U);
  CHECK(complaints("server a key 4294967296").size() == 1);
}

TEST_CASE("sources keep the order of their lines and their kinds") {
  const auto config = config_of("pool p\nserver s\npeer q\nserver s\n");
  REQUIRE(config.sources.size() == 4);
  CHECK(config.sources[0].kind == SourceKind::pool);
  CHECK(config.sources[1].kind == SourceKind::server);
  CHECK(config.sources[2].kind == SourceKind::peer);
  CHECK(config.sources[3].name == "s");
}

TEST_CASE("the network correction is known by chrony's older name as well") {
  CHECK(config_of("server a extfield F324\n").sources[0].network_correction);
  CHECK_FALSE(config_of("server a extfield F323\n").sources[0].network_correction);
}

TEST_CASE("what has no effect is named once") {
  const auto config = config_of(
      "server a xleave extfield F323\npool c xleave\npeer d copy\ndumponexit\n"
      "dumponexit\nkeyfile /l\nlocal orphan\n");
  CHECK(config.without_effect == Strings{"dumponexit"});
}
