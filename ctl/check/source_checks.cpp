// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/check/source_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/number.hpp"
#include "config/network.hpp"
#include "config/words.hpp"

namespace gnomon::ctl {

namespace {

using config::SourceKind;

// An option that another one of the same line leaves without effect.
struct Cancelled {
  const char* option;
  const char* by;
  const char* message;
  const char* advice;
};
constexpr std::array cancelled{
    Cancelled{"key", "nts", "'key' has no effect with 'nts': the source is authenticated by NTS",
              "remove one of the two"},
    Cancelled{"prefer", "noselect", "'prefer' has no effect with 'noselect': the source is never selected",
              "remove one of the two"},
    Cancelled{"trust", "noselect", "'trust' has no effect with 'noselect': the source is never selected",
              "remove one of the two"},
    Cancelled{"require", "noselect",
              "'require' with 'noselect': the clock is not synchronised until a source with 'require' is "
              "selectable, and this one never is",
              "remove one of the two"},
    Cancelled{"ipv6", "ipv4", "of 'ipv4' and 'ipv6' only the last one has an effect",
              "remove one of the two"},
};

// Options that say something about NTS.
constexpr std::array nts_options{"ntsport", "certset", "maxntsretry"};

bool is_active(const CheckedSource& source) {
  return !source.source.no_select;
}

void check_cancelled(const CheckedSource& source, Findings& findings) {
  for (const auto& pair : cancelled)
    if (source.has(pair.option) && source.has(pair.by))
      findings.warning(source.place, pair.option, pair.message, pair.advice);
  for (const char* option : nts_options)
    if (source.has(option) && !source.has("nts"))
      findings.warning(source.place, option, fmt::format("'{}' has no effect without 'nts'", option),
                       "add 'nts', or remove the option");
  if (source.has("maxsources") && source.source.kind != SourceKind::pool)
    findings.warning(source.place, "maxsources", "'maxsources' has an effect for a pool only",
                     "write `pool`, or remove the option");
  if (source.source.offline && !source.source.auto_offline)
    findings.note(source.place, "offline",
                  fmt::format("the source is not queried before `gnomonctl online`{}",
                              source.source.iburst ? ", which begins with the burst of 'iburst'" : ""));
}

// The whole number after an option, where there is one.
std::optional<int> number_after(const CheckedSource& source, std::string_view option) {
  const auto found = std::ranges::find(source.words, option);
  if (found == source.words.end() || found + 1 == source.words.end()) return std::nullopt;
  return base::parse_number<int>(*(found + 1));
}

void check_limits(const CheckedSource& source, Findings& findings) {
  const auto shortest = number_after(source, "minpoll").value_or(6);
  const auto longest = number_after(source, "maxpoll").value_or(10);
  if (shortest > longest)
    findings.warning(source.place, source.has("maxpoll") ? "maxpoll" : "minpoll",
                     fmt::format("'minpoll' ({}) is above 'maxpoll' ({}): both are {} then", shortest,
                                 longest, source.source.max_poll.value),
                     "swap or correct them");
  const auto& fewest = source.source.min_samples;
  const auto& most = source.source.max_samples;
  if (fewest && most && *most > 0 && *fewest > *most)
    findings.warning(source.place, "minsamples",
                     fmt::format("'minsamples' ({}) is above 'maxsamples' ({})", *fewest, *most));
  constexpr std::uint16_t ke_port = 4460;
  if (source.source.nts && source.source.port == ke_port)
    findings.warning(
        source.place, "port", "4460 is the port of key exchanges, and `port` is the one of NTP",
        "write `ntsport` where the key exchange has another port than 4460; `port` defaults to 123");
  if (source.source.nts && source.source.version != 0 && source.source.version != 4)
    findings.error(source.place, "version", "NTS is a part of NTP version 4: no response will be accepted",
                   "remove 'version'");
}

void check_address(const CheckedSource& source, Findings& findings) {
  const auto address = base::parse_address(source.source.name);
  const auto wanted = source.source.family;
  if (!address) return;
  if (const auto why = config::why_impossible(*address); !why.empty())
    findings.warning(
        source.place, source.source.name,
        fmt::format("{} can be no server's address: {}", source.source.name, why),
        why.contains("link-local") ? "write it with its interface: `fe80::1%eth0`" : "correct the address");
  if (wanted == base::AddressFamily::unspecified || address->family == wanted) return;
  const bool ipv4 = wanted == base::AddressFamily::ipv4;
  findings.error(source.place, ipv4 ? "ipv4" : "ipv6",
                 fmt::format("{} is not an {} address: the source is never queried", source.source.name,
                             ipv4 ? "IPv4" : "IPv6"),
                 "remove the option, or correct the address");
}

// As they are written elsewhere: the log would say for ever that there is no such name.
void check_name(const CheckedSource& source, Findings& findings) {
  const std::string_view name = source.source.name;
  if (std::ranges::count(name, ':') != 1) return;
  findings.error(
      source.place, source.source.name, "the port is not a part of the name: it is the option 'port'",
      fmt::format("write `{} port {}`", name.substr(0, name.find(':')), name.substr(name.find(':') + 1)));
}

// What the key exchange verifies certificates with.
void check_trust(const CheckedSource& source, const config::NtsSettings& nts, Findings& findings) {
  if (!source.source.nts) return;
  if (nts.aeads.empty())
    return findings.error(source.place, "nts", "'nts' cannot work: the list of `ntsaeads` is empty",
                          "remove `ntsaeads`");
  const auto set = source.source.cert_set;
  const bool has_own =
      std::ranges::any_of(nts.trusted_certificates, [set](const auto& each) { return each.set == set; });
  if (has_own || (set == 0 && !nts.no_system_certificates)) return;
  if (set == 0)
    findings.error(source.place, "nts", "no certificate authority is trusted: every key exchange will fail",
                   "remove `nosystemcert`, or add `ntstrustedcerts FILE`");
  else
    findings.error(source.place, "certset",
                   fmt::format("set {} has no trusted certificates: every key exchange will fail", set),
                   fmt::format("add `ntstrustedcerts {} FILE`", set));
}

void check_duplicates(const std::vector<CheckedSource>& sources, Findings& findings) {
  for (auto later = sources.begin(); later != sources.end(); ++later) {
    const auto earlier = std::ranges::find_if(sources.begin(), later, [&](const CheckedSource& other) {
      return config::equal_ignoring_case(other.source.name, later->source.name) &&
             other.source.port == later->source.port &&
             (other.source.kind == SourceKind::pool) == (later->source.kind == SourceKind::pool);
    });
    if (earlier == later) continue;
    const bool pool = later->source.kind == SourceKind::pool;
    findings.warning(
        later->place, later->source.name,
        fmt::format("{} is configured before, in {}:{}{}", later->source.name, earlier->place.file,
                    earlier->place.line, pool ? "" : ": where both lead to one address it is used once"),
        "remove one of the two");
  }
}

int most_selectable(const Configuration& configuration) {
  int count = 0;
  for (const auto& source : configuration.sources)
    if (is_active(source)) count += source.source.kind == SourceKind::pool ? source.source.max_sources : 1;
  return count;
}

void check_quorum(const Configuration& configuration, Findings& findings) {
  const int most = most_selectable(configuration);
  const auto* const line = configuration.find("minsources");
  const int wanted = configuration.config.selection.min_sources;
  if (line == nullptr || wanted <= most) return;
  const auto message =
      fmt::format("`minsources {}` needs more sources than the {} that can be selected", wanted, most);
  if (configuration.config.process.source_dirs.empty())
    findings.error(line->place, line->words.front(), message + ": the clock will never be synchronised",
                   "add sources, or lower minsources");
  else
    findings.warning(line->place, line->words.front(),
                     message + ": the clock is synchronised only if `sourcedir` gets more");
}

void check_selection(const Configuration& configuration, Findings& findings) {
  const auto& config = configuration.config;
  const bool may_come = !config.process.source_dirs.empty();
  if (configuration.sources.empty()) {
    if (!configuration.is_read) return;
    if (may_come || config.server.local || !config.hardware.reference_clocks.empty()) return;
    findings.warning({}, {}, "there is no time source: nothing is measured and the clock is not steered",
                     "add a line such as `server time.example.net iburst nts`");
    return;
  }
  if (std::ranges::none_of(configuration.sources, is_active) && !may_come)
    findings.warning(configuration.sources.front().place, "noselect",
                     "every source has 'noselect': the clock is not steered",
                     "remove 'noselect' from those that are to be followed");
  const auto* const mode = configuration.find("authselectmode");
  const bool authenticated = std::ranges::any_of(configuration.sources, [](const CheckedSource& source) {
    return is_active(source) && (source.source.nts || source.source.key_id != 0);
  });
  if (config.selection.auth_select_mode == config::AuthSelectMode::require && mode != nullptr &&
      !authenticated && !may_come)
    findings.error(mode->place, mode->words.front(),
                   "`authselectmode require`, and no source is authenticated: the clock will never be "
                   "synchronised",
                   "add 'nts' to the sources that support it");
  if (config.selection.auth_select_mode != config::AuthSelectMode::require || !authenticated) return;
  for (const auto& source : configuration.sources)
    if (is_active(source) && !source.source.is_authenticated())
      findings.warning(
          source.place, source.source.name,
          "it is measured and never selected: `authselectmode require` wants authenticated sources",
          "add 'nts' or a 'key', or write `authselectmode mix`");
}

void check_peer(const CheckedSource& source, const config::ServerSettings& server, Findings& findings) {
  if (source.source.kind != SourceKind::peer) return;
  if (source.source.nts)
    findings.error(source.place, "nts", "a peer cannot be protected by NTS (RFC 8915): it will not be used",
                   "use a `key`, or write `server` here and there");
  if (server.port == 0)
    findings.warning(
        source.place, {},
        "with `port 0` packets to the peer leave from a random port, by which it does not recognise us",
        "set `port`, or write `server`");
}

}  // namespace

void check_sources(const Configuration& configuration, Findings& findings) {
  for (const auto& source : configuration.sources) {
    check_peer(source, configuration.config.server, findings);
    check_cancelled(source, findings);
    check_limits(source, findings);
    check_address(source, findings);
    check_name(source, findings);
    check_trust(source, configuration.config.nts, findings);
  }
  check_duplicates(configuration.sources, findings);
  check_quorum(configuration, findings);
  check_selection(configuration, findings);
}

}  // namespace gnomon::ctl
