// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/cmdmon/added_source.hpp"

#include "tests/unit/catch.hpp"

using namespace gnomon;
using core::cmdmon::added_source;
namespace wire = protocol::cmdmon;
namespace flag = protocol::cmdmon::source_flag;

namespace {

// What chronyc 4.3 sends for `add server 192.0.2.1`.
wire::AddSource plain() {
  return {.type = 1,
          .name = "192.0.2.1",
          .port = 123,
          .min_poll = 6,
          .max_poll = 10,
          .presend = 100,
          .poll_target = 8,
          .max_sources = 4,
          .min_samples = -1,
          .max_samples = -1,
          .nts_port = 4460,
          .max_delay = base::Seconds{3},
          .max_delay_dev_ratio = 10,
          .asymmetry = 1,
          .flags = flag::online};
}

}  // namespace

TEST_CASE("chronyc's defaults are those of the configuration") {
  CHECK(*added_source(plain()) == config::Source{.kind = config::SourceKind::server, .name = "192.0.2.1"});
}

TEST_CASE("every option arrives") {
  auto wanted = plain();
  wanted.type = 3;
  wanted.name = "pool.example";
  wanted.flags = flag::auto_offline | flag::iburst | flag::burst | flag::prefer | flag::no_select |
                 flag::trust | flag::require | flag::interleaved | flag::nts | flag::copy |
                 flag::field_mono_root | flag::field_net_correction | flag::ipv6;
  wanted.key_id = 7;
  wanted.cert_set = 3;
  wanted.asymmetry = 0.25;
  wanted.max_unreach = 12;
  wanted.max_delay_quantile = 0.5;
  const auto source = *added_source(wanted);
  CHECK(source.kind == config::SourceKind::pool);
  CHECK((source.offline && source.auto_offline && source.iburst && source.burst && source.prefer));
  CHECK((source.no_select && source.trust && source.require && source.interleaved && source.nts &&
         source.copy));
  CHECK(source.monotonic_root);
  CHECK(source.network_correction);
  CHECK(source.family == base::AddressFamily::ipv6);
  CHECK(source.key_id == 7);
  CHECK(source.cert_set == 3);
  CHECK(source.asymmetry == 0.25);
  CHECK(source.max_unreach == 12);
  CHECK(source.max_delay_quantile == 0.5);
}

TEST_CASE("what is out of range is brought into it") {
  auto wanted = plain();
  wanted.port = 0xffffffff;
  wanted.min_poll = -1000;
  wanted.max_poll = 1000;
  wanted.min_stratum = 99;
  wanted.version = 9;
  wanted.max_sources = 0xffffffff;
  wanted.max_delay = base::Seconds{-1};
  wanted.max_delay_ratio = 1e18;
  wanted.max_delay_quantile = 5;
  wanted.poll_target = 0;
  const auto source = *added_source(wanted);
  CHECK(source.port == 65535);
  CHECK(source.min_poll.value == 6);
  CHECK(source.max_poll.value == 24);
  CHECK(source.min_stratum.value == 15);
  CHECK(source.version == 4);
  CHECK(source.max_sources == 16);
  CHECK(source.max_delay == base::Seconds{0});
  CHECK(source.max_delay_ratio == 1e6);
  CHECK(source.max_delay_quantile == 0.95);
  CHECK(source.poll_target == 1);
}

TEST_CASE("an unknown type and a name that is none are refused") {
  auto wanted = plain();
  wanted.type = 4;
  CHECK(added_source(wanted).error() == wire::Status::invalid);
  wanted = plain();
  for (const auto& name :
       {std::optional<std::string>{}, std::optional<std::string>{""}, std::optional<std::string>{"a b"},
        std::optional<std::string>{"a\nserver b"}, std::optional<std::string>{"\xff"},
        std::optional<std::string>{"$(id)"}, std::optional<std::string>{"-x"}}) {
    wanted.name = name;
    CHECK(added_source(wanted).error() == wire::Status::invalid_name);
  }
  wanted = plain();
  wanted.flags |= flag::ipv6;
  CHECK(added_source(wanted).error() == wire::Status::invalid_address_family);
}
