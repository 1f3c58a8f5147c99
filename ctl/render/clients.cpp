// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <string_view>

#include "ctl/render/cells.hpp"
#include "ctl/render/render.hpp"

namespace gnomon::ctl {

namespace {

constexpr std::size_t client_name_width = 25;

// What the right half of the table is about.
struct Service {
  std::string_view label;
  std::string_view hits, drops, interval, last;
};
constexpr Service other_commands{"Cmd", "command_hits", "command_drops", "command_interval", "last_command"};
constexpr Service other_key_exchanges{"NTS-KE", "ke_hits", "ke_drops", "ke_interval", "last_ke"};

std::string header(const Service& service, const View& view) {
  const auto titles = fmt::format("Hostname{:<{}}NTP   Drop Int IntL Last  {:>6}   Drop Int  Last", "",
                                  22 + view.wider, service.label);
  return titles + '\n' + std::string(titles.size(), '=') + '\n';
}

std::string interval_cell(std::optional<double> interval) {
  return interval ? fmt::format("{:2.0f}", *interval) : " -";
}

std::string interval_csv(std::optional<double> interval) {
  constexpr double unknown = 127;
  return fmt::format("{:.0f}", interval.value_or(unknown));
}

std::string client_row(const Record& client, const Service& service, const View& view) {
  const auto width = client_name_width + view.wider;
  // Nobody has configured a name for them.
  const Naming naming{view.naming.reverse ? NameStyle::reverse : NameStyle::numeric, view.naming.reverse};
  const auto name = address_name(client, naming, width, client.text("address"));
  const auto hits = client.integer("ntp_hits"), drops = client.integer("ntp_drops"),
             other_hits = client.integer(service.hits), other_drops = client.integer(service.drops);
  const auto interval = client.optional_number("ntp_interval"),
             after_drop = client.optional_number("ntp_interval_after_drop"),
             other_interval = client.optional_number(service.interval);
  const auto last = client.optional_number("last_ntp"), other_last = client.optional_number(service.last);
  if (view.csv)
    return fmt::format("{},{},{},{},{},{},{},{},{},{}\n", name, hits, drops, interval_csv(interval),
                       interval_csv(after_drop), age_csv(last), other_hits, other_drops,
                       interval_csv(other_interval), age_csv(other_last));
  return fmt::format("{:<{}}  {:6}  {:5}  {}  {}  {}  {:6}  {:5}  {}  {}\n", name, width, hits, drops,
                     interval_cell(interval), interval_cell(after_drop), age_cell(last), other_hits,
                     other_drops, interval_cell(other_interval), age_cell(other_last));
}

std::string client_table(const Reply& reply, const Service& service, const View& view) {
  std::string text = view.csv ? "" : header(service, view);
  for (const Record& client : Record(reply).records("clients")) text += client_row(client, service, view);
  return text;
}

}  // namespace

std::string render_clients(const Reply& reply, const View& view) {
  return client_table(reply, other_commands, view);
}

std::string render_key_exchange_clients(const Reply& reply, const View& view) {
  return client_table(reply, other_key_exchanges, view);
}

}  // namespace gnomon::ctl
