// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/replay/record_text.hpp"

#include <array>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/ntp_time.hpp"
#include "daemon/core/engine/replay/layout.hpp"
#include "daemon/core/engine/replay/text_writer.hpp"
#include "protocol/ntp/packet.hpp"

namespace gnomon::engine::replay {

namespace {

base::RawText begin(std::string_view kind) {
  base::RawText line{R"({"kind":")"};
  line += kind;
  line += '"';
  return line;
}

// name: with all that is around it, as these are written for each packet.
template <std::size_t size, class T>
void member(base::RawText& out, const char (&name)[size], const T& value) {
  out += name;
  append(out, value);
}

std::string in_hex(base::ReferenceId id) {
  std::array<std::uint8_t, sizeof id.value> octets{};
  base::ByteWriter{octets}.write(id.value);
  return base::to_hex(octets);
}

std::string_view word(StampSource source) {
  switch (source) {
    case StampSource::daemon:
      return "daemon";
    case StampSource::kernel:
      return "kernel";
    case StampSource::hardware:
      return "hardware";
  }
  return "daemon";
}

}  // namespace

const std::string& record_layout() {
  static const std::string layout = [] {
    std::string described;
    described += '{';
    describe<Timekeeper>(described);
    describe<Input>(described);
    described += '}';
    return described;
  }();
  return layout;
}

base::RawText record_line(std::string_view program, const base::Now& now) {
  auto line = begin("record");
  member(line, R"(,"format":)", record_format);
  member(line, R"(,"layout":)", record_layout());
  member(line, R"(,"program":)", program);
  member(line, R"(,"time_ns":)", now.real);
  line += '}';
  return line;
}

base::RawText configuration_line(std::string_view text) {
  auto line = begin("configuration");
  member(line, R"(,"text":)", text);
  line += '}';
  return line;
}

base::RawText state_line(const Timekeeper& keeper) {
  auto line = begin("state");
  member(line, R"(,"value":)", keeper);
  line += '}';
  return line;
}

base::RawText input_line(const Input& input, std::string_view decided) {
  auto line = begin("input");
  member(line, R"(,"input":)", input_names.at(input.index()));
  line += ",\"value\":";
  std::visit([&](const auto& one) { append(line, one); }, input);
  if (!decided.empty()) {
    line += R"(,"decided":)";
    line += decided;
  }
  line += '}';
  return line;
}

base::RawText packet_line(base::SourceId source, const Received& packet) {
  const auto header = protocol::parse_header(packet.datagram);
  if (!header) return {};
  auto line = begin("packet");
  member(line, R"(,"source":)", source.value);
  member(line, R"(,"from":)", packet.from.address);
  member(line, R"(,"port":)", packet.from.port);
  member(line, R"(,"octets":)", packet.datagram.size());
  member(line, R"(,"sent_ns":)", packet.sent.time);
  member(line, R"(,"sent_by":)", word(packet.sent.source));
  member(line, R"(,"server_received_ns":)", base::from_ntp(header->receive, packet.received.time));
  member(line, R"(,"server_sent_ns":)", base::from_ntp(header->transmit, packet.received.time));
  member(line, R"(,"received_ns":)", packet.received.time);
  member(line, R"(,"received_by":)", word(packet.received.source));
  member(line, R"(,"leap":)", static_cast<int>(header->leap));
  member(line, R"(,"version":)", static_cast<int>(header->version));
  member(line, R"(,"mode":)", static_cast<int>(header->mode));
  member(line, R"(,"stratum":)", header->stratum);
  member(line, R"(,"poll":)", header->poll);
  member(line, R"(,"precision":)", header->precision);
  member(line, R"(,"root_delay_s":)", header->root_delay.seconds());
  member(line, R"(,"root_dispersion_s":)", header->root_dispersion.seconds());
  member(line, R"(,"reference_id":)", in_hex(header->reference_id));
  line += '}';
  return line;
}

base::RawText event_line(std::string_view event, std::string_view text, base::RealTime time) {
  auto line = begin("event");
  member(line, R"(,"time_ns":)", time);
  member(line, R"(,"event":)", event);
  member(line, R"(,"text":)", text);
  line += '}';
  return line;
}

}  // namespace gnomon::engine::replay
