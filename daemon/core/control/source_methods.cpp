// SPDX-License-Identifier: GPL-2.0-or-later
// The methods that give commands about sources.
#include <algorithm>
#include <array>
#include <limits>

#include "daemon/core/control/method.hpp"

namespace gnomon::core::control {

namespace {

template <bool Online>
SourceCommand read_online(Parameters& p) {
  return SetOnline{Online, p.subnet_if_any("within"), {}, p.text_or_none("source")};
}

SourceCommand read_burst(Parameters& p) {
  constexpr int most_exchanges = 10000;
  const int total = p.integer("total", 1, most_exchanges);
  return Burst{p.integer("good", 1, std::max(total, 1)),
               total,
               p.subnet_if_any("within"),
               {},
               p.text_or_none("source")};
}

SourceCommand read_modify(Parameters& p) {
  constexpr double any = std::numeric_limits<double>::infinity();
  return ModifySource{p.text("source"), p.text("option"), p.number("value", -any, any)};
}

SourceCommand read_add(Parameters& p) {
  return AddSourceLine{p.text("line")};
}

SourceCommand read_delete(Parameters& p) {
  return DeleteSource{p.text("source")};
}

SourceCommand read_select_options(Parameters& p) {
  return SetSelectOptions{p.text("source"), p.words("options")};
}

constexpr std::array source_table{
    Method{"io.gnomon.Control.Online", Right::operate, "within source", apply<read_online<true>>},
    Method{"io.gnomon.Control.Offline", Right::operate, "within source", apply<read_online<false>>},
    Method{"io.gnomon.Control.OnOffline", Right::operate, "", apply_plain<FollowNetwork>},
    Method{"io.gnomon.Control.Burst", Right::operate, "good total within source", apply<read_burst>},
    Method{"io.gnomon.Control.ModifySource", Right::operate, "source option value", apply<read_modify>},
    Method{"io.gnomon.Control.AddSource", Right::operate, "line", apply<read_add>},
    Method{"io.gnomon.Control.DeleteSource", Right::operate, "source", apply<read_delete>},
    Method{"io.gnomon.Control.Refresh", Right::operate, "", apply_plain<RefreshNames>},
    Method{"io.gnomon.Control.ReloadSources", Right::operate, "", apply_plain<ReloadSources>},
    Method{"io.gnomon.Control.ResetSources", Right::operate, "", apply_plain<ResetSources>},
    Method{"io.gnomon.Control.SelectOptions", Right::operate, "source options", apply<read_select_options>},
    Method{"io.gnomon.Control.Dump", Right::operate, "", apply_plain<DumpState>},
};

}  // namespace

Methods source_methods() {
  return source_table;
}

}  // namespace gnomon::core::control
