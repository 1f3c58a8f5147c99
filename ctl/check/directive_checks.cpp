// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/check/directive_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "base/access.hpp"
#include "base/address.hpp"
#include "config/table.hpp"
#include "config/words.hpp"

namespace gnomon::ctl {

namespace {

using Names = std::span<const std::string_view>;

// Their lines add to each other although the table does not say that each counts.
constexpr std::array<std::string_view, 8> adding{"bindaddress", "bindcmdaddress", "bindacqaddress",
                                                 "ratelimit",   "ntsratelimit",   "cmdratelimit",
                                                 "log",         "opencommands"};
constexpr std::array<std::string_view, 3> one_of_a_family{"bindaddress", "bindcmdaddress", "bindacqaddress"};
constexpr std::array<std::string_view, 8> of_server{
    "bindaddress",    "binddevice",  "ratelimit",  "ntpworkers",
    "clientloglimit", "noclientlog", "smoothtime", "deny"};
constexpr std::array<std::string_view, 5> of_ke_server{"ntsport", "ntsprocesses", "maxntsconnections",
                                                       "ntsntpserver", "ntsratelimit"};
constexpr std::array<std::string_view, 4> of_nts_client{"ntstrustedcerts", "nosystemcert", "ntsrefresh",
                                                        "nocerttimecheck"};

bool is_in(Names names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

const config::TableEntry* entry_of(std::string_view directive, const config::Table& table) {
  const auto entry = std::ranges::find(table, directive, [](const auto& each) { return each.row.name; });
  return entry == table.end() ? nullptr : &*entry;
}

void check_supported(const CheckedLine& line, const config::Table& table, Findings& findings) {
  for (const auto& name : line.alone.without_effect) {
    const auto* const entry = entry_of(name, table);
    if (entry != nullptr && !entry->row.effect) {
      findings.note(line.place, {}, fmt::format("`{}` is obsolete: it does nothing, here as in chrony", name),
                    "nothing is missing without it: the line can be removed");
      continue;
    }
    const auto option = name.find(' ');  // "server copy"
    findings.warning(line.place, option == name.npos ? std::string{} : name.substr(option + 1),
                     fmt::format("`{}` is not supported in this version, the {} has no effect", name,
                                 option == name.npos ? "line" : "option"));
  }
}

bool adds_up(std::string_view directive, const config::Table& table) {
  const auto* const entry = entry_of(directive, table);
  return entry == nullptr || entry->repeats || is_in(adding, directive);
}

void check_effect(const Configuration& configuration, Findings& findings) {
  const auto table = config::table();
  for (const auto& line : configuration.lines) {
    check_supported(line, table, findings);
    const auto* const last = configuration.find(line.directive);
    if (last == &line || adds_up(line.directive, table)) continue;
    findings.warning(
        line.place, {},
        fmt::format("`{}` is {} by the line {}:{}", line.directive,
                    line.words == last->words ? "repeated" : "replaced", last->place.file, last->place.line),
        "remove one of the two");
  }
}

// One of each family is bound.
void check_addresses(const Configuration& configuration, Findings& findings) {
  const auto& lines = configuration.lines;
  for (auto line = lines.begin(); line != lines.end(); ++line) {
    if (!is_in(one_of_a_family, line->directive) || line->words.empty()) continue;
    const auto address = base::parse_address(line->words.front());
    const auto later = std::find_if(line + 1, lines.end(), [&](const CheckedLine& other) {
      const auto theirs = other.directive == line->directive && !other.words.empty()
                              ? base::parse_address(other.words.front())
                              : std::nullopt;
      return address && theirs && theirs->family == address->family;
    });
    if (later == lines.end()) continue;
    findings.warning(
        line->place, line->words.front(),
        fmt::format("`{}` is replaced by the line {}:{}: of each family one address is used", line->directive,
                    later->place.file, later->place.line),
        line->directive == "bindaddress"
            ? "remove both to serve all addresses, and keep requests to others out with a firewall"
            : "remove one of the two");
  }
}

void check_user(const Configuration& configuration, Findings& findings) {
  const auto* const line = configuration.find("user");
  if (line != nullptr && configuration.config.process.user == "root")
    findings.note(line->place, "root",
                  "`user root`: all processes keep root's identity, and only their sandboxes hold them",
                  "remove the line: `_gnomon` is the user then");
}

void warn_of(Names names, const Configuration& configuration, std::string_view why, std::string_view advice,
             Findings& findings) {
  for (const auto& line : configuration.lines)
    if (is_in(names, line.directive))
      findings.warning(line.place, {}, fmt::format("`{}` has no effect: {}", line.directive, why),
                       std::string{advice});
}

void check_server(const Configuration& configuration, Findings& findings) {
  const auto& config = configuration.config;
  constexpr std::array<std::string_view, 1> certificates{"ntsservercert"};
  constexpr std::array<std::string_view, 1> limit{"ratelimit"};
  const bool gives_keys = config.serves_ke() && base::AccessTable{config.server.access}.allows_any();
  const bool serves = config.serves_ntp() || gives_keys;
  const auto* const port = configuration.find("port");
  if (!serves && config.server.port == 0 && port != nullptr && configuration.find("allow") != nullptr)
    findings.warning(port->place, "0", "`port 0`: NTP requests are not answered, though there is an `allow`",
                     "remove one of the two");
  else if (!serves)
    warn_of(of_server, configuration, "no client is allowed", "add `allow`, or remove the line", findings);
  if (config.nts.certificates.empty())
    warn_of(of_ke_server, configuration, "there is no `ntsservercert`",
            "add ntsservercert and ntsserverkey, or remove the line", findings);
  else if (!gives_keys)
    warn_of(certificates, configuration,
            config.nts.port == 0 ? "`ntsport 0` turns key exchanges off" : "no client is allowed",
            config.nts.port == 0 ? "" : "add `allow`", findings);
  if (config.server.no_client_log && config.server.rate_limit)
    warn_of(limit, configuration, "`noclientlog` keeps nothing about clients", "remove one of the two",
            findings);
}

void check_broadcast(const Configuration& configuration, Findings& findings) {
  if (configuration.config.server.port != 0) return;
  for (const auto& line : configuration.lines)
    if (line.directive == "broadcast")
      findings.error(line.place, {}, "`broadcast` sends nothing with `port 0`: it sends from the NTP port",
                     "remove one of the two");
}

// Neither is bound where the other is.
void check_command_port(const Configuration& configuration, Findings& findings) {
  const auto& config = configuration.config;
  if (!config.serves_ntp() || config.control.command_port != config.server.port) return;
  const auto* const line =
      configuration.find("cmdport") != nullptr ? configuration.find("cmdport") : configuration.find("port");
  if (line != nullptr)
    findings.error(line->place, line->words.front(),
                   fmt::format("UDP port {} cannot be both `port` and `cmdport`: chronyc cannot reach the "
                               "daemon there",
                               config.server.port),
                   "give each its own, or set `cmdport 0`");
}

void check_nts_client(const Configuration& configuration, Findings& findings) {
  const bool uses_nts = std::ranges::any_of(configuration.sources,
                                            [](const CheckedSource& source) { return source.source.nts; });
  if (uses_nts || !configuration.config.process.source_dirs.empty()) return;
  warn_of(of_nts_client, configuration, "no source has the option 'nts'", "", findings);
}

void check_leap_seconds(const Configuration& configuration, Findings& findings) {
  constexpr std::array<std::string_view, 1> zone{"leapsectz"};
  if (configuration.find("leapseclist") != nullptr)
    warn_of(zone, configuration, "`leapseclist` takes precedence until its list expires",
            "keep it only as a fallback", findings);
}

void check_limits(const Configuration& configuration, Findings& findings) {
  const auto& selection = configuration.config.selection;
  const auto* const most = configuration.find("maxsamples");
  if (most != nullptr && selection.max_samples > 0 && selection.min_samples > selection.max_samples)
    findings.warning(most->place, most->words.front(),
                     fmt::format("`maxsamples` ({}) is below `minsamples` ({})", selection.max_samples,
                                 selection.min_samples));
  const auto* const stratum = configuration.find("maxstratum");
  if (stratum != nullptr && selection.max_stratum < selection.min_stratum)
    findings.error(stratum->place, stratum->words.front(),
                   "`maxstratum` is below `minstratum`: no source will be selected");
}

// The package's unit denies both, and gnomond does not start without what it was told to do.
void check_real_time(const Configuration& configuration, Findings& findings) {
  for (const auto& line : configuration.lines)
    if (line.directive == "lock_all" || line.directive == "sched_priority")
      findings.note(
          line.place, {},
          fmt::format("gnomond.service does not start with `{}` unless a drop-in allows it", line.directive),
          "see real-time.conf among the examples in /usr/share/doc/gnomon");
}

// Without `bindcmdaddress` commands over UDP are taken on loopback only.
void check_commands(const Configuration& configuration, Findings& findings) {
  const auto& addresses = configuration.config.control.command_addresses;
  if (!std::ranges::all_of(addresses, &base::IpAddress::is_loopback)) return;
  for (const auto& line : configuration.lines) {
    const bool of_others =
        line.directive == "cmdallow" &&
        (line.words.empty() || (!line.words.front().starts_with("127") && line.words.front() != "::1"));
    if (of_others)
      findings.warning(line.place, {},
                       "`cmdallow` has no effect: commands over UDP are awaited on loopback only",
                       "add `bindcmdaddress` with an address of this machine, or remove the line");
  }
}

}  // namespace

void check_directives(const Configuration& configuration, Findings& findings) {
  check_effect(configuration, findings);
  check_addresses(configuration, findings);
  check_user(configuration, findings);
  check_server(configuration, findings);
  check_broadcast(configuration, findings);
  check_command_port(configuration, findings);
  check_nts_client(configuration, findings);
  check_leap_seconds(configuration, findings);
  check_limits(configuration, findings);
  check_real_time(configuration, findings);
  check_commands(configuration, findings);
}

}  // namespace gnomon::ctl
