// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/control/source_methods.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "daemon/core/control/parameters.hpp"

namespace gnomon::core::control {

namespace {

constexpr int most_exchanges = 10000;

SourceCommand burst(Parameters& p) {
  const int total = p.integer("total", 1, most_exchanges);
  return Burst{p.integer("good", 1, std::max(total, 1)), total, p.subnet_if_any("within")};
}

SourceCommand modify(Parameters& p) {
  constexpr double any = std::numeric_limits<double>::infinity();
  return ModifySource{p.text("source"), p.text("option"), p.number("value", -any, any)};
}

struct Method {
  std::string_view name;
  std::string_view parameters;  // the names of those it takes, with a blank between
  SourceCommand (*read)(Parameters&);
};

constexpr std::array methods{
    Method{"Online", "within",
           [](Parameters& p) -> SourceCommand { return SetOnline{true, p.subnet_if_any("within")}; }},
    Method{"Offline", "within",
           [](Parameters& p) -> SourceCommand { return SetOnline{false, p.subnet_if_any("within")}; }},
    Method{"OnOffline", "", [](Parameters&) -> SourceCommand { return FollowNetwork{}; }},
    Method{"Burst", "good total within", burst},
    Method{"ModifySource", "source option value", modify},
    Method{"AddSource", "line", [](Parameters& p) -> SourceCommand { return AddSource{p.text("line")}; }},
    Method{"DeleteSource", "source",
           [](Parameters& p) -> SourceCommand { return DeleteSource{p.text("source")}; }},
    Method{"Refresh", "", [](Parameters&) -> SourceCommand { return RefreshNames{}; }},
    Method{"ReloadSources", "", [](Parameters&) -> SourceCommand { return ReloadSources{}; }},
    Method{"ResetSources", "", [](Parameters&) -> SourceCommand { return ResetSources{}; }},
    Method{"SelectOptions", "source options",
           [](Parameters& p) -> SourceCommand {
             return SetSelectOptions{p.text("source"), p.words("options")};
           }},
    Method{"Dump", "", [](Parameters&) -> SourceCommand { return DumpState{}; }},
};

const Method* find(std::string_view method) {
  constexpr std::string_view interface = "io.gnomon.Control.";
  if (!method.starts_with(interface)) return nullptr;
  const auto* found = std::ranges::find(methods, method.substr(interface.size()), &Method::name);
  return found == methods.end() ? nullptr : found;
}

}  // namespace

bool runs_source_command(std::string_view method) {
  return find(method) != nullptr;
}

std::expected<SourceCommand, std::string> source_command(std::string_view method,
                                                         const boost::json::object& parameters) {
  const auto* found = find(method);
  if (found == nullptr) return std::unexpected("method");
  Parameters given{parameters};
  auto order = found->read(given);
  if (given.wrong()) return std::unexpected(*given.wrong());
  for (const auto& parameter : parameters)
    if (!holds_name(found->parameters, parameter.key())) return std::unexpected(std::string{parameter.key()});
  return order;
}

}  // namespace gnomon::core::control
