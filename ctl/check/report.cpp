// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/check/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <cstddef>
#include <string_view>
#include <tuple>

#include "config/words.hpp"

namespace gnomon::ctl {

namespace {

std::string_view name_of(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "error";
    case Severity::warning:
      return "warning";
    case Severity::note:
      return "note";
  }
  return {};
}

std::size_t count(const std::vector<Finding>& findings, Severity severity) {
  return static_cast<std::size_t>(std::ranges::count(findings, severity, &Finding::severity));
}

std::string counted(std::size_t number, std::string_view what) {
  return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

std::string summary(const std::vector<Finding>& findings) {
  const auto errors = count(findings, Severity::error);
  const auto warnings = count(findings, Severity::warning);
  if (errors == 0 && warnings == 0) return "no mistakes found";
  if (warnings == 0) return counted(errors, "error");
  if (errors == 0) return counted(warnings, "warning");
  return counted(errors, "error") + ", " + counted(warnings, "warning");
}

// A place that is the word's already stays.
int column_of(const std::string& line, const Finding& finding) {
  const auto words = config::split_words(line);
  if (finding.word.empty()) return finding.place.column;
  const auto at = std::ranges::find(words, finding.place.column, &config::Word::column);
  if (at != words.end() && config::equal_ignoring_case(at->text, finding.word)) return finding.place.column;
  const auto found = std::ranges::find_if(
      words, [&](const config::Word& word) { return config::equal_ignoring_case(word.text, finding.word); });
  return found == words.end() ? finding.place.column : found->column;
}

// Blanks, with tabs where the line has them, and a mark as long as the word.
std::string marked(const std::string& line, int column) {
  const auto start = static_cast<std::size_t>(column - 1);
  std::string mark;
  for (std::size_t i = 0; i < start; ++i) mark += line[i] == '\t' ? '\t' : ' ';
  const auto end = std::min(line.find_first_of(" \t\v\f\r", start), line.size());
  return mark + '^' + std::string(end > start ? end - start - 1 : 0, '~');
}

std::string where(const Finding& finding) {
  const auto& place = finding.place;
  if (place.line == 0) return place.file;
  return fmt::format("{}:{}:{}", place.file, place.line, place.column);
}

std::string shown(const Finding& finding, const LineOf& line_of) {
  auto text = fmt::format("{}: {}: {}\n", where(finding), name_of(finding.severity), finding.message);
  const auto line = finding.place.line > 0 ? line_of(finding.place) : std::string{};
  const auto column = finding.place.column;
  if (!line.empty() && column > 0 && static_cast<std::size_t>(column) <= line.size())
    text += fmt::format("    {}\n    {}\n", line, marked(line, column));
  if (!finding.advice.empty()) text += fmt::format("  {}\n", finding.advice);
  return text;
}

}  // namespace

void arrange(std::vector<Finding>& findings, const std::string& file, const LineOf& line_of) {
  for (auto& finding : findings) {
    if (finding.place.file.empty()) finding.place.file = file;
    if (finding.place.line > 0) finding.place.column = column_of(line_of(finding.place), finding);
  }
  const auto key = [&](const Finding& finding) {
    return std::tuple{finding.place.file != file, finding.place.file, finding.place.line,
                      finding.place.column,       finding.severity,   finding.message};
  };
  std::ranges::sort(findings, {}, key);
  const auto rest = std::ranges::unique(findings);
  findings.erase(rest.begin(), rest.end());
}

std::string as_text(const std::vector<Finding>& findings, const std::string& file, const LineOf& line_of) {
  std::string text;
  for (const auto& finding : findings) text += shown(finding, line_of);
  return text + fmt::format("{}: {}\n", file, summary(findings));
}

boost::json::object as_json(const std::vector<Finding>& findings, const std::string& file,
                            const LineOf& line_of) {
  boost::json::array list;
  for (const auto& finding : findings) {
    boost::json::object one{{"severity", name_of(finding.severity)}, {"file", finding.place.file}};
    if (finding.place.line > 0) {
      one["line"] = finding.place.line;
      one["column"] = finding.place.column;
      one["text"] = line_of(finding.place);
    }
    if (!finding.word.empty()) one["word"] = finding.word;
    one["message"] = finding.message;
    if (!finding.advice.empty()) one["advice"] = finding.advice;
    list.push_back(std::move(one));
  }
  return {{"file", file},
          {"errors", count(findings, Severity::error)},
          {"warnings", count(findings, Severity::warning)},
          {"findings", std::move(list)}};
}

int exit_status(const std::vector<Finding>& findings) {
  if (count(findings, Severity::error) > 0) return 2;
  return count(findings, Severity::warning) > 0 ? 1 : 0;
}

}  // namespace gnomon::ctl
