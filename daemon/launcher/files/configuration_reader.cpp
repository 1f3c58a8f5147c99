// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/files/configuration_reader.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/os/file.hpp"
#include "base/os/regular_file.hpp"
#include "config/line_reader.hpp"
#include "config/network.hpp"
#include "config/words.hpp"
#include "daemon/launcher/files/config_file.hpp"

namespace gnomon::launcher {
namespace {

using Stamps = std::map<std::string, std::optional<base::FileStamp>>;

// Remembers how each file was when it was read.
config::FileAccess with_stamps(const config::FileAccess& files, Stamps& stamps) {
  auto access = files;
  access.read = [&files, &stamps](const std::string& path) {
    stamps.insert_or_assign(path, base::stamp_of(path));
    return files.read(path);
  };
  return access;
}

bool is_unchanged(const Stamps& stamps) {
  return std::ranges::all_of(stamps, [](const auto& one) { return base::stamp_of(one.first) == one.second; });
}

// One that was changed just now may be changed again: an editor empties a file before it writes it.
bool is_fresh(const Stamps& stamps, base::RealTime now) {
  constexpr base::Seconds a_moment{0.1};
  return std::ranges::any_of(stamps, [&](const auto& one) {
    if (!one.second) return false;
    const auto changed =
        base::RealTime{std::chrono::seconds{one.second->changed_s} + base::Duration{one.second->changed_ns}};
    return std::chrono::abs(now - changed) < base::to_duration(a_moment);
  });
}

config::Examined examine(const config::CommandLine& options, const config::FileAccess& files) {
  return options.directives.empty() ? config::examine_file(options.config_file, files)
                                    : config::examine_lines(options.directives, files);
}

// As it was written; empty where it cannot be shown.
std::string line_at(const config::Place& place, const config::FileAccess& files) {
  if (place.file.empty() || place.line <= 0) return {};
  const auto text = files.read(place.file);
  if (!text) return {};
  for (config::LineReader reader{config::text_of_file(*text)}; auto line = reader.next();)
    if (line->number == place.line && line->text.size() <= config::longest_line)
      return std::string{line->text};
  return {};
}

// Of directives that name a file which has to be there: where in the line.
constexpr std::array file_directives{"keyfile", "ntsservercert", "ntsserverkey"};

std::string with_guess(const config::Diagnostic& diagnostic) {
  return diagnostic.nearest.empty()
             ? diagnostic.message
             : fmt::format("{}, did you mean '{}'?", diagnostic.message, diagnostic.nearest);
}

ipc::ConfigurationChange message_of(const config::Change& change) {
  using enum ipc::ConfigurationChangeKind;
  const auto kind = change.kind == config::ChangeKind::added     ? added
                    : change.kind == config::ChangeKind::removed ? removed
                                                                 : changed;
  return {.kind = kind,
          .needs_restart = change.needs_restart,
          .line = static_cast<std::uint32_t>(std::max(change.line.place.line, 0)),
          .file = change.line.place.file,
          .directive = change.directive,
          .text = change.line.text,
          .before = change.before,
          .reason = change.reason};
}

}  // namespace

ConfigurationReader::ConfigurationReader(config::CommandLine options, config::Parsed in_force,
                                         config::FileAccess files, LimitsOf limits_of)
    : options_(std::move(options)),
      in_force_(std::move(in_force)),
      files_(std::move(files)),
      limits_of_(std::move(limits_of)) {}

void ConfigurationReader::complain(const config::Place& place, const std::string& word, std::string message) {
  const auto text = line_at(place, files_);
  auto column = place.column;
  // The place of a directive is its first word; the caret belongs under the one that is wrong.
  for (const auto& each : config::split_words(text))
    if (each.column > place.column && !word.empty() && each.text == word) column = each.column;
  errors_.push_back({.line = static_cast<std::uint32_t>(std::max(place.line, 0)),
                     .column = static_cast<std::uint32_t>(std::max(column, 0)),
                     .file = place.file,
                     .message = std::move(message),
                     .text = text});
}

void ConfigurationReader::read(const base::Clock& clock, const Pause& pause) {
  errors_.clear();
  changes_.clear();
  wanted_.reset();
  next_ = 0;
  if (!files_.read) return;
  if (in_force_.from_pipe)
    return complain({options_.config_file, 0, 0}, {},
                    "the configuration came through a pipe, which can be read only once: restart gnomond to "
                    "change it, or name a file with -f");
  // Somebody may be writing the files just now.
  constexpr int most_attempts = 6;
  constexpr base::Duration a_while = std::chrono::milliseconds{60};
  Stamps before;
  for (int attempt = 1;; ++attempt) {
    Stamps stamps;
    auto examined = examine(options_, with_stamps(files_, stamps));
    const bool rests = !is_fresh(stamps, clock.now().real) || stamps == before;
    if (rests && is_unchanged(stamps)) {
      for (const auto& each : examined.diagnostics) complain(each.place, each.word, with_guess(each));
      if (errors_.empty()) look_at_files(examined.parsed);
      if (errors_.empty()) compare(std::move(examined.parsed));
      return;
    }
    if (attempt == most_attempts)
      return complain({options_.config_file, 0, 0}, {},
                      "the files change while they are read: reload once they have been written");
    before = std::move(stamps);
    pause(a_while);
  }
}

// A file that is named already, and cannot be read any more, holds nothing else up: what was read of it stays
// in use, and whoever has asked hears of it once the processes that read it have said so.
void ConfigurationReader::look_at_files(const config::Parsed& wanted) {
  for (const auto& line : wanted.lines) {
    if (std::ranges::find(file_directives, config::directive_of(line)) == file_directives.end()) continue;
    if (std::ranges::find(in_force_.lines, line.text, &config::EffectiveLine::text) != in_force_.lines.end())
      continue;
    const auto words = config::split_words(line.text);
    if (words.size() < 2 || !words[1].text.starts_with('/')) continue;
    const std::string path{words[1].text};
    const auto opened = base::open_regular_file(path);
    if (opened)
      close(*opened);
    else
      complain(line.place, path,
               fmt::format("could not read '{}': {}", path, base::why_unreadable(path, opened.error())));
  }
}

void ConfigurationReader::compare(const config::Parsed& wanted) {
  const auto limits = limits_of_ ? limits_of_(in_force_.config, wanted.config) : Unchangeable{};
  changes_ = config::changes_between(in_force_.lines, wanted.lines);
  for (auto& change : changes_) {
    const auto limit = limits.find(change.directive);
    if (limit == limits.end()) continue;
    change.needs_restart = true;
    change.reason = limit->second;
  }
  auto lines = config::in_force(in_force_.lines, wanted.lines, [&limits](std::string_view directive) {
    return !config::applies_at_run_time(directive) || limits.contains(std::string{directive});
  });
  std::vector<std::string> texts;
  texts.reserve(lines.size());
  for (const auto& line : lines) texts.push_back(line.text);
  auto parsed = config::parse_lines(texts, files_);
  if (!parsed) {
    for (const auto& each : parsed.error())
      complain({options_.config_file, 0, 0}, {},
               with_guess(each) + "; without a restart it does not fit what is in force");
    changes_.clear();
    return;
  }
  parsed->config.hardware = in_force_.config.hardware;  // the start has added to it
  wanted_ = config::Parsed{.config = std::move(parsed->config), .lines = std::move(lines)};
}

ConfigurationReader::Part ConfigurationReader::next() {
  const auto index = next_++;
  if (!errors_.empty()) {
    if (index < errors_.size()) return errors_[index];
    return ipc::ConfigurationEnd{.usable = false};
  }
  if (index < changes_.size()) return message_of(changes_[index]);
  if (!wanted_ || index - changes_.size() >= wanted_->lines.size())
    return ipc::ConfigurationEnd{.usable = wanted_.has_value()};
  return ipc::ConfigurationLine{config::handed_over(wanted_->lines[index - changes_.size()].text)};
}

std::optional<config::Config> ConfigurationReader::use() {
  if (!wanted_) return std::nullopt;
  in_force_ = std::move(*wanted_);
  wanted_.reset();
  return in_force_.config;
}

}  // namespace gnomon::launcher
