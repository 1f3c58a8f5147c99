// SPDX-License-Identifier: GPL-2.0-or-later
// The rows that the parser uses: each directive with its handler, each option with what it sets. Constant
// data, split over directives_*.cpp by topic; find_directive() is the one lookup.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "config/arguments.hpp"
#include "config/config.hpp"
#include "config/diagnostic.hpp"
#include "config/real_files.hpp"
#include "config/row.hpp"

namespace gnomon::config {

// A file named by ntsservercert or ntsserverkey, until all of both are known.
struct NamedFile {
  std::string path;
  Place place;
};

// What the handlers fill in while one configuration is read.
struct ParseState {
  Config config;
  std::vector<NamedFile> certificates;
  std::vector<NamedFile> keys;
  Place key_secret;  // of ntskeysecret
  Place rtc_file;    // of rtcfile
  const FileAccess* files = nullptr;
  std::vector<std::string> follow;  // files to be read next: include, confdir
  std::vector<FolderTrouble> troubles;
  Place place;  // of the directive being read
};

void note_without_effect(Config& config, std::string name);

struct Directive : Row {
  void (*apply)(ParseState&, Arguments&) = nullptr;
  std::vector<Row> (*options)() = nullptr;  // nullptr: none
  bool repeats = false;
  bool follows = false;  // replaced by the lines of the files it names
};

// An option of a directive whose options describe a Target.
template <typename Target>
struct OptionOf : Row {
  void (*set)(Target&, Arguments&) = nullptr;
};

template <typename List>
std::vector<Row> rows_of(const List& options) {
  return {options.begin(), options.end()};
}

// Reads options up to the end of the line, whatever their order; one that has no effect is noted under the
// name of its directive.
template <typename Target>
void read_options(Target& target, std::type_identity_t<std::span<const OptionOf<Target>>> options,
                  std::string_view directive, Arguments& arguments, Config* notes) {
  while (arguments.more()) {
    const auto word = arguments.text();
    const OptionOf<Target>* found = nullptr;
    std::vector<std::string_view> names;
    for (const auto& option : options) {
      names.push_back(option.name);
      if (equal_ignoring_case(option.name, word)) found = &option;
    }
    if (found == nullptr) {
      arguments.unknown_option(names);
      return;
    }
    arguments.enter(*found);
    found->set(target, arguments);
    arguments.leave();
    if (!found->effect && notes != nullptr)
      note_without_effect(*notes, std::string{directive} + " " + std::string{found->name});
  }
}

struct Topic {
  std::string_view name;
  std::span<const Directive> directives;
};
[[nodiscard]] std::span<const Directive> source_directives();
[[nodiscard]] std::span<const Directive> selection_directives();
[[nodiscard]] std::span<const Directive> clock_directives();
[[nodiscard]] std::span<const Directive> server_directives();
[[nodiscard]] std::span<const Directive> nts_directives();
[[nodiscard]] std::span<const Directive> control_directives();
[[nodiscard]] std::span<const Directive> process_directives();
[[nodiscard]] std::span<const Directive> hardware_directives();
[[nodiscard]] std::span<const Directive> file_directives();

[[nodiscard]] std::vector<Topic> topics();
[[nodiscard]] const Directive* find_directive(std::string_view name);  // in any case; nullptr: unknown
[[nodiscard]] std::vector<std::string_view> directive_names();

// Shared by several topics.
[[nodiscard]] Source read_source(SourceKind kind, std::string_view directive, Arguments& arguments,
                                 Config* notes);
void read_address(std::vector<base::IpAddress>& addresses, Arguments& arguments);  // one per family
void read_access(std::vector<base::AccessRule>& rules, bool allow, Arguments& arguments);
[[nodiscard]] std::vector<Row> rate_limit_rows();
[[nodiscard]] std::vector<Row> rate_limit_rows_without_kod();
void read_rate_limit(std::optional<RateLimit>& limit, const RateLimit& defaults, bool kod,
                     Arguments& arguments);

// The files matching DIR/*SUFFIX in chrony's order: by basename over all directories, of the same basename
// only the one in the first directory.
[[nodiscard]] std::vector<std::string> search_dirs(const std::vector<std::string>& dirs,
                                                   std::string_view suffix, const FileAccess& files,
                                                   std::vector<FolderTrouble>& troubles);

}  // namespace gnomon::config
