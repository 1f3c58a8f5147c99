// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <array>
#include <span>
#include <string_view>

#include "ctl/render/render.hpp"

namespace gnomon::ctl {

namespace {

struct Counter {
  std::string_view field;
  std::string_view label;
};

constexpr std::array activity{
    Counter{"online", "sources online"},
    Counter{"offline", "sources offline"},
    Counter{"burst_online", "sources doing burst (return to online)"},
    Counter{"burst_offline", "sources doing burst (return to offline)"},
    Counter{"unresolved", "sources with unknown address"},
};

constexpr std::array serverstats{
    Counter{"ntp_hits", "NTP packets received"},
    Counter{"ntp_drops", "NTP packets dropped"},
    Counter{"command_hits", "Command packets received"},
    Counter{"command_drops", "Command packets dropped"},
    Counter{"log_drops", "Client log records dropped"},
    Counter{"ke_hits", "NTS-KE connections accepted"},
    Counter{"ke_drops", "NTS-KE connections dropped"},
    Counter{"ntp_auth_hits", "Authenticated NTP packets"},
    Counter{"ntp_interleaved_hits", "Interleaved NTP packets"},
    Counter{"ntp_timestamps", "NTP timestamps held"},
    Counter{"ntp_timestamp_span", "NTP timestamp span"},
    Counter{"daemon_rx", "NTP daemon RX timestamps"},
    Counter{"daemon_tx", "NTP daemon TX timestamps"},
    Counter{"kernel_rx", "NTP kernel RX timestamps"},
    Counter{"kernel_tx", "NTP kernel TX timestamps"},
    Counter{"hardware_rx", "NTP hardware RX timestamps"},
    Counter{"hardware_tx", "NTP hardware TX timestamps"},
};

std::string counters_csv(const Record& record, std::span<const Counter> counters) {
  std::string line;
  for (const Counter& counter : counters)
    line += fmt::format("{}{}", line.empty() ? "" : ",", record.integer(counter.field));
  return line + '\n';
}

}  // namespace

std::string render_activity(const Reply& reply, const View& view) {
  const Record record(reply);
  if (view.csv) return counters_csv(record, activity);
  std::string text = "200 OK\n";
  for (const Counter& counter : activity)
    text += fmt::format("{} {}\n", record.integer(counter.field), counter.label);
  return text;
}

std::string render_serverstats(const Reply& reply, const View& view) {
  const Record record(reply);
  if (view.csv) return counters_csv(record, serverstats);
  std::string text;
  for (const Counter& counter : serverstats)
    text += fmt::format("{:<27}: {}\n", counter.label, record.integer(counter.field));
  return text;
}

std::string render_access(const Reply& reply, const View& /*view*/) {
  return Record(reply).truth("allowed") ? "208 Access allowed\n" : "209 Access denied\n";
}

std::string render_done(const Reply& /*reply*/, const View& /*view*/) {
  return "200 OK\n";
}

}  // namespace gnomon::ctl
