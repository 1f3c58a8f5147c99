// SPDX-License-Identifier: GPL-2.0-or-later
// A server, the way to it and a clock, played: what a survey asks is answered by a few settings.
#pragma once

#include <algorithm>
#include <functional>
#include <set>
#include <vector>

#include "base/address.hpp"
#include "ctl/probe/survey.hpp"

namespace gnomon::testing {

// Without the session: keys are not copied.
inline ipc::Inspected copy_of(const ipc::Inspected& from) {
  return {.phase = from.phase,
          .connected = from.connected,
          .shaken = from.shaken,
          .finished = from.finished,
          .tls_version = from.tls_version,
          .cipher = from.cipher,
          .group = from.group,
          .chain = from.chain,
          .further_certificates = from.further_certificates,
          .names = from.names,
          .further_names = from.further_names,
          .name_fits = from.name_fits,
          .trusted = from.trusted,
          .distrust = from.distrust,
          .failure = from.failure};
}

struct Played : ipc::Inspected {
  explicit Played(ipc::Inspected from) : ipc::Inspected(std::move(from)) {}
  Played(const Played& from) : ipc::Inspected(copy_of(from)) {}
  Played& operator=(const Played& from) {
    static_cast<ipc::Inspected&>(*this) = copy_of(from);
    return *this;
  }
};

struct PlayedServer {
  // What of a request's size and form gets an answer.
  std::function<bool(const ipc::ProbeExchange& request, std::uint16_t size)> passes =
      [](const auto& /*request*/, auto /*size*/) { return true; };
  base::Seconds ahead{0.001};
  base::Seconds delay{0.01};
  ipc::SeenHeader header{.version = 4, .stratum = 2, .poll = 6, .precision = -23};
  std::optional<Played> key_exchange;  // of it the session is filled in; nullopt: refused
  std::string ntp_server;              // whom the session names; empty: nobody
  std::optional<std::uint16_t> ntp_port;
  bool nts = true;  // the NTP server opens the cookies
  bool interleaves = true;
  std::uint16_t strays = 0;  // with every request
  unsigned budget = 1000;    // requests until the rate is limited
  std::set<std::string> silent_addresses;
  std::uint8_t burst_answers = 16;
};

class PlayedWorld {
 public:
  explicit PlayedWorld(PlayedServer server, std::vector<std::string> addresses = {"192.0.2.1"})
      : server_(std::move(server)), addresses_(std::move(addresses)) {}

  ctl::probe::Context context() {
    return {
        .resolve = [this](const auto&, auto) { return std::optional{resolved()}; },
        .inspect = [this](const auto& request) { return inspect(request); },
        .exchange = [this](const auto& request) { return exchange(request); },
        .burst =
            [this](const auto& request) {
              return std::optional{
                  ipc::ProbeBurstAnswer{.sent = request.count, .answered = server_.burst_answers}};
            },
        .use_keys = [](auto&) {},
        .pause =
            [this](base::Duration time) {
              now_.mono += time;
              now_.real += time;
              if (time >= std::chrono::seconds{1}) ++long_pauses;
            },
        .ended =
            [this] { return ends_after > 0 && packets >= ends_after ? ending : ctl::probe::Ended::complete; },
        .now = [this] { return now_; },
        .given_port_error = [this](auto) { return given_port_error; },
        .own_clock = [this] { return own; },
        .begin = [](auto) {},
        .tell = [](const auto&) {}};
  }

  std::set<std::string> asked;  // addresses with ports
  unsigned packets = 0;
  unsigned key_exchanges = 0;
  unsigned long_pauses = 0;
  unsigned ends_after = 0;  // packets; 0: never
  ctl::probe::Ended ending = ctl::probe::Ended::interrupted;
  std::uint32_t given_port_error = 13;
  ctl::probe::OwnClock own{.synchronised = true, .max_error = base::Seconds{0.002}};

