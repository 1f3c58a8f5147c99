// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/resolve_client.hpp"

namespace gnomon::core {

namespace {

// The resolver takes one name after the other and may wait long for each.
constexpr Patience resolve_patience{.reply = std::chrono::seconds{120}};

std::vector<base::IpAddress> literal(const base::IpAddress& address, base::AddressFamily family) {
  if (family != base::AddressFamily::unspecified && address.family != family) return {};
  return {address};
}

}  // namespace

ResolveClient::ResolveClient(TaskGroup& tasks, std::function<void(const std::string&)> on_disconnect)
    : role_(tasks, ipc::Link::resolve, {.on_event = {}, .on_disconnect = std::move(on_disconnect)}) {}

asio::awaitable<std::vector<base::IpAddress>> ResolveClient::resolve(std::string name,
                                                                     base::AddressFamily family) {
  if (const auto address = base::parse_address(name)) co_return literal(*address, family);
  if (name.empty() || name.size() > 255) co_return std::vector<base::IpAddress>{};
  const ipc::Resolve question{.name = std::move(name), .family = family};
  const auto reply = co_await role_.request(question, resolve_patience);
  if (!reply) co_return std::vector<base::IpAddress>{};
  const auto frame = reply->frame();
  if (!frame || frame->type != ipc::MessageType::resolved) co_return std::vector<base::IpAddress>{};
  auto resolved = ipc::decode<ipc::Resolved>(*frame);
  if (!resolved) {
    role_.disconnect("its answer could not be read");
    co_return std::vector<base::IpAddress>{};
  }
  co_return std::move(resolved->addresses);
}

}  // namespace gnomon::core
