// SPDX-License-Identifier: GPL-2.0-or-later
// chrony.conf text to Config: chrony's grammar (chrony.conf(5)), but every error at once and each with its
// place.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "config/diagnostic.hpp"
#include "config/real_files.hpp"

namespace gnomon::config {

// One directive that counts, after include and confdir were followed.
struct EffectiveLine {
  Place place;
  std::string text;  // words separated by one blank
};
struct Parsed {
  Config config;
  std::vector<EffectiveLine> lines;       // what `gnomond -p` prints, and what the launcher hands to the core
  std::vector<FolderTrouble> troubles{};  // of confdir, which chrony passes over without a word
  bool from_pipe = false;                 // nobody can read it again
};

// For who looks for mistakes: all that a file gives, and everything that is wrong with it.
struct Examined {
  Parsed parsed;  // of the lines that can be used
  std::vector<Diagnostic> diagnostics;
};
[[nodiscard]] Examined examine_file(const std::string& path, const FileAccess& files);
[[nodiscard]] Examined examine_lines(const std::vector<std::string>& lines, const FileAccess& files);

[[nodiscard]] std::expected<Parsed, std::vector<Diagnostic>> parse_file(const std::string& path,
                                                                        const FileAccess& files);
// Each argument is one line; place.file stays empty.
[[nodiscard]] std::expected<Parsed, std::vector<Diagnostic>> parse_lines(
    const std::vector<std::string>& lines, const FileAccess& files);
// A *.sources file: only server, pool and peer lines count, anything invalid is skipped (chrony's rule) but
// reported.
struct SourcesFile {
  std::vector<Source> sources;
  std::vector<Diagnostic> skipped;
  std::vector<FolderTrouble> troubles{};
};
[[nodiscard]] SourcesFile parse_sources(std::string_view text, const std::string& file);
// What a server, pool or peer may be called: letters, digits and ".:_-%" as in host names and addresses with
// a scope, 1 to 255 of them, the first no "-". Shells and others that get the name from a report find nothing
// in it that means something to them.
[[nodiscard]] bool is_source_name(std::string_view text);

// What no source can have becomes the nearest that one can, or the default, as chronyd does.
void bring_into_range(Source& source);
// All *.sources of the directories, chrony's search order: one sourcedir directive (an element of
// ProcessSettings::source_dirs) after the other; within one a basename counts once and the first directory
// wins.
[[nodiscard]] SourcesFile read_source_dirs(const std::vector<std::vector<std::string>>& groups,
                                           const FileAccess& files);

}  // namespace gnomon::config
