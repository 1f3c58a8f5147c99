// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/parse.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "config/directives.hpp"
#include "config/line_reader.hpp"
#include "config/words.hpp"

namespace gnomon::config {

namespace {

constexpr int deepest_include = 10;
constexpr std::size_t most_files = 1000;       // a file that includes many that include many would never end
constexpr std::size_t most_diagnostics = 200;  // a file that is not a configuration at all

// One run over the configuration: follows includes and collects what is wrong.
class Run {
 public:
  explicit Run(const FileAccess& files) { state_.files = &files; }

  void read_file(const std::string& path, const Place& from) {
    if (depth_ >= deepest_include || files_read_ >= most_files) {
      complain(from, path, fmt::format("'{}' is included too deeply or recursively", path));
      given_up_ = true;
      return;
    }
    const auto text = state_.files->read(path);
    if (!text) {
      complain(from, path, fmt::format("could not read '{}': {}", path, text.error()));
      return;
    }
    ++files_read_;
    ++depth_;
    for (LineReader reader{text_of_file(*text)}; auto line = reader.next();) {
      if (given_up_) break;
      read_line(line->text, Place{path, line->number, 1});
    }
    --depth_;
  }

  void read_line(std::string_view line, Place place) {
    if (diagnostics_.size() >= most_diagnostics) {
      if (!std::exchange(given_up_, true)) complain(place, {}, "too many errors, the rest was not read");
      return;
    }
    if (line.size() > longest_line || line.contains('\0')) {
      complain(place, {}, fmt::format("the line is longer than {} characters or not text", longest_line));
      return;
    }
    const auto words = split_words(line);
    if (words.empty()) return;
    place.column = words.front().column;
    const auto* directive = find_directive(words.front().text);
    if (directive == nullptr) {
      const auto word = words.front().text;
      complain(place, word, fmt::format("unknown directive '{}'", word),
               nearest_word(word, directive_names()));
      return;
    }
    apply(*directive, words, place);
  }

  Examined finish() {
    if (refused_a_line_) forget_refused_lines();
    pair_certificates();
    check_key_secret();
    check_rtc();
    return {{std::move(state_.config), std::move(lines_), std::move(state_.troubles)},
            std::move(diagnostics_)};
  }

 private:
  void apply(const Directive& directive, const std::vector<Word>& words, const Place& place) {
    state_.place = place;
    Arguments arguments{words, directive, place, diagnostics_};
    directive.apply(state_, arguments);
    arguments.finish();
    const auto follow = std::exchange(state_.follow, {});
    if (arguments.failed()) {
      refused_a_line_ = true;
      return;
    }
    if (!directive.effect) note_without_effect(state_.config, std::string{directive.name});
    if (!directive.follows) lines_.push_back({place, join_words(words)});
    for (const auto& path : follow) {
      if (!given_up_) read_file(path, place);
    }
  }

  // A handler may have stored what it read before the mistake, and the value in place of the wrong one.
  void forget_refused_lines() {
    Run accepted{*state_.files};
    for (const auto& line : lines_) accepted.read_line(line.text, line.place);
    accepted.state_.troubles = std::move(state_.troubles);
    state_ = std::move(accepted.state_);
  }

  void pair_certificates() {
    const auto pairs = std::min(state_.certificates.size(), state_.keys.size());
    for (std::size_t i = 0; i < pairs; ++i)
      state_.config.nts.certificates.push_back({state_.certificates[i].path, state_.keys[i].path});
    if (state_.certificates.size() > pairs)
      complain(state_.certificates[pairs].place, state_.certificates[pairs].path,
               fmt::format("ntsservercert '{}' has no ntsserverkey", state_.certificates[pairs].path));
    if (state_.keys.size() > pairs)
      complain(state_.keys[pairs].place, state_.keys[pairs].path,
               fmt::format("ntsserverkey '{}' has no ntsservercert", state_.keys[pairs].path));
  }

  void check_key_secret() {
    const auto& nts = state_.config.nts;
    if (nts.key_secret_file.empty() || nts.rotate > base::Seconds{}) return;
    complain(state_.key_secret, nts.key_secret_file,
             "ntskeysecret derives a key for each period of `ntsrotate`, and `ntsrotate 0` has no periods");
  }

  void check_rtc() {
    const auto& file = state_.config.hardware.rtc_file;
    if (file.empty() || !state_.config.clock.rtc_sync) return;
    complain(state_.rtc_file, file,
             "rtcfile cannot be used with rtcsync: the kernel would set the clock that is to be tracked");
  }

  void complain(const Place& place, std::string_view word, std::string message, std::string nearest = {}) {
    diagnostics_.push_back({place, std::string{word}, std::move(message), std::move(nearest)});
  }

  ParseState state_;
  std::vector<EffectiveLine> lines_;
  std::vector<Diagnostic> diagnostics_;
  int depth_ = 0;
  std::size_t files_read_ = 0;
  bool given_up_ = false;
  bool refused_a_line_ = false;
};

std::expected<Parsed, std::vector<Diagnostic>> all_or_nothing(Examined examined) {
  if (!examined.diagnostics.empty()) return std::unexpected{std::move(examined.diagnostics)};
  return std::move(examined.parsed);
}

}  // namespace

Examined examine_file(const std::string& path, const FileAccess& files) {
  Run run{files};
  run.read_file(path, Place{path, 0, 0});
  return run.finish();
}

Examined examine_lines(const std::vector<std::string>& lines, const FileAccess& files) {
  Run run{files};
  for (std::size_t i = 0; i < lines.size(); ++i)
    run.read_line(lines[i], Place{{}, static_cast<int>(i) + 1, 1});
  return run.finish();
}

std::expected<Parsed, std::vector<Diagnostic>> parse_file(const std::string& path, const FileAccess& files) {
  return all_or_nothing(examine_file(path, files));
}

std::expected<Parsed, std::vector<Diagnostic>> parse_lines(const std::vector<std::string>& lines,
                                                           const FileAccess& files) {
  return all_or_nothing(examine_lines(lines, files));
}

}  // namespace gnomon::config
