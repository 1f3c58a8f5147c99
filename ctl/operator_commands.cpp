// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/operator_commands.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <ctime>
#include <string_view>
#include <utility>

#include "ctl/render/wall_time.hpp"

namespace gnomon::ctl {

namespace {

using Words = std::vector<std::string>;
using Parsed = std::expected<Asking, std::string>;

std::optional<double> number(std::string_view word) {
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  const bool whole = error == std::errc{} && end == word.data() + word.size();
  return whole && std::isfinite(value) ? std::optional{value} : std::nullopt;
}

Parsed one_number(const Words& words, const char* method, const char* parameter, const char* usage) {
  const auto value = words.size() == 1 ? number(words[0]) : std::nullopt;
  if (!value) return std::unexpected(usage);
  return Asking{method, {{parameter, *value}}};
}

Parsed makestep(const Words& words) {
  if (words.empty()) return Asking{"MakeStep", {}};
  const auto threshold = number(words[0]);
  const auto limit = words.size() == 2 ? number(words[1]) : std::nullopt;
  if (!threshold || !limit) return std::unexpected("makestep [THRESHOLD LIMIT]");
  return Asking{"AllowSteps", {{"threshold", *threshold}, {"limit", *limit}}};
}

struct LocalOption {
  std::string_view word;
  const char* parameter;
  bool takes_value = true;
};
constexpr std::array local_options{
    LocalOption{"stratum", "stratum"},        LocalOption{"distance", "distance"},
    LocalOption{"activate", "activate"},      LocalOption{"orphan", "orphan", false},
    LocalOption{"waitsynced", "wait_synced"}, LocalOption{"waitunsynced", "wait_unsynced"}};

Parsed local(const Words& words) {
  const char* const usage =
      "local off, or local [stratum N] [distance S] [activate S] [orphan] [waitsynced S] [waitunsynced S]";
  if (words.size() == 1 && words[0] == "off") return Asking{"SetLocal", {{"on", false}}};
  Asking asking{"SetLocal", {{"on", true}}};
  for (std::size_t i = 0; i < words.size(); ++i) {
    const LocalOption* found = nullptr;
    for (const auto& option : local_options)
      if (option.word == words[i]) found = &option;
    if (found == nullptr) return std::unexpected(usage);
    if (!found->takes_value) {
      asking.parameters[found->parameter] = true;
      continue;
    }
    const auto value = i + 1 < words.size() ? number(words[++i]) : std::nullopt;
    if (!value) return std::unexpected(usage);
    asking.parameters[found->parameter] = *value;
  }
  return asking;
}

Parsed manual(const Words& words) {
  const std::string what = words.empty() ? "" : words[0];
  if (words.size() == 1 && (what == "on" || what == "off"))
    return Asking{"SetManual", {{"on", what == "on"}}};
  if (words.size() == 1 && what == "reset") return Asking{"ResetManual", {}};
  if (words.size() == 1 && what == "list") return Asking{"ManualList", {}, render_manual_list};
  const auto index = words.size() == 2 && what == "delete" ? number(words[1]) : std::nullopt;
  if (index) return Asking{"DeleteManual", {{"index", *index}}};
  return std::unexpected("manual on|off|reset|list, or manual delete INDEX");
}

Parsed settime(const Words& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  const auto time = parse_wall_time(text, std::time(nullptr));
  if (!time)
    return std::unexpected("settime TIME, as 16:30, 16:30:05, 2026-11-23 16:30:05 or Nov 23, 2026 16:30:05");
  return Asking{"SetTime", {{"time", *time}}, render_set_time};
}

struct SourceRow {
  Command command;
  Parsed (*parse)(const Words&);
};
constexpr std::array orders{
    SourceRow{Command::makestep, makestep},
    SourceRow{Command::maxupdateskew,
              [](const Words& w) { return one_number(w, "SetMaxUpdateSkew", "skew", "maxupdateskew PPM"); }},
    SourceRow{Command::reselect,
              [](const Words& w) {
                return w.empty() ? Parsed{Asking{"Reselect", {}}} : std::unexpected("reselect");
              }},
    SourceRow{Command::reselectdist,
              [](const Words& w) {
                return one_number(w, "SetReselectDistance", "distance", "reselectdist SECONDS");
              }},
    SourceRow{Command::local, local},
    SourceRow{Command::dfreq,
              [](const Words& w) { return one_number(w, "AddFrequency", "frequency", "dfreq PPM"); }},
    SourceRow{Command::doffset,
              [](const Words& w) { return one_number(w, "AddOffset", "offset", "doffset SECONDS"); }},
    SourceRow{Command::manual, manual},
    SourceRow{Command::settime, settime},
};

}  // namespace

bool is_operator_command(Command command) {
  for (const auto& order : orders)
    if (order.command == command) return true;
  return false;
}

std::expected<Asking, std::string> operator_command_of(Command command, const Words& words) {
  for (const auto& order : orders) {
    if (order.command != command) continue;
    auto parsed = order.parse(words);
    if (!parsed) return std::unexpected("the words are not understood. Usage: gnomonctl " + parsed.error());
    parsed->method = "io.gnomon.Control." + parsed->method;
    return parsed;
  }
  std::unreachable();
}

}  // namespace gnomon::ctl
