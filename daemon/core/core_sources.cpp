// SPDX-License-Identifier: GPL-2.0-or-later
// Core: which sources there are, at the start and later.
#include <algorithm>
#include <span>

#include <fmt/core.h>

#include "async/every.hpp"
#include "config/parse.hpp"
#include "daemon/core/core.hpp"

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

std::string first_of(const std::vector<std::string>& wrong) {
  constexpr std::size_t most_told = 3;
  if (wrong.empty()) return {};
  std::string told;
  for (const auto& each : std::span{wrong}.first(std::min(wrong.size(), most_told))) told += each + ' ';
  if (wrong.size() > most_told) told += fmt::format("The log has {} more. ", wrong.size() - most_told);
  return told + "All else in the files is used.";
}

}  // namespace

// Whoever waits for our start waits for the clock.
void Core::begin_initial_correction() {
  initial_.emplace(*config_.clock.init_step_slew, log_);
  for (const auto& source : initial_->sources())
    if (const auto events = sources_.add(source)) act_on(*events);
  tasks_.spawn("initstepslew", watch_initial_correction());
}

asio::awaitable<void> Core::watch_initial_correction() {
  constexpr base::Duration look_again = std::chrono::seconds{1};
  while (clock_driver_.keeper().awaits_initial()) {
    co_await async::pause_for(tasks_.loop(), look_again);
    const auto now = tasks_.now();
    if (clock_driver_.keeper().awaits_initial() && initial_->is_hopeless(sources_.reports(now), now.mono))
      break;
  }
  end_initial_correction();
}

void Core::end_initial_correction() {
  initial_.reset();
  sources_.remove_all();
  clock_driver_.end_initial();
  begin_work();
}

void Core::add_sources() {
  sources_.look_at_clock();
  act_on(refclocks_.start());
  for (const auto& source : config_.sources)
    if (const auto events = sources_.add(source)) act_on(*events);
  reload_source_dirs();
  act_on(clock_driver_.select());  // the samples of the last run may suffice
}

std::vector<std::string> Core::wrong_in_source_dirs() {
  if (!read_source_files_ || initial_) return {};
  const auto read = read_source_files_();
  return read ? wrong_in(*read) : std::vector{not_read(read.error())};
}

std::string Core::reload_source_dirs() {
  left_out_.clear();
  if (!read_source_files_ || initial_) return {};
  auto read = read_source_files_();
  if (!read) {
    log_.write(base::LogEvent::folder_not_read,
               fmt::format("The directories of `sourcedir` are not read, the sources stay as they are: {}",
                           read.error()),
               {{base::LogField::directive, "sourcedir"}, {base::LogField::reason, read.error()}});
    left_out_ = {not_read(read.error())};
    return left_out_.front();
  }
  log_left_out(*read);
  left_out_ = wrong_in(*read);
  act_on(sources_.replace_dynamic(std::move(read->sources)));
  return first_of(left_out_);
}

void Core::log_left_out(const config::SourcesFile& read) {
  for (const auto& skipped : read.skipped)
    log_.write(base::LogEvent::sources_file_skipped, config::to_text(skipped),
               {{base::LogField::file, skipped.place.file}, {base::LogField::reason, skipped.message}});
  for (const auto& trouble : read.troubles) {
    if (trouble.missing)
      log_.write(base::LogEvent::sources_folder_not_made,
                 fmt::format("Directory {} does not exist: no sources are read from it until it does and "
                             "`gnomonctl reload sources` is run",
                             trouble.folder),
                 {{base::LogField::file, trouble.folder}});
    else
      log_.write(base::LogEvent::folder_not_read,
                 fmt::format("No sources are read from {}: {}; make it readable for the daemon's user, then "
                             "run `gnomonctl reload sources`",
                             trouble.folder, trouble.reason),
                 {{base::LogField::directive, "sourcedir"},
                  {base::LogField::file, trouble.folder},
                  {base::LogField::reason, trouble.reason}});
  }
}

}  // namespace gnomon::core
