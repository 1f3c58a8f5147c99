// SPDX-License-Identifier: GPL-2.0-or-later
// Files with sources only: what a sourcedir holds.
#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "config/directives.hpp"
#include "config/line_reader.hpp"
#include "config/parse.hpp"
#include "config/words.hpp"

namespace gnomon::config {

namespace {

void read_line(SourcesFile& result, std::string_view line, Place place) {
  const auto words = split_words(line);
  if (words.empty()) return;
  const auto name = words.front().text;
  place.column = words.front().column;
  const auto kind = base::value_of(source_kind_words, lower_case(name));
  if (!kind) {
    result.skipped.push_back({place, std::string{name},
                              fmt::format("'{}' is not allowed here, only server, pool and peer are", name),
                              nearest_word(name, {"server", "pool", "peer"})});
    return;
  }
  const auto& directive = *find_directive(name);
  Arguments arguments{words, directive, place, result.skipped};
  auto source = read_source(*kind, directive.name, arguments, nullptr);
  if (!arguments.failed()) result.sources.push_back(std::move(source));
}

}  // namespace

SourcesFile parse_sources(std::string_view text, const std::string& file) {
  SourcesFile result;
  for (LineReader reader{text_of_file(text)}; auto line = reader.next();) {
    const Place place{file, line->number, 1};
    if (line->text.size() > longest_line || line->text.contains('\0')) {
      result.skipped.push_back(
          {place,
           {},
           fmt::format("the line is longer than {} characters or not text: it and the rest were not read",
                       longest_line),
           {}});
      break;
    }
    read_line(result, line->text, place);
  }
  return result;
}

SourcesFile read_source_dirs(const std::vector<std::vector<std::string>>& groups, const FileAccess& files) {
  SourcesFile all;
  for (const auto& dirs : groups) {
    for (const auto& path : search_dirs(dirs, ".sources", files, all.troubles)) {
      const auto text = files.read(path);
      if (!text) {
        all.skipped.push_back(
            {{path, 0, 0}, {}, fmt::format("could not read '{}': {}", path, text.error()), {}});
        continue;
      }
      auto one = parse_sources(*text, path);
      std::ranges::move(one.sources, std::back_inserter(all.sources));
      std::ranges::move(one.skipped, std::back_inserter(all.skipped));
    }
  }
  return all;
}

}  // namespace gnomon::config
