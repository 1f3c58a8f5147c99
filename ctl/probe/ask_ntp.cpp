// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/probe/ask_ntp.hpp"

#include <array>
#include <cerrno>

#include "ctl/probe/sizes.hpp"

namespace gnomon::ctl::probe {
namespace {

using ipc::ProbeExchange;
using ipc::ProbeForm;
using ipc::ProbeOutcome;
using ipc::ProbePort;

constexpr unsigned samples_wanted = 4;
// Those that NTS has with a cookie of 100 octets and 0, 2, 4 and 7 placeholders are among them. Below 1280
// octets with the headers of IPv6: every network carries that whole.
constexpr std::array<std::uint16_t, 7> padded_sizes{76, 124, 228, 436, 644, 956, 1072};

Tried tried(const ipc::ProbeAnswer& answer) {
  return answer.outcome == ProbeOutcome::answered ? Tried::yes : Tried::failed;
}

void try_interleaved(Asker& asker, AtAddress& at) {
  at.interleaved = Tried::failed;
  // A server may need more than one answer to begin with it.
  if (asker.ask({}, 2).outcome != ProbeOutcome::answered) return;
  for (int i = 0; i < 2 && at.interleaved != Tried::yes; ++i) {
    const auto answer = asker.ask({.port = ProbePort::same, .interleaved = true}, 1);
    if (answer.outcome == ProbeOutcome::answered && answer.interleaved) at.interleaved = Tried::yes;
  }
}

void try_given_port(const Context& context, Asker& asker, AtAddress& at) {
  at.given_port_error = context.given_port_error(at.address.family);
  if (at.given_port_error != 0) return;
  at.given_port = tried(asker.ask({.port = ProbePort::given}, 2));
}

void try_padded(Asker& asker, Exchanges& plain) {
  asker.begin("sizes");
  std::vector<ProbeExchange> requests;
  for (const auto size : padded_sizes) requests.push_back({.form = ProbeForm::padded, .size = size});
  plain.sizes = try_sizes(asker, requests);
}

}  // namespace

void ask_plain(const Options& options, const Context& context, AtAddress& at) {
  auto& plain = at.plain;
  plain.server = {at.address, options.port};
  Asker asker{context, plain};
  asker.begin("NTP");
  const auto first = asker.ask({}, 3).outcome;
  for (unsigned i = 1; i < samples_wanted && first == ProbeOutcome::answered; ++i) asker.ask({}, 1);
  plain.first_sent = plain.sent;
  plain.first_answered = plain.answered;
  if (first == ProbeOutcome::answered || first == ProbeOutcome::silent) try_given_port(context, asker, at);
  if (first != ProbeOutcome::answered) return;
  asker.begin("version 3, interleaved mode");
  at.version_3 = tried(asker.ask({.version = 3}, 2));
  try_interleaved(asker, at);
  try_padded(asker, plain);
}

void ask_nts(const Options& /*options*/, const Context& context, AtAddress& at) {
  auto& exchange = *at.key_exchange;
  context.use_keys(*exchange.seen.session);
  at.nts.emplace();
  at.nts->server = exchange.ntp;
  Asker asker{context, *at.nts};
  // Plain requests are the measure where they are answered at all.
  const bool same = at.plain.answered > 0 && exchange.ntp == at.plain.server;
  // A filter may want requests from one port alone.
  const bool one_port = at.plain.first_answered == 0 && at.given_port == Tried::yes;
  const auto port = one_port ? ProbePort::given : ProbePort::any;
  asker.set_usual({.form = same ? ProbeForm::plain : ProbeForm::nts, .port = port});
  asker.begin("NTS");
  std::vector<ProbeExchange> requests;
  for (std::uint8_t placeholders = 0; placeholders <= ipc::most_probe_placeholders; ++placeholders)
    requests.push_back({.form = ProbeForm::nts, .port = port, .placeholders = placeholders});
  at.nts->sizes = try_sizes(asker, requests, at.plain.fell_silent);
}

}  // namespace gnomon::ctl::probe
