// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/replay/record_text.hpp"

#include <fmt/format.h>

#include "base/ntp_time.hpp"
#include "daemon/core/engine/replay/layout.hpp"
#include "daemon/core/engine/replay/text_writer.hpp"
#include "protocol/ntp/packet.hpp"

namespace gnomon::engine::replay {

namespace {

std::string begin(std::string_view kind) {
  return fmt::format(R"({{"kind":"{}")", kind);
}

template <class T>
void member(std::string& out, std::string_view name, const T& value) {
  out += ',';
  append_quoted(out, name);
  out += ':';
  append(out, value);
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

std::string record_line(std::string_view program, const base::Now& now) {
  auto line = begin("record");
  member(line, "format", record_format);
  member(line, "layout", record_layout());
  member(line, "program", program);
  member(line, "time_ns", now.real);
  return line += '}';
}

std::string configuration_line(std::string_view text) {
  auto line = begin("configuration");
  member(line, "text", text);
  return line += '}';
}

std::string state_line(const Timekeeper& keeper) {
  auto line = begin("state");
  member(line, "value", keeper);
  return line += '}';
}

std::string input_line(const Input& input, std::string_view decided) {
  auto line = begin("input");
  member(line, "input", input_names.at(input.index()));
  line += ",\"value\":";
  std::visit([&](const auto& one) { append(line, one); }, input);
  if (!decided.empty()) line += fmt::format(R"(,"decided":{})", decided);
  return line += '}';
}

std::string packet_line(base::SourceId source, const Received& packet) {
  const auto header = protocol::parse_header(packet.datagram);
  if (!header) return {};
  auto line = begin("packet");
  member(line, "source", source.value);
  member(line, "from", packet.from.address);
  member(line, "port", packet.from.port);
  member(line, "octets", packet.datagram.size());
  member(line, "sent_ns", packet.sent.time);
  member(line, "sent_by", word(packet.sent.source));
  member(line, "server_received_ns", base::from_ntp(header->receive, packet.received.time));
  member(line, "server_sent_ns", base::from_ntp(header->transmit, packet.received.time));
  member(line, "received_ns", packet.received.time);
  member(line, "received_by", word(packet.received.source));
  member(line, "leap", static_cast<int>(header->leap));
  member(line, "version", static_cast<int>(header->version));
  member(line, "mode", static_cast<int>(header->mode));
  member(line, "stratum", header->stratum);
  member(line, "poll", header->poll);
  member(line, "precision", header->precision);
  member(line, "root_delay_s", header->root_delay.seconds());
  member(line, "root_dispersion_s", header->root_dispersion.seconds());
  member(line, "reference_id", fmt::format("{:08x}", header->reference_id.value));
  return line += '}';
}

std::string event_line(std::string_view event, std::string_view text, base::RealTime time) {
  auto line = begin("event");
  member(line, "time_ns", time);
  member(line, "event", event);
  member(line, "text", text);
  return line += '}';
}

}  // namespace gnomon::engine::replay
