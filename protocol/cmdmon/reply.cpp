// SPDX-License-Identifier: GPL-2.0-or-later
#include "protocol/cmdmon/reply.hpp"

#include <algorithm>
#include <span>

namespace gnomon::protocol::cmdmon {

namespace {

constexpr std::size_t integer64_size = 8;
constexpr std::size_t word_size = 4;
constexpr std::size_t manual_sample_size = 24;
constexpr std::size_t client_size = 60;
constexpr std::size_t reserved_counters = 4;  // at the end of server_stats4
constexpr std::size_t reserved_totals = 16;   // at the end of ntp_data2
constexpr std::size_t older_reserved_totals = 12;

std::size_t data_size(ReplyCode code) {
  switch (code) {
    case ReplyCode::null:
      return 0;
    case ReplyCode::n_sources:
      return word_size;
    case ReplyCode::source_data:
    case ReplyCode::select_data:
      return 48;
    case ReplyCode::tracking:
      return 76;
    case ReplyCode::sourcestats:
      return 56;
    case ReplyCode::rtc:
      return 28;
    case ReplyCode::activity:
      return 5 * word_size;
    case ReplyCode::smoothing:
      return 6 * word_size;
    case ReplyCode::server_stats:
      return 5 * word_size;
    case ReplyCode::server_stats2:
      return 8 * word_size;
    case ReplyCode::server_stats3:
      return 11 * word_size;
    case ReplyCode::server_stats4:
      return (17 + reserved_counters) * integer64_size;
    case ReplyCode::ntp_data:
      return 124;
    case ReplyCode::ntp_data2:
      return 144;
    case ReplyCode::manual_timestamp:
      return 3 * word_size;
    case ReplyCode::manual_list:
      return word_size + most_manual_samples * manual_sample_size;
    case ReplyCode::ntp_source_name:
      return name_size;
    case ReplyCode::auth_data:
      return 24;
    case ReplyCode::client_accesses:
      return 3 * word_size + most_clients * client_size;
  }
  return 0;
}

void write(const std::monostate& /*none*/, ReplyCode /*code*/, FieldWriter& /*w*/) {}

void write(const reply::SourceCount& count, ReplyCode /*code*/, FieldWriter& w) {
  w.u32(count.count);
}

void write(const reply::SourceData& source, ReplyCode /*code*/, FieldWriter& w) {
  constexpr std::uint16_t no_flags = 0;
  w.address(source.address);
  w.u16(static_cast<std::uint16_t>(source.poll));
  w.u16(source.stratum);
  w.u16(static_cast<std::uint16_t>(source.state));
  w.u16(static_cast<std::uint16_t>(source.mode));
  w.u16(no_flags);
  w.u16(source.reach);
  w.age(source.since_sample);
  w.number(source.measured_offset.count());
  w.number(source.adjusted_offset.count());
  w.number(source.error.count());
}

void write(const reply::Tracking& tracking, ReplyCode /*code*/, FieldWriter& w) {
  w.u32(tracking.reference_id.value);
  w.address(tracking.address);
  w.u16(tracking.stratum);
  w.u16(static_cast<std::uint16_t>(tracking.leap));
  w.time(tracking.reference_time);
  w.number(tracking.correction.count());
  w.number(tracking.last_offset.count());
  w.number(tracking.rms_offset.count());
  w.number(tracking.frequency.value);
  w.number(tracking.residual_frequency.value);
  w.number(tracking.skew.value);
  w.number(tracking.root_delay.count());
  w.number(tracking.root_dispersion.count());
  w.number(tracking.update_interval.count());
}

void write(const reply::SourceStats& stats, ReplyCode /*code*/, FieldWriter& w) {
  w.u32(stats.reference_id.value);
  w.address(stats.address);
  w.u32(stats.samples);
  w.u32(stats.runs);
  w.u32(stats.span_seconds);
  w.number(stats.standard_deviation.count());
  w.number(stats.residual_frequency.value);
  w.number(stats.skew.value);
  w.number(stats.offset.count());
  w.number(stats.offset_error.count());
}

void write(const reply::Activity& activity, ReplyCode /*code*/, FieldWriter& w) {
  for (const auto count : {activity.online, activity.offline, activity.burst_online, activity.burst_offline,
                           activity.unresolved})
    w.u32(count);
}

void write(const reply::RealTimeClock& clock, ReplyCode /*code*/, FieldWriter& w) {
  w.time(clock.reference);
  w.u16(clock.samples);
  w.u16(clock.runs);
  w.u32(clock.span_seconds);
  w.number(clock.fast.count());
  w.number(clock.gain.value);
}

void write(const reply::Smoothing& smoothing, ReplyCode /*code*/, FieldWriter& w) {
  w.u32((smoothing.active ? 1U : 0U) | (smoothing.leap_only ? 2U : 0U));
  w.number(smoothing.offset.count());
  w.number(smoothing.frequency.value);
  w.number(smoothing.wander);
  w.number(smoothing.last_update.count());
  w.number(smoothing.remaining.count());
}

void write_words(std::span<const std::uint64_t> counters, FieldWriter& w) {
  for (const auto counter : counters) w.u32(static_cast<std::uint32_t>(counter));
}

void write(const reply::ServerStats& s, ReplyCode code, FieldWriter& w) {
  const std::array counters{s.ntp_hits,       s.ke_hits,          s.command_hits,
                            s.ntp_drops,      s.ke_drops,         s.command_drops,
                            s.log_drops,      s.ntp_auth_hits,    s.ntp_interleaved_hits,
                            s.ntp_timestamps, s.ntp_span_seconds, s.daemon_rx,
                            s.daemon_tx,      s.kernel_rx,        s.kernel_tx,
                            s.hardware_rx,    s.hardware_tx};
  const std::span all{counters};
  if (code == ReplyCode::server_stats3) return write_words(all.first<11>(), w);
  if (code == ReplyCode::server_stats2) return write_words(all.first<8>(), w);
  if (code == ReplyCode::server_stats)
    return write_words(std::array{s.ntp_hits, s.command_hits, s.ntp_drops, s.command_drops, s.log_drops}, w);
  for (const auto counter : counters) w.u64(counter);
  w.ones(reserved_counters * integer64_size);
}

std::uint16_t flags_of(const reply::NtpData& ntp) {
  constexpr std::uint16_t tests = 0x3ff;
  constexpr std::uint16_t interleaved = 0x4000;
  constexpr std::uint16_t authenticated = 0x8000;
  return static_cast<std::uint16_t>((ntp.tests & tests) | (ntp.interleaved ? interleaved : 0) |
                                    (ntp.authenticated ? authenticated : 0));
}

void write(const reply::NtpData& ntp, ReplyCode code, FieldWriter& w) {
  w.address(ntp.remote);
  w.address(ntp.local);
  w.u16(ntp.remote_port);
  w.u8(static_cast<std::uint8_t>(ntp.leap));
  w.u8(ntp.version);
  w.u8(ntp.mode);
  w.u8(ntp.stratum);
  w.u8(static_cast<std::uint8_t>(ntp.poll));
  w.u8(static_cast<std::uint8_t>(ntp.precision));
  w.number(ntp.root_delay.count());
  w.number(ntp.root_dispersion.count());
  w.u32(ntp.reference_id.value);
  w.time(ntp.reference_time);
  w.number(ntp.offset.count());
  w.number(ntp.peer_delay.count());
  w.number(ntp.peer_dispersion.count());
  w.number(ntp.response_time.count());
  w.number(ntp.jitter_asymmetry);
  w.u16(flags_of(ntp));
  w.u8(static_cast<std::uint8_t>(ntp.tx_stamp));
  w.u8(static_cast<std::uint8_t>(ntp.rx_stamp));
  for (const auto total : {ntp.total_tx, ntp.total_rx, ntp.total_valid, ntp.total_good}) w.u32(total);
  if (code == ReplyCode::ntp_data) return w.ones(older_reserved_totals);
  for (const auto total : {ntp.total_kernel_tx, ntp.total_kernel_rx, ntp.total_hw_tx, ntp.total_hw_rx})
    w.u32(total);
  w.ones(reserved_totals);
}

void write(const reply::ManualTimestamp& stamp, ReplyCode /*code*/, FieldWriter& w) {
  w.number(stamp.offset.count());
  w.number(stamp.frequency_change.value);
  w.number(stamp.frequency.value);
}

void write(const reply::ManualList& list, ReplyCode /*code*/, FieldWriter& w) {
  const auto samples = std::span{list.samples}.first(std::min(list.samples.size(), most_manual_samples));
  w.u32(static_cast<std::uint32_t>(samples.size()));
  for (const auto& sample : samples) {
    w.time(sample.when);
    w.number(sample.slewed.count());
    w.number(sample.original.count());
    w.number(sample.residual.count());
  }
}

void write(const reply::SourceName& name, ReplyCode /*code*/, FieldWriter& w) {
  w.octets(base::as_bytes(name.name).first(std::min(name.name.size(), name_size)));
}

void write(const reply::AuthData& auth, ReplyCode /*code*/, FieldWriter& w) {
  constexpr std::uint16_t padding = 0;
  w.u16(static_cast<std::uint16_t>(auth.mode));
  w.u16(auth.key_type);
  w.u32(auth.key_id);
  w.u16(auth.key_length);
  w.u16(auth.ke_attempts);
  w.age(auth.last_ke);
  w.u16(auth.cookies);
  w.u16(auth.cookie_length);
  w.u16(auth.naks);
  w.u16(padding);
}

void write(const reply::SelectData& source, ReplyCode /*code*/, FieldWriter& w) {
  constexpr std::uint8_t padding = 0;
  w.u32(source.reference_id.value);
  w.address(source.address);
  w.u8(static_cast<std::uint8_t>(source.state));
  w.u8(source.authentication ? 1 : 0);
  w.u8(static_cast<std::uint8_t>(source.leap));
  w.u8(padding);
  w.u16(source.configured);
  w.u16(source.effective);
  w.age(source.last_sample);
  w.number(source.score);
  w.number(source.low.count());
  w.number(source.high.count());
}

void write(const reply::ClientAccess& client, FieldWriter& w) {
  w.address(client.address);
  for (const auto count : {client.ntp_hits, client.ke_hits, client.command_hits, client.ntp_drops,
                           client.ke_drops, client.command_drops})
    w.u32(count);
  for (const auto interval :
       {client.ntp_interval, client.ke_interval, client.command_interval, client.ntp_timeout_interval})
    w.u8(static_cast<std::uint8_t>(interval));
  for (const auto& age : {client.last_ntp, client.last_ke, client.last_command}) w.age(age);
}

void write(const reply::Clients& clients, ReplyCode /*code*/, FieldWriter& w) {
  const auto listed = std::span{clients.clients}.first(std::min(clients.clients.size(), most_clients));
  w.u32(clients.indices);
  w.u32(clients.next);
  w.u32(static_cast<std::uint32_t>(listed.size()));
  for (const auto& client : listed) write(client, w);
}

}  // namespace

std::size_t reply_size(ReplyCode code) {
  return reply_header_size + data_size(code);
}

base::Buffer encode(const Reply& reply, ReplyCode code, std::uint16_t command, std::uint32_t sequence) {
  constexpr std::size_t padding_before_sequence = 6;
  constexpr std::size_t padding_before_data = 8;
  const bool has_body = !std::holds_alternative<std::monostate>(reply.body);
  const auto form = has_body ? code : ReplyCode::null;
  base::Buffer octets(reply_size(form));
  FieldWriter writer{octets};
  writer.u8(version);
  writer.u8(reply_type);
  writer.u16(0);
  writer.u16(command);
  writer.u16(static_cast<std::uint16_t>(form));
  writer.u16(static_cast<std::uint16_t>(reply.status));
  writer.zeros(padding_before_sequence);
  writer.u32(sequence);
  writer.zeros(padding_before_data);
  std::visit([&](const auto& body) { write(body, form, writer); }, reply.body);
  return octets;
}

}  // namespace gnomon::protocol::cmdmon
