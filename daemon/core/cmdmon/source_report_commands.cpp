// SPDX-License-Identifier: GPL-2.0-or-later
// The commands that look at one source, or count them.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "daemon/core/cmdmon/command.hpp"
#include "daemon/core/control/report_values.hpp"
#include "daemon/core/engine/text/messages.hpp"
#include "daemon/core/engine/values/reference_id.hpp"

namespace gnomon::core::cmdmon {

namespace {

namespace reply = wire::reply;
using control::SourceReport;

template <class T>
T clamped(std::uint32_t value) {
  return static_cast<T>(std::min<std::uint32_t>(value, std::numeric_limits<T>::max()));
}

// A reference clock has none: reports give its reference id.
wire::Address address_of(const SourceReport& source) {
  const auto& association = source.association;
  if (association.is_refclock()) return {};
  if (association.address.is_specified()) return {.ip = association.address, .id = {}};
  return {.ip = {}, .id = association.id.value};
}

base::ReferenceId reference_id_of(const SourceReport& source) {
  const auto& association = source.association;
  return association.is_refclock() ? association.clock_id : engine::reference_id_of(association.address);
}

// Of a reference clock the reference id in the form of an address.
wire::Address shown_address(const SourceReport& source) {
  const auto& association = source.association;
  if (!association.is_refclock()) return address_of(source);
  base::IpAddress id{.family = base::AddressFamily::ipv4};
  for (std::size_t i = 0; i < 4; ++i)
    id.octets[i] = static_cast<std::uint8_t>(association.clock_id.value >> (24U - 8U * i));
  return {.ip = id, .id = {}};
}

reply::SourceMode mode_of(const SourceReport& source) {
  if (source.association.is_refclock()) return reply::SourceMode::reference_clock;
  return source.association.kind == config::SourceKind::peer ? reply::SourceMode::peer
                                                             : reply::SourceMode::client;
}

const SourceReport* find_source(const wire::Address& address, Services& services) {
  const auto& sources = services.memory.sources();
  const auto found = std::ranges::find_if(sources, [&](const SourceReport& each) {
    return !each.association.is_refclock() && address_of(each) == address;
  });
  return found != sources.end() ? &*found : nullptr;
}

// The reply about one source, by its place in the list.
template <auto Describe>
wire::Reply by_index(const wire::Choice& index, Services& services) {
  const auto& sources = services.memory.sources();
  if (index.value < 0 || std::cmp_greater_equal(index.value, sources.size()))
    return failure(wire::Status::no_such_source);
  return {.body = Describe(sources[static_cast<std::size_t>(index.value)])};
}

// The reply about one source, by its address.
template <auto Describe>
wire::Reply by_address(const wire::Target& target, Services& services) {
  const auto* const source = find_source(target.address, services);
  if (source == nullptr) return failure(wire::Status::no_such_source);
  return {.body = Describe(*source)};
}

wire::Reply source_count(const wire::Nothing& /*none*/, Services& services) {
  return {.body = reply::SourceCount{static_cast<std::uint32_t>(services.memory.sources().size())}};
}

reply::SourceState state_of(engine::SourceState state) {
  switch (state) {
    case engine::SourceState::selected:
      return reply::SourceState::selected;
    case engine::SourceState::combined:
      return reply::SourceState::unselected;
    case engine::SourceState::selectable:
      return reply::SourceState::selectable;
    case engine::SourceState::falseticker:
      return reply::SourceState::falseticker;
    case engine::SourceState::jittery:
      return reply::SourceState::jittery;
    case engine::SourceState::unselectable:
      break;
  }
  return reply::SourceState::nonselectable;
}

reply::SourceData source_data(const SourceReport& source) {
  const auto& association = source.association;
  return {.address = shown_address(source),
          .poll = association.poll.value,
          .stratum = association.stratum,
          .state = state_of(source.verdict.state),
          .mode = mode_of(source),
          .reach = association.reach,
          .since_sample = association.last_rx,
          .measured_offset = source.statistics.measured_offset,
          .adjusted_offset = source.statistics.adjusted_offset,
          .error = source.statistics.error};
}

reply::SourceStats source_stats(const SourceReport& source) {
  const auto& statistics = source.statistics;
  return {.reference_id = reference_id_of(source),
          .address = address_of(source),
          .samples = statistics.samples,
          .runs = statistics.runs,
          .span_seconds = static_cast<std::uint32_t>(std::lround(std::max(statistics.span.count(), 0.0))),
          .standard_deviation = statistics.standard_deviation,
          .residual_frequency = statistics.residual_frequency,
          .skew = statistics.skew,
          .offset = statistics.estimated_offset,
          .offset_error = statistics.standard_deviation + statistics.error};
}

char letter_of(const std::optional<engine::StampSource>& stamp) {
  if (!stamp) return '\0';
  switch (*stamp) {
    case engine::StampSource::daemon:
      return 'D';
    case engine::StampSource::kernel:
      return 'K';
    case engine::StampSource::hardware:
      return 'H';
  }
  return '\0';
}

reply::NtpData ntp_data(const SourceReport& source) {
  const auto& ntp = source.association.ntp;
  return {.remote = address_of(source),
          .local = {.ip = ntp.any ? ntp.local : base::IpAddress{}, .id = {}},
          .remote_port = source.association.port,
          .leap = ntp.leap,
          .version = ntp.version,
          .mode = ntp.mode,
          .stratum = ntp.stratum,
          .poll = ntp.poll,
          .precision = ntp.precision,
          .root_delay = ntp.root_delay,
          .root_dispersion = ntp.root_dispersion,
          .reference_id = ntp.reference_id,
          .reference_time = ntp.reference_time,
          .offset = ntp.offset,
          .peer_delay = ntp.delay,
          .peer_dispersion = ntp.dispersion,
          .response_time = ntp.response_time,
          .jitter_asymmetry = ntp.jitter_asymmetry,
          .tests = ntp.tests,
          .interleaved = ntp.interleaved,
          .authenticated = ntp.authenticated,
          .tx_stamp = letter_of(ntp.tx_stamp),
          .rx_stamp = letter_of(ntp.rx_stamp),
          .total_tx = ntp.total_tx,
          .total_rx = ntp.total_rx,
          .total_valid = ntp.total_valid_rx,
          .total_good = ntp.total_good_rx,
          .total_kernel_tx = ntp.total_kernel_tx,
          .total_kernel_rx = ntp.total_kernel_rx,
          .total_hw_tx = ntp.total_hw_tx,
          .total_hw_rx = ntp.total_hw_rx};
}

reply::AuthMode mode_of(engine::AuthMode mode) {
  switch (mode) {
    case engine::AuthMode::symmetric:
      return reply::AuthMode::symmetric;
    case engine::AuthMode::nts:
      return reply::AuthMode::nts;
    case engine::AuthMode::none:
      break;
  }
  return reply::AuthMode::none;
}

reply::AuthData auth_data(const SourceReport& source) {
  const auto& auth = source.association.auth;
  return {.mode = mode_of(auth.mode),
          .key_type = auth.key_type,
          .key_id = auth.key_id,
          .key_length = auth.key_length,
          .ke_attempts = clamped<std::uint16_t>(auth.ke_attempts),
          .last_ke = auth.last_ke,
          .cookies = clamped<std::uint16_t>(auth.cookies),
          .cookie_length = clamped<std::uint16_t>(auth.cookie_length),
          .naks = clamped<std::uint16_t>(auth.naks)};
}

std::uint16_t bits_of(const engine::SelectOptions& options) {
  using namespace wire::select_bit;
  return static_cast<std::uint16_t>((options.no_select ? no_select : 0) | (options.prefer ? prefer : 0) |
                                    (options.trust ? trust : 0) | (options.require ? require : 0));
}

reply::SelectData select_data(const SourceReport& source) {
  const auto interval = control::interval_of(source.verdict.evidence);
  return {.reference_id = reference_id_of(source),
          .address = address_of(source),
          .state = engine::letter_of(source.verdict.reason),
          .authentication = source.association.auth.mode != engine::AuthMode::none,
          .leap = control::leap_of(source.association),
          .configured = bits_of(source.association.select_options),
          .effective = bits_of(source.verdict.effective),
          // When the selection was made, as chronyd has it; 0 of a source without a sample.
          .last_sample = source.verdict.evidence.age,
          .score = source.verdict.evidence.score,
          .low = interval.low,
          .high = interval.high};
}

reply::SourceName source_name(const SourceReport& source) {
  return {source.association.name};
}

constexpr std::array source_report_table{
    Command{wire::Code::n_sources, with<wire::Nothing, source_count>},
    Command{wire::Code::source_data, with<wire::Choice, by_index<source_data>>},
    Command{wire::Code::sourcestats, with<wire::Choice, by_index<source_stats>>},
    Command{wire::Code::select_data, with<wire::Choice, by_index<select_data>>},
    Command{wire::Code::ntp_data, with<wire::Target, by_address<ntp_data>>},
    Command{wire::Code::auth_data, with<wire::Target, by_address<auth_data>>},
    Command{wire::Code::ntp_source_name, with<wire::Target, by_address<source_name>>},
};

}  // namespace

Commands source_report_commands() {
  return source_report_table;
}

}  // namespace gnomon::core::cmdmon
