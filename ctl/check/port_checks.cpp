// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/check/port_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>

#include "base/number.hpp"
#include "config/line_reader.hpp"
#include "config/words.hpp"

namespace gnomon::ctl {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view listening = "0A";
// Columns of the kernel's tables.
constexpr std::size_t local_column = 1;
constexpr std::size_t state_column = 3;
constexpr std::size_t inode_column = 9;

// The kernel prints each 32-bit word of an address as the machine has it.
std::optional<base::IpAddress> address_of(std::string_view digits) {
  constexpr std::size_t word_digits = 8;
  std::array<std::uint8_t, 16> octets{};
  if (digits.size() != word_digits && digits.size() != 4 * word_digits) return std::nullopt;
  for (std::size_t at = 0; at < digits.size(); at += word_digits) {
    const auto word = base::parse_number<std::uint32_t>(digits.substr(at, word_digits), {}, 16);
    if (!word) return std::nullopt;
    const auto bytes = std::bit_cast<std::array<std::uint8_t, 4>>(*word);
    std::ranges::copy(bytes, octets.begin() + static_cast<std::ptrdiff_t>(at / 2));
  }
  if (digits.size() == word_digits) return base::from_octets(base::Bytes{octets}.first(4));
  return base::from_octets(octets);
}

bool is_any(const base::IpAddress& address) {
  return std::ranges::all_of(address.octets, [](std::uint8_t octet) { return octet == 0; });
}

bool overlaps(const base::IpAddress& open, const std::vector<base::IpAddress>& wanted) {
  if (is_any(open) || wanted.empty()) return true;
  const bool other_family = std::ranges::none_of(
      wanted, [&](const base::IpAddress& address) { return address.family == open.family; });
  return other_family || std::ranges::find(wanted, open) != wanted.end();
}

bool is_ours(std::string_view holder) {
  return holder.starts_with("gnomon") || holder.starts_with("systemd ");
}

std::string whole_file(const fs::path& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

// Whether an open port at this address keeps us from ours.
using InTheWay = std::function<bool(const base::IpAddress&)>;

void check_port(const CheckedLine& line, const char* what, std::uint16_t port,
                const std::vector<OpenPort>& open, const InTheWay& in_the_way, FindHolder holder,
                Findings& findings) {
  for (const auto& each : open) {
    if (each.port != port || !in_the_way(each.address)) continue;
    const auto program = holder(each.inode);
    if (program && is_ours(*program)) continue;
    const auto who = program ? *program : std::string{"another program, or by a gnomond that is running"};
    if (program)
      findings.warning(line.place, {}, fmt::format("{} port {} is in use by {}", what, port, who),
                       "stop that program first");
    else
      findings.note(line.place, {}, fmt::format("{} port {} is in use by {}", what, port, who),
                    "run the check as root to see by which");
    return;
  }
}

}  // namespace

std::vector<OpenPort> open_ports(std::string_view table, bool tcp) {
  std::vector<OpenPort> ports;
  for (config::LineReader reader{table}; auto line = reader.next();) {
    const auto words = config::split_words(line->text);
    if (words.size() <= inode_column || (tcp && words[state_column].text != listening)) continue;
    const auto local = words[local_column].text;
    const auto colon = local.rfind(':');
    if (colon == local.npos) continue;
    const auto address = address_of(local.substr(0, colon));
    const auto port = base::parse_number<std::uint16_t>(local.substr(colon + 1), {}, 16);
    const auto inode = base::parse_number<std::uint64_t>(words[inode_column].text);
    if (address && port && inode) ports.push_back({*address, *port, *inode});
  }
  return ports;
}

std::optional<std::string> holder_of(std::uint64_t inode) {
  const auto wanted = fmt::format("socket:[{}]", inode);
  std::error_code error;
  for (fs::directory_iterator process{"/proc", error}, end; !error && process != end;
       process.increment(error)) {
    std::error_code unreadable;
    for (fs::directory_iterator fd{process->path() / "fd", unreadable}; !unreadable && fd != end;
         fd.increment(unreadable)) {
      std::error_code gone;
      if (fs::read_symlink(fd->path(), gone) != wanted) continue;
      auto name = whole_file(process->path() / "comm");
      while (name.ends_with('\n')) name.pop_back();
      return fmt::format("{} (pid {})", name, process->path().filename().string());
    }
  }
  return std::nullopt;
}

PortTables read_port_tables() {
  return {whole_file("/proc/net/udp"), whole_file("/proc/net/udp6"), whole_file("/proc/net/tcp"),
          whole_file("/proc/net/tcp6")};
}

void check_ports(const Configuration& configuration, const PortTables& tables, FindHolder holder,
                 Findings& findings) {
  const auto both = [](std::vector<OpenPort> ports, std::vector<OpenPort> more) {
    std::ranges::move(more, std::back_inserter(ports));
    return ports;
  };
  const auto& config = configuration.config;
  const InTheWay of_server = [&](const base::IpAddress& open) {
    return overlaps(open, config.server.bind_addresses);
  };
  if (const auto* const line = configuration.find("allow"); line != nullptr && config.serves_ntp())
    check_port(*line, "UDP", config.server.port,
               both(open_ports(tables.udp, false), open_ports(tables.udp6, false)), of_server, holder,
               findings);
  if (const auto* const line = configuration.find("ntsservercert"); line != nullptr && config.serves_ke())
    check_port(*line, "TCP", config.nts.port,
               both(open_ports(tables.tcp, true), open_ports(tables.tcp6, true)), of_server, holder,
               findings);
  const auto* const line = configuration.find("metricsaddress");
  for (const auto& wanted : config.control.metrics_addresses)
    if (line != nullptr && wanted.path.empty())
      check_port(
          *line, "TCP", wanted.endpoint.port,
          both(open_ports(tables.tcp, true), open_ports(tables.tcp6, true)),
          [&](const base::IpAddress& open) { return is_any(open) || open == wanted.endpoint.address; },
          holder, findings);
}

}  // namespace gnomon::ctl
