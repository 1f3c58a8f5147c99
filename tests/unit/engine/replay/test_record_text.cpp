// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/replay/record_text.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <string>

#include "base/address.hpp"
#include "base/raw_text.hpp"
#include "daemon/core/engine/replay/forms.hpp"
#include "protocol/ntp/packet.hpp"
#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;
using namespace engine::replay;

TEST_CASE("a packet is written with its timestamps and header, and nothing behind that") {
  std::array<std::uint8_t, 100> octets{};
  octets.fill(0x5a);
  octets[0] = 0x24;  // no leap second, version 4, server
  octets[1] = 2;
  Received packet;
  packet.datagram = octets;
  packet.from = {base::parse_address("192.0.2.1").value(), 123};
  packet.sent = {base::RealTime{std::chrono::seconds{1'800'000'000}}, StampSource::kernel};
  packet.received = {base::RealTime{std::chrono::seconds{1'800'000'001}}, StampSource::daemon};
  base::RawText raw;
  append_packet_line(raw, base::SourceId{7}, packet);
  const auto line = base::written_out(raw.view(), forms()).value();
  CHECK(line.starts_with(R"({"kind":"packet","source":7,"from":"192.0.2.1","port":123,"octets":100,)"
                         R"("sent_ns":1800000000000000000,"sent_by":"kernel",)"));
  CHECK(line.find(R"("received_ns":1800000001000000000,"received_by":"daemon","leap":0,"version":4,"mode":4,)"
                  R"("stratum":2,)") != std::string::npos);
  CHECK(line.ends_with(R"("reference_id":"5a5a5a5a"})"));
  packet.datagram = base::Bytes{octets}.first(47);
  raw.shorten_to(0);
  append_packet_line(raw, base::SourceId{7}, packet);
  CHECK(raw.empty());
}

TEST_CASE("messages and configuration are texts") {
  const base::RealTime time{std::chrono::nanoseconds{5}};
  CHECK(base::written_out(event_line("selected_source", "Selected \"a\"", time).view()) ==
        R"({"kind":"event","time_ns":5,"event":"selected_source","text":"Selected \"a\""})");
  CHECK(configuration_line("server a.example").view() ==
        R"({"kind":"configuration","text":"server a.example"})");
}

}  // namespace gnomon::testing
