// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include <cmath>
#include <string_view>

#include "ctl/render/address_id.hpp"
#include "ctl/render/cells.hpp"
#include "ctl/render/render.hpp"

namespace gnomon::ctl {

namespace {

// An address and the reference ID that stands for it.
struct Address {
  std::string text;
  std::string id;
};

Address address_of(const Record& data, std::string_view field) {
  const auto text = data.optional_text(field);
  if (!text) return {.text = "[UNSPEC]", .id = reference_id_hex(0)};
  const auto parsed = base::parse_address(*text);
  return {.text = *text, .id = reference_id_hex(parsed ? address_id(*parsed) : 0)};
}

std::string_view mode_text(std::int64_t mode) {
  switch (mode) {
    case 1:
      return "Symmetric active";
    case 2:
      return "Symmetric passive";
    case 3:
      return "Client";
    case 4:
      return "Server";
    case 5:
      return "Broadcast";
    default:
      return "Invalid";
  }
}

// Three groups, the ten tests of a response (RFC 5905 section 8).
std::string tests_text(const Record& data, std::string_view separator) {
  std::string tests = data.text("tests");
  tests.resize(10, '0');
  return fmt::format("{1}{0}{2}{0}{3}", separator, tests.substr(0, 3), tests.substr(3, 3), tests.substr(6));
}

// The ID has letters only next to a reference clock; below, it stands for an address.
std::string reference_letters(const Record& data) {
  return data.integer("stratum") <= 1 ? reference_id_text(data.integer("reference_id")) : "";
}

double power_of_two(std::int64_t exponent) {
  return std::exp2(static_cast<double>(exponent));
}

std::string address_lines(const Record& data) {
  const Address remote = address_of(data, "address"), local = address_of(data, "local_address");
  return fmt::format(
      "Remote address  : {} ({})\n"
      "Remote port     : {}\n"
      "Local address   : {} ({})\n",
      remote.text, remote.id, data.integer("port"), local.text, local.id);
}

std::string packet_lines(const Record& data) {
  const auto poll = data.integer("poll"), precision = data.integer("precision");
  return fmt::format(
      "Leap status     : {}\n"
      "Version         : {}\n"
      "Mode            : {}\n"
      "Stratum         : {}\n"
      "Poll interval   : {} ({:.0f} seconds)\n"
      "Precision       : {} ({:.9f} seconds)\n"
      "Root delay      : {:.6f} seconds\n"
      "Root dispersion : {:.6f} seconds\n"
      "Reference ID    : {} ({})\n"
      "Reference time  : {}\n",
      leap_text(data.text("leap")), data.integer("version"), mode_text(data.integer("mode")),
      data.integer("stratum"), poll, power_of_two(poll), precision, power_of_two(precision),
      data.number("root_delay"), data.number("root_dispersion"),
      reference_id_hex(data.integer("reference_id")), reference_letters(data),
      date_text(data.number("reference_time")));
}

std::string sample_lines(const Record& data) {
  return fmt::format(
      "Offset          : {:+.9f} seconds\n"
      "Peer delay      : {:.9f} seconds\n"
      "Peer dispersion : {:.9f} seconds\n"
      "Response time   : {:.9f} seconds\n"
      "Jitter asymmetry: {:+.2f}\n"
      "NTP tests       : {}\n"
      "Interleaved     : {}\n"
      "Authenticated   : {}\n"
      "TX timestamping : {}\n"
      "RX timestamping : {}\n",
      data.number("offset"), data.number("delay"), data.number("dispersion"), data.number("response_time"),
      data.number("jitter_asymmetry"), tests_text(data, " "), yes_no(data.truth("interleaved")),
      yes_no(data.truth("authenticated")), capitalised(data.text("tx_stamp")),
      capitalised(data.text("rx_stamp")));
}

std::string total_lines(const Record& data) {
  return fmt::format(
      "Total TX        : {}\n"
      "Total RX        : {}\n"
      "Total valid RX  : {}\n"
      "Total good RX   : {}\n"
      "Total kernel TX : {}\n"
      "Total kernel RX : {}\n"
      "Total HW TX     : {}\n"
      "Total HW RX     : {}\n",
      data.integer("total_tx"), data.integer("total_rx"), data.integer("total_valid_rx"),
      data.integer("total_good_rx"), data.integer("total_kernel_tx"), data.integer("total_kernel_rx"),
      data.integer("total_hw_tx"), data.integer("total_hw_rx"));
}

std::string csv_packet(const Record& data) {
  const Address remote = address_of(data, "address"), local = address_of(data, "local_address");
  const auto poll = data.integer("poll"), precision = data.integer("precision");
  return fmt::format("{},{},{},{},{},{},{},{},{},{},{:.0f},{},{:.9f},{:.6f},{:.6f},{},{},{:.9f}", remote.text,
                     remote.id, data.integer("port"), local.text, local.id, leap_text(data.text("leap")),
                     data.integer("version"), mode_text(data.integer("mode")), data.integer("stratum"), poll,
                     power_of_two(poll), precision, power_of_two(precision), data.number("root_delay"),
                     data.number("root_dispersion"), reference_id_hex(data.integer("reference_id")),
                     reference_letters(data), data.number("reference_time"));
}

std::string csv_rest(const Record& data) {
  return fmt::format(
      ",{:.9f},{:.9f},{:.9f},{:.9f},{:.2f},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", data.number("offset"),
      data.number("delay"), data.number("dispersion"), data.number("response_time"),
      data.number("jitter_asymmetry"), tests_text(data, ","), yes_no(data.truth("interleaved")),
      yes_no(data.truth("authenticated")), capitalised(data.text("tx_stamp")),
      capitalised(data.text("rx_stamp")), data.integer("total_tx"), data.integer("total_rx"),
      data.integer("total_valid_rx"), data.integer("total_good_rx"), data.integer("total_kernel_tx"),
      data.integer("total_kernel_rx"), data.integer("total_hw_tx"), data.integer("total_hw_rx"));
}

std::string one_source(const Record& data, const View& view) {
  if (view.csv) return csv_packet(data) + csv_rest(data);
  return address_lines(data) + packet_lines(data) + sample_lines(data) + total_lines(data);
}

}  // namespace

std::string render_ntpdata(const Reply& reply, const View& view) {
  const std::string_view before = view.csv || view.single ? "" : "\n";
  std::string text;
  for (const Record& data : Record(reply).records("sources"))
    if (is_resolved(data)) text.append(before).append(one_source(data, view));
  return text;
}

}  // namespace gnomon::ctl
