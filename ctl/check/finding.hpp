// SPDX-License-Identifier: GPL-2.0-or-later
// What `gnomonctl check-config` has found in a configuration: one value for each finding.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "config/parse.hpp"

namespace gnomon::ctl {

enum class Severity : std::uint8_t {
  error,    // gnomond does not start, or what the line is for cannot work
  warning,  // gnomond starts, and something is not as it was meant
  note      // worth knowing; also what could not be checked
};

struct Finding {
  Severity severity = Severity::error;
  config::Place place;  // line 0: the file as a whole
  std::string word;     // the word it is about; empty: the directive
  std::string message;  // what is wrong, without a full stop
  std::string advice;   // what to do, empty: nothing more to say
  friend bool operator==(const Finding& a, const Finding& b) {
    return a.severity == b.severity && a.place.file == b.place.file && a.place.line == b.place.line &&
           a.word == b.word && a.message == b.message && a.advice == b.advice;
  }
};

class Findings {
 public:
  void error(const config::Place& place, std::string word, std::string message, std::string advice = {}) {
    add(Severity::error, place, std::move(word), std::move(message), std::move(advice));
  }
  void warning(const config::Place& place, std::string word, std::string message, std::string advice = {}) {
    add(Severity::warning, place, std::move(word), std::move(message), std::move(advice));
  }
  void note(const config::Place& place, std::string word, std::string message, std::string advice = {}) {
    add(Severity::note, place, std::move(word), std::move(message), std::move(advice));
  }
  // The lines of this file are never shown.
  void keep_secret(std::string path) { secret_.push_back(std::move(path)); }
  [[nodiscard]] bool is_secret(const std::string& path) const {
    return std::ranges::find(secret_, path) != secret_.end();
  }
  [[nodiscard]] std::vector<Finding>& all() { return all_; }
  [[nodiscard]] const std::vector<Finding>& all() const { return all_; }

 private:
  void add(Severity severity, const config::Place& place, std::string word, std::string message,
           std::string advice) {
    all_.push_back({severity, place, std::move(word), std::move(message), std::move(advice)});
  }
  std::vector<Finding> all_;
  std::vector<std::string> secret_;
};

}  // namespace gnomon::ctl
