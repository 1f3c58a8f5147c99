// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/sources/source_dirs.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <span>
#include <utility>

namespace gnomon::core {

namespace {

std::string not_read(const std::string& reason) {
  return "The directories of `sourcedir` could not be read: " + reason + '.';
}

// A sentence for each mistake. A directory that is not there yet is none.
std::vector<std::string> wrong_in(const config::SourcesFile& read) {
  std::vector<std::string> wrong;
  for (const auto& skipped : read.skipped) {
    auto sentence = config::to_text(skipped);
    if (!sentence.ends_with('?')) sentence += '.';
    wrong.push_back(std::move(sentence));
  }
  for (const auto& trouble : read.troubles)
    if (!trouble.missing)
      wrong.push_back(fmt::format("{} could not be read: {}.", trouble.folder, trouble.reason));
  return wrong;
}

void log_unreadable(base::Log& log, const std::string& reason) {
  log.write(
      base::LogEvent::folder_not_read,
      fmt::format("The directories of `sourcedir` are not read, the sources stay as they are: {}", reason),
      {{base::LogField::directive, "sourcedir"}, {base::LogField::reason, reason}});
}

void log_trouble(base::Log& log, const config::FolderTrouble& trouble) {
  if (trouble.missing) {
    log.write(base::LogEvent::sources_folder_not_made,
              fmt::format("Directory {} does not exist: no sources are read from it until it does and "
                          "`gnomonctl reload sources` is run",
                          trouble.folder),
              {{base::LogField::file, trouble.folder}});
    return;
  }
  log.write(base::LogEvent::folder_not_read,
            fmt::format("No sources are read from {}: {}; make it readable for the daemon's user, then "
                        "run `gnomonctl reload sources`",
                        trouble.folder, trouble.reason),
            {{base::LogField::directive, "sourcedir"},
             {base::LogField::file, trouble.folder},
             {base::LogField::reason, trouble.reason}});
}

void log_left_out(base::Log& log, const config::SourcesFile& read) {
  for (const auto& skipped : read.skipped)
    log.write(base::LogEvent::sources_file_skipped, config::to_text(skipped),
              {{base::LogField::file, skipped.place.file}, {base::LogField::reason, skipped.message}});
  for (const auto& trouble : read.troubles) log_trouble(log, trouble);
}

}  // namespace

std::optional<std::vector<config::Source>> SourceDirs::load() {
  left_out_.clear();
  unreadable_ = false;
  if (!read_) return std::nullopt;
  auto read = read_();
  if (!read) {
    unreadable_ = true;
    log_unreadable(log_, read.error());
    left_out_ = {not_read(read.error())};
    return std::nullopt;
  }
  log_left_out(log_, *read);
  left_out_ = wrong_in(*read);
  return std::move(read->sources);
}

std::string SourceDirs::summary() const {
  constexpr std::size_t most_told = 3;
  if (unreadable_) return left_out_.front();
  if (left_out_.empty()) return {};
  std::string told;
  for (const auto& each : std::span{left_out_}.first(std::min(left_out_.size(), most_told)))
    told += each + ' ';
  if (left_out_.size() > most_told)
    told += fmt::format("The log has {} more. ", left_out_.size() - most_told);
  return told + "All else in the files is used.";
}

std::vector<std::string> SourceDirs::look_for_mistakes() const {
  if (!read_) return {};
  const auto read = read_();
  return read ? wrong_in(*read) : std::vector{not_read(read.error())};
}

}  // namespace gnomon::core
