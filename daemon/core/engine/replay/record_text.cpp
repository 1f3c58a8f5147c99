// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/replay/record_text.hpp"

#include "daemon/core/engine/replay/forms.hpp"
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

void append_input_line(base::RawText& out, const Input& input, DecidedWriter& decided,
                       const InputResult& outcome, const Timekeeper& keeper) {
  if (!append_input(out, input)) {
    out += R"({"kind":"input")";
    member(out, R"(,"input":)", input_names.at(input.index()));
    out += ",\"value\":";
    std::visit([&](const auto& one) { append(out, one); }, input);
  }
  const auto bare = out.size();
  out += R"(,"decided":)";
  if (!decided.append(out, outcome, keeper)) out.shorten_to(bare);
  out += '}';
}

void append_packet_line(base::RawText& out, base::SourceId source, const Received& packet) {
  if (const auto header = protocol::parse_header(packet.datagram))
    append_packet(out, source, packet, *header);
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
