// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/role_setup.hpp"

#include "ipc/argument_words.hpp"

namespace gnomon::ipc {

namespace {

constexpr Limits descriptor{0, 65535};
constexpr Limits descriptor_or_none{-1, 65535};
constexpr Limits number_16{0, 65535};
constexpr Limits number_32{0, 4294967295.0};
constexpr Limits any_int{-2147483648.0, 2147483647.0};
constexpr Limits ratio_ppm{0, 1e6};
constexpr Limits seconds{0, 1e12};
constexpr Limits log2_seconds{-19, 12};
constexpr Limits rtc_reference{0, 9e9};
constexpr Limits rtc_fast{-1e9, 1e9};        // s
constexpr Limits rtc_gain{-500000, 500000};  // ppm

// One line per word of a role. What is written by the launcher is read by the role from the same line.
template <class Visitor>
void visit(RoleIdentity& s, Visitor& v) {
  v.field("user", s.user);
  v.field("lock-memory", s.lock_memory);
  v.field("report-only", s.report_only);
  v.number("log-fd", s.log_fd, descriptor_or_none);
}

template <class Visitor>
void visit(ClockSetup& s, Visitor& v) {
  visit(s.identity, v);
  v.number("max-slew-rate", s.budget.max_slew_rate_ppm, ratio_ppm);
  v.number("max-drift", s.budget.max_drift_ppm, ratio_ppm);
  v.number("step-threshold", s.budget.step_threshold_s, seconds);
  v.number("step-limit", s.budget.step_limit, any_int);
  v.number("max-change", s.budget.max_change_s, seconds);
  v.number("max-change-start", s.budget.max_change_start, any_int);
  v.field("leap-maker", s.budget.leap_maker);
  v.field("first-time", s.first_time.wanted);
  v.number("rtc-reference", s.first_time.rtc_reference, rtc_reference);
  v.number("rtc-fast", s.first_time.rtc_fast_s, rtc_fast);
  v.number("rtc-gain", s.first_time.rtc_gain_ppm, rtc_gain);
  v.number("not-before", s.first_time.not_before_s, seconds);
  v.number("rtc-fd", s.rtc.fd, descriptor_or_none);
  v.field("rtc-device", s.rtc.device);
  v.field("rtc-on-utc", s.rtc.on_utc);
  v.field("rtc-tracked", s.rtc.tracked);
  v.number("memory-fd", s.memory_fd, descriptor_or_none);
}

template <class Visitor>
void visit(ResolveSetup& s, Visitor& v) {
  visit(s.identity, v);
}

template <class Visitor>
void visit(KeServerSetup& s, Visitor& v) {
  visit(s.identity, v);
  v.numbers("listener", s.listeners, descriptor);
  v.list("certificate", s.certificates);
  v.number("ntp-port", s.ntp_port, number_16);
  v.field("ntp-server", s.ntp_server);
  v.numbers("aead", s.aeads, number_16);
  v.number("max-connections", s.max_connections, number_32);
  v.list("access", s.access);
  v.field("rate-limit", s.rate_limit);
  v.number("rate-interval", s.rate_interval, log2_seconds);
  v.number("rate-burst", s.rate_burst, {1, 255});
  v.number("rate-leak", s.rate_leak, {1, 4});
  v.number("rate-fd", s.rate_fd, descriptor_or_none);
  v.field("replaces", s.replaces);
}

template <class Visitor>
void visit(KeClientSetup& s, Visitor& v) {
  visit(s.identity, v);
  v.field("system-certificates", s.system_certificates);
  v.list("trusted", s.trusted);
  v.list("bind", s.bind_addresses);
}

template <class Visitor>
void visit(RefclockSetup& s, Visitor& v) {
  visit(s.identity, v);
  v.list("refclock", s.devices);
  v.numbers("sock-fd", s.sockets, descriptor_or_none);
  v.field("at-once", s.at_once);
}

template <class Visitor>
void visit(MetricsSetup& s, Visitor& v) {
  visit(s.identity, v);
  v.numbers("listener", s.listeners, descriptor);
}

template <class Visitor>
void visit(ProbeSetup& s, Visitor& v) {
  visit(s.identity, v);
  v.numbers("socket", s.sockets, descriptor);
}

template <class Visitor>
void visit(CoreSetup& s, Visitor& v) {
  visit(s.identity, v);
  v.field("program", s.program);
  v.field("mode", s.mode);
  v.field("no-clock-control", s.no_clock_control);
  v.field("no-start-adjustments", s.no_start_adjustments);
  v.field("restore-history", s.restore_history);
  v.field("family", s.family);
  v.number("timeout", s.timeout, seconds);
  v.number("log-level", s.log_level, any_int);
  v.number("config-fd", s.config_fd, descriptor_or_none);
  v.number("clock-fd", s.clock_fd, descriptor_or_none);
  v.number("resolve-fd", s.resolve_fd, descriptor_or_none);
  v.number("ke-client-fd", s.ke_client_fd, descriptor_or_none);
  v.number("refclock-fd", s.refclock_fd, descriptor_or_none);
  v.number("metrics-fd", s.metrics_fd, descriptor_or_none);
  v.numbers("ke-server-fd", s.ke_server_fds, descriptor);
  v.numbers("ntp-socket", s.ntp_sockets, descriptor);
  v.numbers("acquisition-socket", s.acquisition_sockets, descriptor);
  v.numbers("peer-socket", s.peer_sockets, descriptor);
  v.numbers("ptp-socket", s.ptp_sockets, descriptor);
  v.numbers("ptp-client-socket", s.ptp_client_sockets, descriptor);
  v.number("key-secret-fd", s.key_secret_fd, descriptor_or_none);
  v.number("symmetric-keys-fd", s.symmetric_keys_fd, descriptor_or_none);
  v.number("control-fd", s.control_fd, descriptor_or_none);
  v.numbers("command-socket", s.command_sockets, descriptor);
  v.number("command-relay-fd", s.command_relay_fd, descriptor_or_none);
  v.number("sources-fd", s.sources_fd, descriptor_or_none);
  v.number("mailer-fd", s.mailer_fd, descriptor_or_none);
  v.number("event-memory-fd", s.event_memory_fd, descriptor_or_none);
  v.number("measurement-memory-fd", s.measurement_memory_fd, descriptor_or_none);
  v.number("operators-group", s.operators_group, {-1, 4294967295.0});
}

}  // namespace

template <class Setup>
std::vector<std::string> to_arguments(const Setup& setup) {
  Setup copy = setup;  // the fields are listed once, for reading and writing
  WordWriter writer;
  visit(copy, writer);
  return writer.take();
}
template <class Setup>
std::expected<Setup, std::string> from_arguments(std::span<const std::string> words) {
  Setup setup;
  for (const auto& word : words) {
    WordReader reader{word};
    visit(setup, reader);
    if (!reader.known()) return std::unexpected("unknown argument '" + word + "'");
    if (!reader.good()) return std::unexpected("bad or out-of-range value in argument '" + word + "'");
  }
  return setup;
}

template std::vector<std::string> to_arguments(const ClockSetup&);
template std::vector<std::string> to_arguments(const ResolveSetup&);
template std::vector<std::string> to_arguments(const KeServerSetup&);
template std::vector<std::string> to_arguments(const KeClientSetup&);
template std::vector<std::string> to_arguments(const RefclockSetup&);
template std::vector<std::string> to_arguments(const MetricsSetup&);
template std::vector<std::string> to_arguments(const ProbeSetup&);
template std::vector<std::string> to_arguments(const CoreSetup&);
template std::expected<ClockSetup, std::string> from_arguments(std::span<const std::string>);
template std::expected<ResolveSetup, std::string> from_arguments(std::span<const std::string>);
template std::expected<KeServerSetup, std::string> from_arguments(std::span<const std::string>);
template std::expected<KeClientSetup, std::string> from_arguments(std::span<const std::string>);
template std::expected<RefclockSetup, std::string> from_arguments(std::span<const std::string>);
template std::expected<MetricsSetup, std::string> from_arguments(std::span<const std::string>);
template std::expected<ProbeSetup, std::string> from_arguments(std::span<const std::string>);
template std::expected<CoreSetup, std::string> from_arguments(std::span<const std::string>);

}  // namespace gnomon::ipc
