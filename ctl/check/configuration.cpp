// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/check/configuration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "config/directives.hpp"
#include "config/line_reader.hpp"
#include "config/words.hpp"

namespace gnomon::ctl {

namespace {

std::vector<std::string> words_after_directive(std::string_view text) {
  std::vector<std::string> words;
  for (const auto& word : config::split_words(text)) words.emplace_back(word.text);
  if (!words.empty()) words.erase(words.begin());
  return words;
}

std::vector<std::string> in_lower_case(std::vector<std::string> words) {
  for (auto& word : words) word = config::lower_case(word);
  return words;
}

std::string guess(const config::Diagnostic& diagnostic) {
  return diagnostic.nearest.empty() ? std::string{} : fmt::format("did you mean '{}'?", diagnostic.nearest);
}

CheckedLine checked(const config::EffectiveLine& line, const config::FileAccess& files) {
  const auto words = config::split_words(line.text);
  return {.place = line.place,
          .directive = words.empty() ? std::string{} : config::lower_case(words.front().text),
          .words = words_after_directive(line.text),
          .alone = config::examine_lines({line.text}, files).parsed.config};
}

void add_sources(std::string_view text, const config::Place& place, Configuration& into) {
  for (auto& source : config::parse_sources(text, place.file).sources)
    into.sources.push_back({place, in_lower_case(words_after_directive(text)), std::move(source)});
}

// Line by line, since the parser of these files does not say which line a source is from.
void read_sources_file(const std::string& path, const config::FileAccess& files, Configuration& into,
                       Findings& findings) {
  const auto text = files.read(path);
  if (!text)
    return findings.warning({path, 0, 0}, {}, fmt::format("could not read '{}': {}", path, text.error()),
                            "until it can be read, its sources are missing");
  for (const auto& skipped : config::parse_sources(*text, path).skipped)
    findings.error(skipped.place, skipped.word, skipped.message, guess(skipped));
  for (config::LineReader reader{config::text_of_file(*text)}; auto line = reader.next();)
    add_sources(line->text, {path, line->number, 1}, into);
}

void read_source_dirs(const config::FileAccess& files, Configuration& into, Findings& findings) {
  for (const auto& line : into.lines) {
    if (line.directive != "sourcedir") continue;
    std::vector<config::FolderTrouble> troubles;
    const auto paths = config::search_dirs(line.words, ".sources", files, troubles);
    for (const auto& path : paths) read_sources_file(path, files, into, findings);
    for (const auto& trouble : troubles) {
      if (trouble.missing)
        findings.note(line.place, trouble.folder, fmt::format("directory {} does not exist", trouble.folder),
                      "its sources count once it exists and `gnomonctl reload sources` was run");
      else
        findings.warning(line.place, trouble.folder,
                         fmt::format("no sources can be read from {}: {}", trouble.folder, trouble.reason));
    }
  }
}

}  // namespace

bool CheckedSource::has(std::string_view option) const {
  return std::ranges::find(words, option) != words.end();
}

const CheckedLine* Configuration::find(std::string_view directive) const {
  const CheckedLine* found = nullptr;
  for (const auto& line : lines)
    if (line.directive == directive) found = &line;
  return found;
}

Configuration read_configuration(const std::string& path, const config::FileAccess& files,
                                 Findings& findings) {
  auto examined = config::examine_file(path, files);
  for (const auto& diagnostic : examined.diagnostics)
    findings.error(diagnostic.place, diagnostic.word, diagnostic.message, guess(diagnostic));
  for (const auto& trouble : examined.parsed.troubles)
    findings.warning({trouble.folder, 0, 0}, {},
                     fmt::format("nothing is read from {}: {}", trouble.folder, trouble.reason));
  Configuration configuration{.config = std::move(examined.parsed.config), .lines = {}, .sources = {}};
  configuration.is_read = files.read(path).has_value();
  for (const auto& line : examined.parsed.lines) {
    configuration.lines.push_back(checked(line, files));
    add_sources(line.text, line.place, configuration);
  }
  read_source_dirs(files, configuration, findings);
  return configuration;
}

}  // namespace gnomon::ctl
