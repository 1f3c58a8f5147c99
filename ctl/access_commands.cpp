// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/access_commands.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <memory>

#include "base/access.hpp"
#include "config/network.hpp"
#include "ctl/arguments.hpp"

namespace gnomon::ctl {

namespace {

// The name of an address in digits; nullopt: nobody knows the host.
std::optional<std::string> address_of(const std::string& host) {
  if (const auto address = base::parse_address(host)) return base::to_string(*address);
  if (!base::is_host_name(host)) return std::nullopt;
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return std::nullopt;
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  std::array<char, NI_MAXHOST> text{};
  if (getnameinfo(found->ai_addr, found->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) !=
      0)
    return std::nullopt;
  return text.data();
}

// ADDRESS/BITS, as the daemon takes it.
std::optional<std::string> subnet_of(const std::string& word) {
  if (const auto subnet = config::parse_network(word))
    return fmt::format("{}/{}", base::to_string(subnet->address), subnet->bits);
  return address_of(word);
}

std::string_view list_of(std::string_view name) {
  return name.starts_with("cmd") ? "commands" : "ntp";
}

}  // namespace

Made change_access(std::string_view name, const Words& words) {
  const bool all = !words.empty() && words[0] == "all";
  const std::size_t at = all ? 1 : 0;
  if (auto complaint = count_complaint(words, 0, at + 1); !complaint.empty())
    return std::unexpected(std::move(complaint));
  MethodCall call{.method = "ChangeAccess",
                  .parameters = {{"list", list_of(name)}, {"allow", name.ends_with("allow")}, {"all", all}}};
  if (words.size() == at) return call;
  const auto subnet = subnet_of(words[at]);
  if (!subnet)
    return std::unexpected(
        fmt::format("'{}' is neither an address, nor a subnet such as 192.0.2.0/24, nor a host that can be "
                    "resolved",
                    words[at]));
  call.parameters["subnet"] = *subnet;
  return call;
}

Made check_access(std::string_view name, const Words& words) {
  if (auto complaint = count_complaint(words, 1, 1); !complaint.empty())
    return std::unexpected(std::move(complaint));
  const auto address = address_of(words[0]);
  if (!address)
    return std::unexpected(
        fmt::format("'{}' is neither an address nor a host that can be resolved", words[0]));
  return MethodCall{.method = "CheckAccess", .parameters = {{"list", list_of(name)}, {"address", *address}}};
}

Made clients(std::string_view /*name*/, const Words& words) {
  MethodCall call{.method = "Clients", .render = render_clients, .pages = "clients"};
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "-k") {
      call.render = render_key_exchange_clients;
    } else if (words[i] == "-r") {
      call.parameters["reset"] = true;
    } else if (words[i] == "-p") {
      constexpr base::NumberRange<std::int32_t> hits{.low = 0};
      const auto least = i + 1 < words.size() ? base::parse_number(words[++i], hits) : std::nullopt;
      if (!least) return std::unexpected("-p needs a number of requests, as in -p 10");
      call.parameters["least_hits"] = *least;
    } else {
      return std::unexpected(fmt::format("unexpected argument '{}'", words[i]));
    }
  }
  return call;
}

}  // namespace gnomon::ctl
