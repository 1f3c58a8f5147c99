// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/replay/forms.hpp"

#include <array>
#include <cstdint>
#include <string_view>

#include "base/ntp_time.hpp"
#include "daemon/core/engine/replay/form.hpp"

namespace gnomon::engine::replay {

namespace {

enum class Form : std::uint8_t { packet, update, tick, clock_changed, set_rate, report_status, clock_update };

Word word(StampSource source) {
  switch (source) {
    case StampSource::daemon:
      return {"daemon"};
    case StampSource::kernel:
      return {"kernel"};
    case StampSource::hardware:
      return {"hardware"};
  }
  return {"daemon"};
}

template <class Out, class T>
void member(Out& out, std::string_view name, const T& value) {
  out.text(name);
  out.value(value);
}

template <class Out>
void write(Out& out, base::SourceId source, const Received& packet, const protocol::Header& header) {
  member(out, R"({"kind":"packet","source":)", source.value);
  member(out, R"(,"from":)", packet.from.address);
  member(out, R"(,"port":)", packet.from.port);
  member(out, R"(,"octets":)", static_cast<std::uint32_t>(packet.datagram.size()));
  member(out, R"(,"sent_ns":)", packet.sent.time);
  member(out, R"(,"sent_by":")", word(packet.sent.source));
  member(out, R"(","server_received_ns":)", base::from_ntp(header.receive, packet.received.time));
  member(out, R"(,"server_sent_ns":)", base::from_ntp(header.transmit, packet.received.time));
  member(out, R"(,"received_ns":)", packet.received.time);
  member(out, R"(,"received_by":")", word(packet.received.source));
  member(out, R"(","leap":)", header.leap);
  member(out, R"(,"version":)", header.version);
  member(out, R"(,"mode":)", header.mode);
  member(out, R"(,"stratum":)", header.stratum);
  member(out, R"(,"poll":)", header.poll);
  member(out, R"(,"precision":)", header.precision);
  member(out, R"(,"root_delay_s":)", header.root_delay.seconds());
  member(out, R"(,"root_dispersion_s":)", header.root_dispersion.seconds());
  member(out, R"(,"reference_id":")", Hex{header.reference_id.value});
  out.text("\"}");
}

template <class Out>
void write(Out& out, const input::Update& update) {
  member(out, R"({"kind":"input","input":"update","value":)", update);
}
template <class Out>
void write(Out& out, const input::Tick& tick) {
  member(out, R"({"kind":"input","input":"tick","value":)", tick);
}
template <class Out>
void write(Out& out, const input::ClockChange& change) {
  member(out, R"({"kind":"input","input":"clock_changed","value":)", change);
}

template <class Out>
void write(Out& out, const SetRate& rate) {
  member(out, R"({"command":"set_rate","frequency_ppm":)", rate.frequency.value);
  member(out, R"(,"slew_ppm":)", rate.slew.value);
  member(out, R"(,"duration_ns":)", rate.duration);
  out.text("}");
}
template <class Out>
void write(Out& out, const ReportStatus& status) {
  member(out, R"({"command":"report_status","leap":)", status.leap);
  member(out, R"(,"max_error_ns":)", status.max_error);
  member(out, R"(,"estimated_error_ns":)", status.estimated_error);
  member(out, R"(,"tai_offset":)", status.tai_offset);
  out.text("}");
}

template <class Out>
void write(Out& out, std::int32_t updates, base::Ppm frequency) {
  member(out, R"("clock_update":)", updates);
  member(out, R"(,"frequency_ppm":)", frequency.value);
}

template <class... Values>
std::string form_of(const Values&... any) {
  FormText form;
  write(form, any...);
  return form.take();
}

template <class... Values>
void fill(base::RawText& out, Form form, const Values&... values) {
  FormOctets octets{out, static_cast<std::uint8_t>(form)};
  write(octets, values...);
}

template <class T, class Variant>
bool fill_if(base::RawText& out, Form form, const Variant& value) {
  const auto* const one = std::get_if<T>(&value);
  if (one != nullptr) fill(out, form, *one);
  return one != nullptr;
}

}  // namespace

std::span<const std::string> forms() {
  // In the order of Form.
  static const std::array all{form_of(base::SourceId{}, Received{}, protocol::Header{}),
                              form_of(input::Update{}),
                              form_of(input::Tick{}),
                              form_of(input::ClockChange{}),
                              form_of(SetRate{}),
                              form_of(ReportStatus{}),
                              form_of(std::int32_t{}, base::Ppm{})};
  return all;
}

void append_packet(base::RawText& out, base::SourceId source, const Received& packet,
                   const protocol::Header& header) {
  fill(out, Form::packet, source, packet, header);
}

bool append_input(base::RawText& out, const Input& input) {
  return fill_if<input::Update>(out, Form::update, input) || fill_if<input::Tick>(out, Form::tick, input) ||
         fill_if<input::ClockChange>(out, Form::clock_changed, input);
}

bool append_command(base::RawText& out, const ClockCommand& command) {
  return fill_if<SetRate>(out, Form::set_rate, command) ||
         fill_if<ReportStatus>(out, Form::report_status, command);
}

void append_clock_update(base::RawText& out, int updates, base::Ppm frequency) {
  fill(out, Form::clock_update, updates, frequency);
}

}  // namespace gnomon::engine::replay
