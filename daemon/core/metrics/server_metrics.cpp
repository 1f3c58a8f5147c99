// SPDX-License-Identifier: GPL-2.0-or-later
// What is served to others, by each worker: time, keys, commands.
#include <array>

#include "daemon/core/metrics/table.hpp"

namespace gnomon::core::metrics {

namespace {

template <auto Value>
void of_each_worker(const View& view, Samples& samples) {
  for (const auto& worker : view.workers) samples.add(Value(worker.totals), {{"worker", worker.name}});
}

// Only where time is served at all.
template <auto Value>
void of_server(const View& view, Samples& samples) {
  if (!view.workers.empty()) samples.add(Value(view.server));
}

void requests(const View& view, Samples& samples) {
  for (const auto& worker : view.workers) {
    const auto& totals = worker.totals;
    samples.add(totals.hits - totals.drops, {{"worker", worker.name}, {"outcome", "answered"}});
    samples.add(totals.drops, {{"worker", worker.name}, {"outcome", "dropped"}});
  }
}

void timestamps(const View& view, Samples& samples) {
  for (const auto& worker : view.workers) {
    const auto add = [&](std::uint64_t count, std::string_view direction, std::string_view stamp) {
      samples.add(count, {{"worker", worker.name}, {"direction", direction}, {"stamp", stamp}});
    };
    const auto& totals = worker.totals;
    add(totals.daemon_rx, "receive", "daemon");
    add(totals.kernel_rx, "receive", "kernel");
    add(totals.hardware_rx, "receive", "hardware");
    add(totals.daemon_tx, "transmit", "daemon");
    add(totals.kernel_tx, "transmit", "kernel");
    add(totals.hardware_tx, "transmit", "hardware");
  }
}

// In the order of ipc::SessionEnd.
constexpr std::array<std::string_view, std::tuple_size_v<KeyExchanges>> session_ends{
    "served",  "denied",      "rate_limited", "displaced", "tls_failed",
    "no_alpn", "bad_request", "timeout",      "closed",    "internal"};

void key_exchanges(const View& view, Samples& samples) {
  if (view.certificates.empty()) return;
  for (std::size_t i = 0; i < session_ends.size(); ++i)
    samples.add(view.key_exchanges.at(i), {{"outcome", session_ends.at(i)}});
}

void usable(const View& view, Samples& samples) {
  for (const auto& one : view.certificates) samples.add(one.in_use_since ? 1 : 0, {{"file", one.file}});
}

void files_usable(const View& view, Samples& samples) {
  for (const auto& one : view.certificates) samples.add(one.refusal ? 0 : 1, {{"file", one.file}});
}

void secret_usable(const View& view, Samples& samples) {
  if (view.key_secret_usable) samples.add(*view.key_secret_usable ? 1 : 0, {});
}

template <auto Time>
void of_certificate(const View& view, Samples& samples) {
  for (const auto& one : view.certificates) {
    const base::RealTime time = Time(one.facts);
    if (one.in_use_since && time != base::RealTime::max())
      samples.add(base::to_seconds(time.time_since_epoch()).count(), {{"file", one.file}});
  }
}

void served_commands(const View& view, Samples& samples) {
  samples.add(view.server.command_hits, {{"outcome", "answered"}});
  samples.add(view.server.command_drops, {{"outcome", "refused"}});
}

constexpr std::array server_table{
    Metric{{"gnomon_server_requests", Type::counter, "",
            "NTP requests by clients; dropped: not allowed, over the rate limit, or not valid"},
           "worker outcome",
           requests},
    Metric{{"gnomon_server_authenticated_requests", Type::counter, "",
            "Those among the answered that were authenticated, by NTS or a symmetric key"},
           "worker",
           of_each_worker<[](const ServerTotals& t) { return t.authenticated; }>},
    Metric{{"gnomon_server_interleaved_requests", Type::counter, "",
            "Those among the answered in interleaved mode"},
           "worker",
           of_each_worker<[](const ServerTotals& t) { return t.interleaved; }>},
    Metric{{"gnomon_server_timestamps", Type::counter, "",
            "Timestamps of requests (receive) and responses (transmit), by who made them"},
           "worker direction stamp",
           timestamps},
    Metric{{"gnomon_server_interleaving_timestamps", Type::gauge, "",
            "Transmit timestamps remembered for clients in interleaved mode"},
           "",
           of_server<[](const control::ServerReport& s) { return s.ntp_timestamps; }>},
    Metric{{"gnomon_server_client_log_drops", Type::counter, "",
            "Clients forgotten as the memory for them (clientloglimit) was full"},
           "",
           of_server<[](const control::ServerReport& s) { return s.log_drops; }>},
    Metric{{"gnomon_server_key_exchanges", Type::counter, "",
            "Connections to the NTS-KE port, by how they ended; missing where no keys are served"},
           "outcome",
           key_exchanges},
    Metric{{"gnomon_server_certificate_usable", Type::gauge, "",
            "1 if a process presents the certificate of this file, 0 if none can use it"},
           "file",
           usable},
    Metric{{"gnomon_server_certificate_files_usable", Type::gauge, "",
            "0 if what is in the files of certificates and keys could not be used when they were read last; "
            "what "
            "was read before, if anything, is presented still"},
           "file",
           files_usable},
    Metric{{"gnomon_server_key_secret_usable", Type::gauge, "",
            "0 if the file of ntskeysecret could not be used when it was read last: what was read before, or "
            "after "
            "a restart nothing, gives the cookie keys"},
           "",
           secret_usable},
    Metric{{"gnomon_server_certificate_expiry_timestamp_seconds", Type::gauge, "seconds",
            "When the presented certificate ends, since 1970"},
           "file",
           of_certificate<[](const ipc::CertificateFacts& f) { return f.not_after; }>},
    Metric{{"gnomon_server_certificate_begin_timestamp_seconds", Type::gauge, "seconds",
            "When the presented certificate begins to be valid, since 1970"},
           "file",
           of_certificate<[](const ipc::CertificateFacts& f) { return f.not_before; }>},
    Metric{{"gnomon_control_requests", Type::counter, "",
            "Requests of gnomonctl, of chronyc and of programs like them"},
           "outcome",
           served_commands},
};

}  // namespace

std::span<const Metric> server_metrics() {
  return server_table;
}

}  // namespace gnomon::core::metrics
