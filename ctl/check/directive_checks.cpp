// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/check/directive_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/access.hpp"
#include "config/table.hpp"
#include "config/words.hpp"

namespace gnomon::ctl {

namespace {

using Names = std::span<const std::string_view>;

// Their lines add to each other although the table does not say that each counts.
constexpr std::array<std::string_view, 8> adding{"bindaddress", "bindcmdaddress", "bindacqaddress",
                                                 "ratelimit",   "ntsratelimit",   "cmdratelimit",
                                                 "log",         "opencommands"};
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

void check_supported(const CheckedLine& line, Findings& findings) {
  for (const auto& name : line.alone.without_effect) {
    const auto option = name.find(' ');  // "server copy"
    findings.warning(line.place, option == name.npos ? std::string{} : name.substr(option + 1),
                     fmt::format("`{}` is not supported in this version, the {} has no effect", name,
                                 option == name.npos ? "line" : "option"));
  }
}

bool adds_up(std::string_view directive, const config::Table& table) {
  const auto row = std::ranges::find(table, directive, [](const auto& entry) { return entry.row.name; });
  return row == table.end() || row->repeats || is_in(adding, directive);
}

void check_replaced(const Configuration& configuration, Findings& findings) {
  const auto table = config::table();
  for (const auto& line : configuration.lines) {
    const auto* const last = configuration.find(line.directive);
    if (last == &line || adds_up(line.directive, table)) continue;
    findings.warning(
        line.place, {},
        fmt::format("`{}` is {} by the line {}:{}", line.directive,
                    line.words == last->words ? "repeated" : "replaced", last->place.file, last->place.line),
        "remove one of the two");
  }
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
  if (!serves && config.server.port == 0 && configuration.find("allow") != nullptr)
    findings.warning(configuration.find("port")->place, "0",
                     "`port 0`: NTP requests are not answered, though there is an `allow`",
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
  for (const auto& line : configuration.lines) check_supported(line, findings);
  check_replaced(configuration, findings);
  check_server(configuration, findings);
  check_nts_client(configuration, findings);
  check_leap_seconds(configuration, findings);
  check_limits(configuration, findings);
  check_real_time(configuration, findings);
  check_commands(configuration, findings);
}

}  // namespace gnomon::ctl
