// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/cmdmon/open_commands.hpp"

#include <array>
#include <string_view>

namespace gnomon::core::cmdmon {

namespace {

using protocol::cmdmon::Code;

// One row for each request that chronyc makes for the command, as in chrony's `opencommands`.
struct Opened {
  std::string_view name;
  Code code;
};
constexpr std::array opened{
    Opened{"activity", Code::activity},          Opened{"authdata", Code::n_sources},
    Opened{"authdata", Code::auth_data},         Opened{"clients", Code::client_accesses},
    Opened{"manual", Code::manual_list},         Opened{"ntpdata", Code::n_sources},
    Opened{"ntpdata", Code::ntp_data},           Opened{"rtcdata", Code::rtcreport},
    Opened{"selectdata", Code::n_sources},       Opened{"selectdata", Code::select_data},
    Opened{"serverstats", Code::server_stats},   Opened{"smoothing", Code::smoothing},
    Opened{"sourcename", Code::ntp_source_name}, Opened{"sources", Code::n_sources},
    Opened{"sources", Code::source_data},        Opened{"sourcestats", Code::n_sources},
    Opened{"sourcestats", Code::sourcestats},    Opened{"tracking", Code::tracking}};

}  // namespace

OpenCommands::OpenCommands(std::span<const std::string> names) {
  for (const auto& name : names)
    for (const auto& row : opened)
      if (row.name == name) codes_.insert(row.code);
}

}  // namespace gnomon::core::cmdmon
