// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/reload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>
#include <vector>

#include "ctl/arguments.hpp"
#include "ctl/check/finding.hpp"
#include "ctl/check/report.hpp"
#include "ctl/render/prose.hpp"
#include "ctl/render/record.hpp"

namespace gnomon::ctl {

namespace {

bool is_right(const Reply& reply) {
  const Record outcome(reply);
  return outcome.records("errors").empty() && outcome.texts("left_out").empty() &&
         !outcome.optional_text("keys_refused");
}

std::string errors_text(const std::vector<Record>& errors) {
  std::vector<Finding> findings;
  std::map<std::pair<std::string, int>, std::string> lines;
  for (const auto& error : errors) {
    const config::Place place{error.text("file"), static_cast<int>(error.integer("line")),
                              static_cast<int>(error.integer("column"))};
    lines[{place.file, place.line}] = harmless_text(error.text("text"));
    findings.push_back({.severity = Severity::error,
                        .place = place,
                        .word = {},
                        .message = harmless_text(error.text("message")),
                        .advice = {}});
  }
  const auto line_of = [&](const config::Place& place) {
    const auto found = lines.find({place.file, place.line});
    return found == lines.end() ? std::string{} : found->second;
  };
  return as_text(findings, "not loaded, everything stays as it was", line_of);
}

std::string place_of(const Record& change) {
  const auto file = change.text("file");
  return file.empty() ? fmt::format("argument {}", change.integer("line"))
                      : fmt::format("{}:{}", file, change.integer("line"));
}

std::string change_csv(const Record& change) {
  return fmt::format("{},{},{},{},{}\n", change.text("kind"),
                     change.truth("needs_restart") ? "restart" : "now", change.text("directive"),
                     place_of(change), harmless_text(change.text("text")));
}

std::string change_text(const Record& change, const View& view) {
  auto text = fmt::format("{}  ({})", change.text("text"), place_of(change));
  if (const auto before = change.optional_text("before")) text += fmt::format(", was: {}", *before);
  if (const auto reason = change.optional_text("reason")) text += fmt::format("; {}", *reason);
  return paragraph(text, view.width, fmt::format("  {:8} ", change.text("kind")), std::string(11, ' '));
}

// All files are read again, and thousands of sources may be new.
constexpr std::chrono::milliseconds longest_reload = std::chrono::minutes{1};

// Other processes read them, and the daemon waits 10 s for what they say.
constexpr std::chrono::milliseconds longest_rekey = std::chrono::seconds{15};

// Under a heading those of one kind; empty: there are none.
std::string part_text(const std::vector<Record>& changes, bool restart, const std::string& heading,
                      const View& view) {
  std::string text;
  for (const auto& change : changes)
    if (change.truth("needs_restart") == restart) text += change_text(change, view);
  return text.empty() ? text : heading + "\n" + text;
}

// Of the files in the sourcedirs.
std::string left_out_text(const std::vector<std::string>& left_out, bool applied, const View& view) {
  if (left_out.empty()) return {};
  std::string text = applied ? "Left out of the sourcedirs, all else in their files is used:\n"
                             : "Would be left out of the sourcedirs, all else in their files used:\n";
  for (const auto& each : left_out) text += paragraph(harmless_text(each), view.width, "  ", "  ");
  return text;
}

}  // namespace

Made rekey(std::string_view name, const Words& words) {
  auto call = plain<"Rekey">(name, words);
  if (call) call->at_least = longest_rekey;
  return call;
}

Made reload(std::string_view name, const Words& words) {
  if (!words.empty()) return of_sources<"ReloadSources">(name, words);
  MethodCall call{.method = "Reload", .at_least = longest_reload};
  call.render = render_reload;
  call.is_good = is_right;
  return call;
}

std::string render_reload(const Reply& reply, const View& view) {
  const Record outcome(reply);
  const bool applied = outcome.truth("applied");
  const auto left_out = left_out_text(outcome.texts("left_out"), applied, view);
  const auto errors = outcome.records("errors");
  if (!errors.empty()) return left_out + errors_text(errors);
  const auto changes = outcome.records("changes");
  std::string text;
  if (view.csv) {
    for (const auto& change : changes) text += change_csv(change);
    return text;
  }
  text += part_text(changes, false, applied ? "Changed:" : "Would change:", view);
  text += part_text(changes, true,
                    "Needs a restart (systemctl restart gnomond), stays as it was until then:", view);
  if (const auto further = outcome.integer("further"); further > 0)
    text += fmt::format("  and {} more\n", further);
  if (text.empty()) text = "No line has changed.\n";
  const auto refused = outcome.optional_text("keys_refused");
  if (refused) return text + paragraph(harmless_text(*refused), view.width) + left_out;
  if (applied) text += "Keys, certificates and the sourcedirs were read again.\n";
  return text + left_out;
}

}  // namespace gnomon::ctl
