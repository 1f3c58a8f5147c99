// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/reload_messages.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <ranges>
#include <string>

#include <fmt/format.h>

namespace gnomon::launcher {
namespace {

constexpr std::size_t most_said = 20;  // of errors or changes; the rest is counted

std::string place_of(const std::string& file, std::uint32_t line) {
  if (file.empty()) return fmt::format("argument {}", line);
  return line == 0 ? file : fmt::format("{}:{}", file, line);
}

std::string sentence(const ipc::ConfigurationError& error) {
  const auto place = place_of(error.file, error.line);
  return error.line == 0 ? fmt::format("{}: {}", place, error.message)
                         : fmt::format("{}:{}: {}", place, error.column, error.message);
}

bool is_about_trust(const config::Change& change) {
  return !change.needs_restart &&
         (change.directive == "ntstrustedcerts" || change.directive == "nosystemcert");
}

std::string summary(const std::vector<config::Change>& changes) {
  std::size_t sources = 0;
  std::size_t others = 0;
  for (const auto& change : changes) {
    if (change.needs_restart) continue;
    const bool is_source =
        change.directive == "server" || change.directive == "pool" || change.directive == "peer";
    ++(is_source ? sources : others);
  }
  if (sources == 0 && others == 0) return "nothing changes";
  return fmt::format("{} line{} of sources and {} other{} changed", sources, sources == 1 ? "" : "s", others,
                     others == 1 ? "" : "s");
}

}  // namespace

void name_errors(const std::vector<ipc::ConfigurationError>& errors, base::Log& log) {
  for (const auto& error : errors | std::views::take(most_said))
    log.write(base::LogEvent::reload_refused, sentence(error),
              {{base::LogField::file, error.file}, {base::LogField::reason, error.message}});
  if (errors.empty()) return;
  log.write(
      base::LogEvent::reload_refused,
      fmt::format("The configuration has {} error{} and is not loaded again: everything stays as it was",
                  errors.size(), errors.size() == 1 ? "" : "s"),
      {{base::LogField::count, errors.size()}});
}

void name_changes(const std::vector<config::Change>& changes, base::Log& log) {
  std::size_t said = 0;
  for (const auto& change : changes) {
    if (!change.needs_restart || ++said > most_said) continue;
    const auto& place = change.line.place;
    log.write(base::LogEvent::restart_needed,
              fmt::format("{}: {} takes effect after a restart{}{}",
                          place_of(place.file, static_cast<std::uint32_t>(place.line)), change.directive,
                          change.reason.empty() ? "" : ": ", change.reason),
              {{base::LogField::directive, change.directive}, {base::LogField::file, place.file}});
  }
  log.write(base::LogEvent::reload_applied,
            fmt::format("The configuration was loaded again: {}", summary(changes)));
}

bool change_trust(const std::vector<config::Change>& changes) {
  return std::ranges::any_of(changes, is_about_trust);
}

}  // namespace gnomon::launcher
