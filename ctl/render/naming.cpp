// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/render/naming.hpp"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <memory>

#include "ctl/render/prose.hpp"

namespace gnomon::ctl {

namespace {

std::string truncated(std::string name, std::size_t width) {
  if (name.size() <= width) return name;
  name.resize(width - 1);
  return name + '>';
}

}  // namespace

bool is_refclock(const Record& source) {
  return source.flag("reference_clock");
}

bool is_resolved(const Record& source) {
  return source.optional_text("address").has_value() || is_refclock(source);
}

std::string address_name(const Record& record, const Naming& naming, std::size_t width,
                         const std::string& otherwise) {
  const auto address = record.optional_text("address");
  if (!address) return otherwise;
  if (naming.style == NameStyle::configured) return record.text("name");
  if (naming.style == NameStyle::numeric) return *address;
  return truncated(naming.reverse(*address).value_or(*address), width);
}

std::string source_name(const Record& source, const Naming& naming, std::size_t width) {
  if (is_refclock(source)) return source.text("name");
  const bool by_name = naming.style == NameStyle::configured;
  return address_name(source, naming, width,
                      by_name ? source.text("name") : fmt::format("ID#{:010}", source.integer("id")));
}

std::optional<std::string> reverse_lookup(const std::string& address) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST;
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(address.c_str(), nullptr, &hints, &found) != 0) return std::nullopt;
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  std::array<char, NI_MAXHOST> name{};
  if (getnameinfo(found->ai_addr, found->ai_addrlen, name.data(), name.size(), nullptr, 0, NI_NAMEREQD) != 0)
    return std::nullopt;
  auto text = harmless_text(name.data());
  // Who answers for the address chose this text: nothing in it may steer a terminal.
  std::ranges::replace(text, ' ', '?');
  return text;
}

}  // namespace gnomon::ctl
