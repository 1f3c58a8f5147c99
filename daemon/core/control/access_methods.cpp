// SPDX-License-Identifier: GPL-2.0-or-later
// The methods that concern who may ask us something, and who has.
#include <array>

#include <boost/json/array.hpp>

#include "daemon/core/control/message.hpp"
#include "daemon/core/control/method.hpp"
#include "daemon/core/control/render.hpp"

namespace gnomon::core::control {

namespace json = boost::json;

namespace {

constexpr int most_clients = 500;  // in a reply, which 1 MiB must hold
constexpr int most_hits = 2'147'483'647;

AccessList read_list(Parameters& p) {
  const auto word = p.word("list", {"ntp", "commands"});
  return word == "commands" ? AccessList::commands : AccessList::ntp;
}

ChangeAccess read_change(Parameters& p) {
  ChangeAccess change{.list = read_list(p), .rule = {}};
  change.rule.allow = p.truth("allow");
  change.rule.all = p.truth_or("all", false);
  if (const auto subnet = p.subnet_if_any("subnet")) change.rule.subnet = *subnet;
  return change;
}

Answer check_access(Parameters& p, Reporter& reporter) {
  const auto list = read_list(p);
  const auto address = p.address("address");
  if (p.wrong()) return invalid_parameter(*p.wrong());
  return {.text = to_reply({{"allowed", reporter.allows(list, address)}})};
}

Answer clients(Parameters& p, Reporter& reporter) {
  const engine::ClientsQuery query{
      .first = static_cast<std::uint32_t>(p.integer_or("first", 0, 0, most_hits)),
      .most = most_clients,
      .least_hits = static_cast<std::uint32_t>(p.integer_or("least_hits", 0, 0, most_hits)),
      .reset = p.truth_or("reset", false)};
  if (p.wrong()) return invalid_parameter(*p.wrong());
  const auto page = reporter.clients(query);
  if (!page) return outcome(std::unexpected(page.error()));
  json::array list;
  for (const auto& client : page->clients) list.push_back(render(client));
  json::object reply{{"clients", std::move(list)}};
  if (page->next < page->indices) reply["next"] = page->next;
  return {.text = to_reply(reply)};
}

constexpr std::array access_table{
    Method{"io.gnomon.Control.Clients", Right::operate, "first least_hits reset", clients},
    Method{"io.gnomon.Control.ChangeAccess", Right::operate, "list allow subnet all", apply<read_change>},
    Method{"io.gnomon.Control.CheckAccess", Right::operate, "list address", check_access},
};

}  // namespace

Methods access_methods() {
  return access_table;
}

}  // namespace gnomon::core::control
