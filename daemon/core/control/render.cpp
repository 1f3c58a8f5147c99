// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/control/render.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <string_view>

#include <boost/json/array.hpp>

#include "base/enum_words.hpp"
#include "daemon/core/control/report_values.hpp"
#include "daemon/core/engine/text/messages.hpp"

namespace gnomon::core::control {

namespace json = boost::json;

namespace {

double seconds_of(base::RealTime time) {
  return base::to_seconds(time.time_since_epoch()).count();
}

using base::EnumWord;
using base::word_of;

constexpr std::array stamp_words{EnumWord{engine::StampSource::daemon, "daemon"},
                                 EnumWord{engine::StampSource::kernel, "kernel"},
                                 EnumWord{engine::StampSource::hardware, "hardware"}};

constexpr std::array key_words{EnumWord{ipc::KeyKind::ecdsa, "ecdsa"}, EnumWord{ipc::KeyKind::rsa, "rsa"},
                               EnumWord{ipc::KeyKind::ed25519, "ed25519"},
                               EnumWord{ipc::KeyKind::ed448, "ed448"},
                               EnumWord{ipc::KeyKind::other, "other"}};

std::string_view stamp_word(const std::optional<engine::StampSource>& stamp) {
  return stamp ? word_of(stamp_words, *stamp) : "invalid";
}

// Optional fields are left out when there is nothing to say.
void put_address(json::object& into, std::string_view key, const base::IpAddress& address) {
  if (address.is_specified()) into[key] = base::to_string(address);
}

void put_age(json::object& into, std::string_view key, const std::optional<base::Duration>& age) {
  if (age) into[key] = base::to_seconds(*age).count();
}

json::object named(const SourceReport& source) {
  json::object into;
  into["id"] = source.association.id.value;
  into["name"] = source.association.name;
  put_address(into, "address", source.association.address);
  if (source.association.is_refclock()) into["reference_clock"] = true;
  return into;
}

json::object render_explanation(const engine::ExplainedSource& source) {
  json::object into;
  into["id"] = source.report.id.value;
  into["name"] = source.report.name;
  put_address(into, "address", source.report.address);
  into["state"] = state_word(source.verdict.state);
  into["reason"] = engine::name_of(source.verdict.reason);
  into["cause"] = source.explanation.cause;
  into["explanation"] = engine::source_called(source.report) + " " + source.explanation.what + ".";
  if (!source.explanation.remedy.empty()) into["remedy"] = engine::sentence(source.explanation.remedy);
  return into;
}

void put_totals(json::object& into, const engine::NtpDataReport& ntp) {
  into["total_tx"] = ntp.total_tx;
  into["total_rx"] = ntp.total_rx;
  into["total_valid_rx"] = ntp.total_valid_rx;
  into["total_good_rx"] = ntp.total_good_rx;
  into["total_kernel_tx"] = ntp.total_kernel_tx;
  into["total_kernel_rx"] = ntp.total_kernel_rx;
  into["total_hw_tx"] = ntp.total_hw_tx;
  into["total_hw_rx"] = ntp.total_hw_rx;
}

}  // namespace

std::string_view state_word(engine::SourceState state) {
  return word_of(state_words, state);
}

json::object render(const engine::TrackingReport& tracking) {
  json::object into;
  into["reference_id"] = tracking.reference_id.value;
  put_address(into, "address", tracking.address);
  into["name"] = tracking.name;
  into["stratum"] = tracking.stratum;
  into["reference_time"] = seconds_of(tracking.reference_time);
  into["system_time"] = tracking.system_time.count();
  into["last_offset"] = tracking.last_offset.count();
  into["rms_offset"] = tracking.rms_offset.count();
  into["frequency"] = tracking.frequency.value;
  into["residual_frequency"] = tracking.residual_frequency.value;
  into["skew"] = tracking.skew.value;
  into["root_delay"] = tracking.root_delay.count();
  into["root_dispersion"] = tracking.root_dispersion.count();
  into["update_interval"] = tracking.update_interval.count();
  into["leap"] = word_of(leap_words, tracking.leap);
  if (tracking.steering_frozen) into["trouble"] = engine::frozen_sentence();
  into["synchronised"] = engine::is_synchronised(tracking);
  if (const auto bound = engine::error_bound(tracking)) into["error_bound"] = bound->count();
  return into;
}

json::object render(const ExplainReport& report) {
  const auto& situation = report.situation;
  json::object into;
  into["synchronised"] = situation.synchronised;
  into["state"] = situation.state;
  into["cause"] = situation.cause;
  into["summary"] = situation.summary;
  if (!situation.remedy.empty()) into["remedy"] = situation.remedy;
  if (report.error_bound) into["error_bound"] = report.error_bound->count();
  json::array sources;
  for (const auto& each : report.sources) sources.push_back(render_explanation(each));
  into["sources"] = std::move(sources);
  json::array notices;
  for (const auto& [text, remedy] : report.notices)
    notices.push_back(json::object{{"text", text}, {"remedy", remedy}});
  if (!notices.empty()) into["notices"] = std::move(notices);
  return into;
}

json::object render(const ServerReport& server) {
  json::object into;
  into["ntp_hits"] = server.ntp_hits;
  into["ntp_drops"] = server.ntp_drops;
  into["command_hits"] = server.command_hits;
  into["command_drops"] = server.command_drops;
  into["log_drops"] = server.log_drops;
  into["ke_hits"] = server.ke_hits;
  into["ke_drops"] = server.ke_drops;
  into["ntp_auth_hits"] = server.ntp_auth_hits;
  into["ntp_interleaved_hits"] = server.ntp_interleaved_hits;
  into["ntp_timestamps"] = server.ntp_timestamps;
  into["ntp_timestamp_span"] = server.ntp_timestamp_span;
  into["daemon_rx"] = server.daemon_rx;
  into["daemon_tx"] = server.daemon_tx;
  into["kernel_rx"] = server.kernel_rx;
  into["kernel_tx"] = server.kernel_tx;
  into["hardware_rx"] = server.hardware_rx;
  into["hardware_tx"] = server.hardware_tx;
  return into;
}

namespace {

struct ServiceFields {
  std::string_view hits, drops, interval, last;
};

void put_service(json::object& into, const ServiceFields& fields, const engine::ServiceAccess& service) {
  into[fields.hits] = service.hits;
  into[fields.drops] = service.drops;
  if (service.interval) into[fields.interval] = *service.interval;
  put_age(into, fields.last, service.last);
}

}  // namespace

json::object render(const engine::ClientAccess& client) {
  json::object into;
  put_address(into, "address", client.address);
  put_service(into, {"ntp_hits", "ntp_drops", "ntp_interval", "last_ntp"}, client.ntp);
  if (client.ntp_interval_after_drop) into["ntp_interval_after_drop"] = *client.ntp_interval_after_drop;
  put_service(into, {"ke_hits", "ke_drops", "ke_interval", "last_ke"}, client.key_exchange);
  put_service(into, {"command_hits", "command_drops", "command_interval", "last_command"}, client.commands);
  return into;
}

json::object render(const CertificateReport& certificate) {
  json::object into{{"file", certificate.file}};
  if (certificate.refusal) {
    into["refused_since"] = seconds_of(certificate.refusal->since);
    into["refused_reason"] = certificate.refusal->reason;
  }
  if (!certificate.in_use_since) return into;
  const auto& facts = certificate.facts;
  into["subject"] = facts.subject;
  into["names"] = json::array(facts.names.begin(), facts.names.end());
  into["further_names"] = facts.further_names;
  into["key"] = word_of(key_words, facts.key);
  into["key_bits"] = facts.key_bits;
  into["fingerprint"] = base::to_hex(facts.fingerprint);
  into["not_before"] = seconds_of(facts.not_before);
  into["not_after"] = seconds_of(facts.not_after);
  into["days_left"] = certificate.days_left;
  into["in_use_since"] = seconds_of(*certificate.in_use_since);
  return into;
}

json::object render(const engine::ManualOutcome& outcome) {
  return {{"offset", outcome.offset.count()},
          {"frequency_change", outcome.frequency_change.value},
          {"frequency", outcome.frequency.value}};
}

json::object render(const engine::ManualEntry& entry) {
  return {{"time", seconds_of(entry.time)},
          {"slewed", entry.slewed.count()},
          {"original", entry.original.count()},
          {"residual", entry.residual.count()}};
}

json::object render(const engine::SmoothingReport& smoothing) {
  json::object into;
  into["active"] = smoothing.active;
  into["leap_only"] = smoothing.leap_only;
  into["offset"] = smoothing.offset.count();
  into["frequency"] = smoothing.frequency.value;
  into["wander"] = smoothing.wander;
  into["last_update"] = smoothing.last_update.count();
  into["remaining"] = smoothing.remaining.count();
  return into;
}

json::object render(const engine::RtcReport& rtc) {
  return {{"reference_time", seconds_of(rtc.reference)},
          {"samples", rtc.samples},
          {"runs", rtc.runs},
          {"span", rtc.span.count()},
          {"offset", rtc.fast.count()},
          {"frequency", rtc.gain.value}};
}

json::object render_activity(const ActivityCounts& counts) {
  json::object into;
  into["online"] = counts.online;
  into["offline"] = counts.offline;
  into["burst_online"] = counts.burst_online;
  into["burst_offline"] = counts.burst_offline;
  into["unresolved"] = counts.unresolved;
  return into;
}

json::object render_source(const SourceReport& source) {
  auto into = named(source);
  const auto& association = source.association;
  into["kind"] =
      association.is_refclock() ? "refclock" : word_of(config::source_kind_words, association.kind);
  into["port"] = association.port;
  into["state"] = state_word(source.verdict.state);
  into["reason"] = source.reason;
  into["explanation"] = source.explanation;
  into["stratum"] = association.stratum;
  into["poll"] = association.poll.value;
  into["reach"] = association.reach;
  put_age(into, "last_rx", association.last_rx);
  into["adjusted_offset"] = source.statistics.adjusted_offset.count();
  into["measured_offset"] = source.statistics.measured_offset.count();
  into["error"] = source.statistics.error.count();
  return into;
}

json::object render_statistics(const SourceReport& source) {
  auto into = named(source);
  const auto& statistics = source.statistics;
  into["samples"] = statistics.samples;
  into["runs"] = statistics.runs;
  into["span"] = statistics.span.count();
  into["residual_frequency"] = statistics.residual_frequency.value;
  into["skew"] = statistics.skew.value;
  into["estimated_offset"] = statistics.estimated_offset.count();
  into["standard_deviation"] = statistics.standard_deviation.count();
  return into;
}

json::object render_auth_data(const SourceReport& source) {
  auto into = named(source);
  const auto& auth = source.association.auth;
  into["mode"] = word_of(mode_words, auth.mode);
  into["key_id"] = auth.key_id;
  into["key_type"] = auth.key_type;
  into["key_length"] = auth.key_length;
  put_age(into, "last_ke", auth.last_ke);
  into["ke_attempts"] = auth.ke_attempts;
  into["naks"] = auth.naks;
  into["cookies"] = auth.cookies;
  into["cookie_length"] = auth.cookie_length;
  if (!auth.last_failure.empty()) into["last_failure"] = auth.last_failure;
  return into;
}

json::object render_ntp_data(const SourceReport& source) {
  auto into = named(source);
  const auto& ntp = source.association.ntp;
  into["port"] = source.association.port;
  put_address(into, "local_address", ntp.any ? ntp.local : base::IpAddress{});
  into["leap"] = word_of(leap_words, ntp.leap);
  into["version"] = ntp.version;
  into["mode"] = ntp.mode;
  into["stratum"] = ntp.stratum;
  into["poll"] = ntp.poll;
  into["precision"] = ntp.precision;
  into["root_delay"] = ntp.root_delay.count();
  into["root_dispersion"] = ntp.root_dispersion.count();
  into["reference_id"] = ntp.reference_id.value;
  into["reference_time"] = seconds_of(ntp.reference_time);
  into["offset"] = ntp.offset.count();
  into["delay"] = ntp.delay.count();
  into["dispersion"] = ntp.dispersion.count();
  into["response_time"] = ntp.response_time.count();
  into["jitter_asymmetry"] = ntp.jitter_asymmetry;
  into["tests"] = std::bitset<10>{ntp.tests}.to_string();
  into["interleaved"] = ntp.interleaved;
  into["authenticated"] = ntp.authenticated;
  into["tx_stamp"] = stamp_word(ntp.tx_stamp);
  into["rx_stamp"] = stamp_word(ntp.rx_stamp);
  put_totals(into, ntp);
  return into;
}

namespace {

json::array words_of(const engine::SelectOptions& options) {
  json::array words;
  if (options.no_select) words.emplace_back("noselect");
  if (options.prefer) words.emplace_back("prefer");
  if (options.trust) words.emplace_back("trust");
  if (options.require) words.emplace_back("require");
  return words;
}

}  // namespace

json::object render_select_data(const SourceReport& source) {
  auto into = named(source);
  const auto& verdict = source.verdict;
  into["state"] = std::string(1, engine::letter_of(verdict.reason));
  into["reason"] = source.reason;
  into["explanation"] = source.explanation;
  into["authentication"] = source.association.auth.mode != engine::AuthMode::none;
  into["configured_options"] = words_of(source.association.select_options);
  into["effective_options"] = words_of(verdict.effective);
  put_age(into, "last_sample", source.association.last_rx);
  into["score"] = verdict.evidence.score;
  const auto interval = interval_of(verdict.evidence);
  into["low"] = interval.low.count();
  into["high"] = interval.high.count();
  into["leap"] = word_of(leap_words, leap_of(source.association));
  return into;
}

}  // namespace gnomon::core::control