 private:
  ctl::probe::Addresses resolved() const {
    std::vector<base::IpAddress> all;
    for (const auto& text : addresses_) all.push_back(*base::parse_address(text));
    return all;
  }

  std::optional<ipc::Inspected> inspect(const ipc::Inspect& request) {
    ++key_exchanges;
    if (!server_.key_exchange)
      return ipc::Inspected{.failure = protocol::KeFailure{protocol::KeFailureReason::connect_refused, ""}};
    ipc::Inspected seen = copy_of(*server_.key_exchange);
    if (seen.failure) return seen;
    const bool common = std::ranges::find(request.session.aeads, 15) != request.session.aeads.end();
    if (!common) {
      seen.failure = protocol::KeFailure{protocol::KeFailureReason::no_common_aead, "none"};
      return seen;
    }
    seen.session.emplace();
    seen.session->cookies.assign(8, base::Buffer(100, 1));
    seen.session->ntp_server = server_.ntp_server;
    seen.session->ntp_port = server_.ntp_port;
    return seen;
  }

  static std::uint16_t size_of(const ipc::ProbeExchange& request) {
    if (request.form == ipc::ProbeForm::padded) return request.size;
    if (request.form == ipc::ProbeForm::nts)
      return static_cast<std::uint16_t>(228 + 104 * request.placeholders);
    return 48;
  }

  bool answers(const ipc::ProbeExchange& request, std::uint16_t size) {
    if (server_.silent_addresses.contains(base::to_string(request.server.address))) return false;
    if (packets > server_.budget && long_pauses == 0) return false;
    return server_.passes(request, size);
  }

  std::optional<ipc::ProbeAnswer> exchange(const ipc::ProbeExchange& request) {
    ++packets;
    asked.insert(base::to_string(request.server));
    const auto size = size_of(request);
    ipc::ProbeAnswer answer{.outcome = ipc::ProbeOutcome::silent,
                            .sent_size = size,
                            .of_others = server_.strays,
                            .sent = now_.real};
    if (!answers(request, size)) {
      now_.real += request.wait;
      return answer;
    }
    if (request.form == ipc::ProbeForm::nts && !server_.nts) {
      answer.outcome = ipc::ProbeOutcome::nak;
      return answer;
    }
    answer.outcome = ipc::ProbeOutcome::answered;
    answer.received = now_.real + base::to_duration(server_.delay);
    answer.received_size = size;
    answer.cookies =
        request.form == ipc::ProbeForm::nts ? static_cast<std::uint8_t>(1 + request.placeholders) : 0;
    answer.interleaved = request.interleaved && server_.interleaves;
    answer.header = server_.header;
    const auto there = now_.real + base::to_duration(server_.ahead + server_.delay / 2);
    answer.header->receive = base::to_ntp(there);
    answer.header->transmit = base::to_ntp(there);
    return answer;
  }

  PlayedServer server_;
  std::vector<std::string> addresses_;
  base::Now now_{base::RealTime{std::chrono::seconds{1'795'000'000}},
                 base::MonoTime{std::chrono::seconds{10}}};
};

// A certificate that is good for a year around the time of the world.
inline Played good_key_exchange() {
  using std::chrono::days;
  const base::RealTime now{std::chrono::seconds{1'795'000'000}};
  ipc::Inspected seen{.phase = ipc::KePhase::finished,
                      .connected = std::chrono::milliseconds{1},
                      .shaken = std::chrono::milliseconds{5},
                      .finished = std::chrono::milliseconds{6},
                      .tls_version = "TLSv1.3",
                      .cipher = "TLS13-AES128-GCM-SHA256",
                      .names = {"time.example.net"},
                      .name_fits = true,
                      .trusted = true};
  seen.chain.push_back({.subject = "/CN=time.example.net",
                        .issuer = "/CN=an authority",
                        .key = ipc::KeyKind::ecdsa,
                        .key_bits = 256,
                        .not_before = now - days{30},
                        .not_after = now + days{335}});
  return Played{std::move(seen)};
}

}  // namespace gnomon::testing
