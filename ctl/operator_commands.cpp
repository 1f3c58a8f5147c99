// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/operator_commands.hpp"

#include <algorithm>
#include <array>
#include <ctime>

#include <fmt/ranges.h>

#include "ctl/arguments.hpp"
#include "ctl/render/wall_time.hpp"

namespace gnomon::ctl {

namespace {

struct LocalOption {
  std::string_view word;
  const char* parameter;
  bool has_value = true;
};
constexpr std::array local_options{
    LocalOption{"stratum", "stratum"},        LocalOption{"distance", "distance"},
    LocalOption{"activate", "activate"},      LocalOption{"orphan", "orphan", false},
    LocalOption{"waitsynced", "wait_synced"}, LocalOption{"waitunsynced", "wait_unsynced"}};

}  // namespace

Made keygen(std::string_view /*name*/, const Words& words) {
  auto wish = parse_keygen(words);
  if (!wish) return std::unexpected(wish.error());
  return MethodCall{.key = *wish};
}

Made refclocks(std::string_view /*name*/, const Words& words) {
  if (auto complaint = count_complaint(words, 0, 0); !complaint.empty())
    return std::unexpected(std::move(complaint));
  return MethodCall{.refclocks = true};
}

Made makestep(std::string_view /*name*/, const Words& words) {
  if (words.empty()) return MethodCall{.method = "MakeStep"};
  if (auto complaint = count_complaint(words, 2, 2); !complaint.empty()) return std::unexpected(complaint);
  const auto threshold = number_of(words[0]);
  if (!threshold) return std::unexpected(threshold.error());
  const auto limit = number_of(words[1]);
  if (!limit) return std::unexpected(limit.error());
  return MethodCall{.method = "AllowSteps", .parameters = {{"threshold", *threshold}, {"limit", *limit}}};
}

Made local(std::string_view /*name*/, const Words& words) {
  if (words == Words{"off"}) return MethodCall{.method = "SetLocal", .parameters = {{"on", false}}};
  MethodCall call{.method = "SetLocal", .parameters = {{"on", true}}};
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto* const option = std::ranges::find(local_options, words[i], &LocalOption::word);
    if (option == local_options.end()) return std::unexpected(fmt::format("unknown option '{}'", words[i]));
    if (!option->has_value) {
      call.parameters[option->parameter] = true;
      continue;
    }
    if (++i == words.size()) return std::unexpected(fmt::format("missing value for {}", option->word));
    const auto value = number_of(words[i]);
    if (!value) return std::unexpected(value.error());
    call.parameters[option->parameter] = *value;
  }
  return call;
}

Made manual(std::string_view /*name*/, const Words& words) {
  const std::string what = words.empty() ? "" : words[0];
  const bool alone = words.size() == 1;
  if (alone && (what == "on" || what == "off"))
    return MethodCall{.method = "SetManual", .parameters = {{"on", what == "on"}}};
  if (alone && what == "reset") return MethodCall{.method = "ResetManual"};
  if (alone && what == "list") return MethodCall{.method = "ManualList", .render = render_manual_list};
  if (what != "delete" || words.size() != 2)
    return std::unexpected("what follows must be on, off, reset, list, or delete INDEX");
  const auto index = number_of(words[1]);
  if (!index) return std::unexpected(index.error());
  return MethodCall{.method = "DeleteManual", .parameters = {{"index", *index}}};
}

Made settime(std::string_view /*name*/, const Words& words) {
  const auto text = fmt::format("{}", fmt::join(words, " "));
  const auto time = parse_wall_time(text, std::time(nullptr));
  if (!time)
    return std::unexpected(
        fmt::format("'{}' is not a time, such as 16:30, 16:30:05, 2026-11-23 16:30:05 or Nov 23, 2026 "
                    "16:30:05",
                    text));
  return MethodCall{.method = "SetTime", .parameters = {{"time", *time}}};
}

Made smoothtime(std::string_view /*name*/, const Words& words) {
  if (words == Words{"activate"}) return MethodCall{.method = "SmoothTimeActivate"};
  if (words == Words{"reset"}) return MethodCall{.method = "SmoothTimeReset"};
  return std::unexpected("what follows must be 'activate', which starts smoothing, or 'reset'");
}

Made waitsync(std::string_view /*name*/, const Words& words) {
  auto wait = parse_waitsync(words);
  if (!wait) return std::unexpected(wait.error());
  return MethodCall{.method = "Tracking", .wait = *wait};
}

}  // namespace gnomon::ctl
