// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "ctl/render/prose.hpp"
#include "ctl/render/render.hpp"
#include "ctl/render/source_state.hpp"

namespace gnomon::ctl {

namespace {

constexpr std::string_view remedy_mark = "To do: ";

// The first sentence says whether it is synchronised: in colour as well, where there is any.
std::string summary(const Record& report, const View& view) {
  auto lines = paragraph(report.text("summary"), view.width);
  const auto end = std::min(lines.find_first_of(".,;\n"), lines.size());
  const auto tone = report.truth("synchronised") ? Tone::good : Tone::bad;
  return toned(lines.substr(0, end), tone, view.colours) + lines.substr(end);
}

std::string remedy(const Record& record, const View& view, const std::string& indent) {
  const auto text = record.optional_text("remedy");
  if (!text) return "";
  const std::string rest(indent.size() + remedy_mark.size(), ' ');
  auto lines = paragraph(*text, view.width, indent + std::string{remedy_mark}, rest);
  if (view.colours) lines.replace(indent.size(), remedy_mark.size(), toned(remedy_mark, Tone::strong, true));
  return lines;
}

std::string source_lines(const Record& source, const View& view) {
  const char letter = state_letter(source.text("state"));
  return paragraph(source.text("explanation"), view.width, fmt::format("{} ", letter), "  ") +
         remedy(source, view, "  ");
}

std::string bound_csv(const Record& report) {
  const auto bound = report.optional_number("error_bound");
  return bound ? fmt::format("{:.9f}", *bound) : "";
}

std::string summary_csv(const Record& report) {
  return fmt::format("{},{},{}\n", report.text("state"), report.text("cause"), bound_csv(report));
}

}  // namespace

std::string render_why(const Reply& reply, const View& view) {
  const Record report(reply);
  if (view.csv) return summary_csv(report);
  return summary(report, view) + remedy(report, view, "");
}

std::string render_explain(const Reply& reply, const View& view) {
  const Record report(reply);
  std::string text = render_why(reply, view);
  for (const auto& notice : report.optional_records("notices"))
    if (!view.csv) text += "\n" + paragraph(notice.text("text"), view.width) + remedy(notice, view, "");
  for (const auto& source : report.records("sources"))
    text += view.csv ? fmt::format("{},{},{},{}\n", source_name(source, view.naming, 255),
                                   source.text("state"), source.text("reason"), source.text("cause"))
                     : "\n" + source_lines(source, view);
  return text;
}

}  // namespace gnomon::ctl
