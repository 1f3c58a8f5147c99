// SPDX-License-Identifier: GPL-2.0-or-later
// The sources in the directories of sourcedir: which there are when they are read, what is left out of the
// files, and why, for the log and for who asked. Owned by the core; how files are read comes in.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "config/config.hpp"
#include "config/parse.hpp"

namespace gnomon::core {

class SourceDirs {
 public:
  // An error: the directories could not be read, which says why.
  using Read = std::function<std::expected<config::SourcesFile, std::string>()>;

  // Without `read`: there is no sourcedir.
  SourceDirs(Read read, base::Log& log) : read_(std::move(read)), log_(log) {}

  // Reads them again. nullopt: there is nothing to read, or it cannot be read: the sources stay as they are.
  [[nodiscard]] std::optional<std::vector<config::Source>> load();
  // What was wrong when they were loaded last, a sentence each.
  [[nodiscard]] const std::vector<std::string>& left_out() const { return left_out_; }
  // The same for who has them loaded, not at length; empty: nothing.
  [[nodiscard]] std::string summary() const;
  // What would be left out now. They are only read, and the log hears nothing.
  [[nodiscard]] std::vector<std::string> look_for_mistakes() const;

 private:
  Read read_;
  base::Log& log_;
  std::vector<std::string> left_out_;
  bool unreadable_ = false;  // when they were loaded last
};

}  // namespace gnomon::core
