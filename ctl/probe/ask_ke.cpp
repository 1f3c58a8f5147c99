// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/probe/ask_ke.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "config/network.hpp"
#include "protocol/crypto/aead_id.hpp"

namespace gnomon::ctl::probe {
namespace {

using protocol::AeadId;

// In the order in which gnomond asks for them.
constexpr std::array aeads{AeadId::aes_128_gcm_siv, AeadId::aes_siv_cmac_256, AeadId::aes_siv_cmac_512};

ipc::Inspect request_for(const Options& options, const Context& context, const base::IpAddress& address,
                         std::vector<std::uint16_t> numbers) {
  return {.session = {.name = options.host,
                      .server = {address, options.ke_port},
                      .aeads = std::move(numbers),
                      .date_check = protocol::DateCheck::ignore,
                      .verification_time = context.now().real}};
}

// Each by a key exchange of its own, but for the one that was chosen among all.
std::vector<Aead> ask_aeads(const Options& options, const Context& context, const base::IpAddress& address,
                            AeadId chosen) {
  std::vector<Aead> known;
  for (const auto aead : aeads) {
    const auto number = static_cast<std::uint16_t>(aead);
    if (aead == chosen) {
      known.push_back({number, true});
      continue;
    }
    const auto seen = context.inspect(request_for(options, context, address, {number}));
    if (!seen) break;
    const bool refused = seen->failure && seen->failure->reason == protocol::KeFailureReason::no_common_aead;
    // What else went wrong says nothing about it.
    if (seen->session || refused) known.push_back({number, seen->session.has_value()});
  }
  return known;
}

// Of several addresses the one of the same family.
base::Endpoint ntp_server(const Options& options, const Context& context, const base::IpAddress& address,
                          const protocol::NtsSession& session) {
  base::Endpoint server{address, session.ntp_port.value_or(options.port)};
  if (session.ntp_server.empty() || session.ntp_server == options.host) return server;
  if (const auto literal = base::parse_address(session.ntp_server)) {
    server.address = *literal;
    return server;
  }
  const auto found = context.resolve(session.ntp_server, base::AddressFamily::unspecified);
  if (!found || !*found || (*found)->empty()) return server;
  const auto& all = **found;
  if (std::ranges::find(all, address) != all.end()) return server;
  const auto fitting = std::ranges::find(all, address.family, &base::IpAddress::family);
  server.address = fitting == all.end() ? all.front() : *fitting;
  return server;
}

// As gnomond would refuse it, which knows this machine's other addresses as well (docs/decisions/0056).
std::string_view why_refused(const base::Endpoint& ntp, const base::IpAddress& from, const Options& options) {
  if (const auto why = config::why_impossible(ntp.address); !why.empty()) return why;
  if (ntp.address.is_loopback() && !from.is_loopback())
    return "it is this machine's own, and the NTS-KE server is another machine";
  return config::why_refused(ntp.port, options.port);
}

}  // namespace

std::optional<KeyExchange> ask_ke(const Options& options, const Context& context,
                                  const base::IpAddress& address) {
  context.begin("NTS key exchange");
  std::vector<std::uint16_t> numbers;
  for (const auto aead : aeads) numbers.push_back(static_cast<std::uint16_t>(aead));
  auto seen = context.inspect(request_for(options, context, address, std::move(numbers)));
  if (!seen) return std::nullopt;
  KeyExchange exchange{.seen = std::move(*seen)};
  if (const auto& session = exchange.seen.session) {
    context.begin("AEADs");
    exchange.aeads = ask_aeads(options, context, address, session->keys.aead);
    exchange.ntp = ntp_server(options, context, address, *session);
    exchange.elsewhere = exchange.ntp.address != address;
    exchange.refused = why_refused(exchange.ntp, address, options);
  }
  return exchange;
}

}  // namespace gnomon::ctl::probe
