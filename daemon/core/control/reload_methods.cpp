// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/control/reload_methods.hpp"

#include <algorithm>
#include <array>
#include <span>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "daemon/core/control/message.hpp"

namespace gnomon::core::control {

namespace json = boost::json;

namespace {

// A file may hold anything; JSON is UTF-8.
std::string as_text(std::string_view octets) {
  std::string text;
  for (const char each : octets) text += each == '\t' || (each >= ' ' && each <= '~') ? each : '?';
  return text;
}

json::object item(const ipc::ConfigurationError& error) {
  return {{"file", as_text(error.file)},
          {"line", error.line},
          {"column", error.column},
          {"message", as_text(error.message)},
          {"text", as_text(error.text)}};
}

std::string_view word_of(ipc::ConfigurationChangeKind kind) {
  using enum ipc::ConfigurationChangeKind;
  if (kind == added) return "added";
  return kind == removed ? "removed" : "changed";
}

json::object item(const ipc::ConfigurationChange& change) {
  json::object made{{"kind", word_of(change.kind)}, {"directive", as_text(change.directive)},
                    {"file", as_text(change.file)}, {"line", change.line},
                    {"text", as_text(change.text)}, {"needs_restart", change.needs_restart}};
  if (!change.before.empty()) made["before"] = as_text(change.before);
  if (!change.reason.empty()) made["reason"] = as_text(change.reason);
  return made;
}

json::array list_of(const auto& items) {
  json::array list;
  for (const auto& each : items) list.push_back(item(each));
  return list;
}

json::array texts_of(std::span<const std::string> sentences) {
  json::array list;
  for (const auto& each : sentences.first(std::min(sentences.size(), most_named_changes)))
    list.emplace_back(as_text(each));
  return list;
}

Answer reload(Parameters& parameters, Reporter& /*reporter*/) {
  const bool dry_run = parameters.truth_or("dry_run", false);
  if (parameters.wrong()) return invalid_parameter(*parameters.wrong());
  return {.text = {}, .then = AfterReply::reload, .dry_run = dry_run};
}

constexpr std::array reload_table{Method{"io.gnomon.Control.Reload", Right::operate, "dry_run", reload}};

}  // namespace

std::string rekey_reply(const std::string& wrong) {
  if (wrong.empty()) return to_reply({});
  return to_error("io.gnomon.Control.Failed", {{"explanation", as_text(wrong)}});
}

std::string reload_reply(const ReloadResult& result) {
  if (!result) return to_error("io.gnomon.Control.Failed", {{"explanation", result.error().sentence}});
  json::object reply{{"applied", result->applied},
                     {"errors", list_of(result->errors)},
                     {"changes", list_of(result->changes)},
                     {"further", result->further},
                     {"left_out", texts_of(result->left_out)}};
  if (!result->keys_refused.empty()) reply["keys_refused"] = as_text(result->keys_refused);
  return to_reply(reply);
}

Methods reload_methods() {
  return reload_table;
}

}  // namespace gnomon::core::control
