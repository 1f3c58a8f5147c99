// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/links/resolve_client.hpp"

#include <optional>
#include <utility>

#include "daemon/core/engine/values/possible_server.hpp"

namespace gnomon::core {

namespace {

// The resolver takes a few names at once and may wait long for each.
constexpr Timeout resolve_timeout{.reply = std::chrono::seconds{120}};

// After a failure the resolver tells when the files for names change: longer than the pause until the name is
// asked for again.
constexpr base::Duration watch_after_failure = std::chrono::seconds{100};

using engine::NameFailure;
using engine::Resolved;

Resolved failed(NameFailure why) {
  return {.addresses = {}, .failure = why};
}

Resolved literal(const base::IpAddress& address, base::AddressFamily family) {
  if (family != base::AddressFamily::unspecified && address.family != family)
    return failed(NameFailure::no_such_name);
  return {.addresses = {address}};
}

NameFailure failure_of(ipc::ResolveError error) {
  switch (error) {
    case ipc::ResolveError::not_found:
      return NameFailure::no_such_name;
    case ipc::ResolveError::try_again:
      return NameFailure::no_answer;
    case ipc::ResolveError::failed:
      break;
  }
  return NameFailure::not_possible;
}

// nullopt: neither of the two answers there are.
std::optional<Resolved> read_reply(const ipc::Frame& frame) {
  if (frame.type == ipc::MessageType::resolve_failed) {
    const auto read = ipc::decode<ipc::ResolveFailed>(frame);
    return read ? std::optional{failed(failure_of(read->error))} : std::nullopt;
  }
  if (frame.type != ipc::MessageType::resolved) return std::nullopt;
  auto read = ipc::decode<ipc::Resolved>(frame);
  return read ? std::optional{Resolved{.addresses = std::move(read->addresses)}} : std::nullopt;
}

}  // namespace

ResolveClient::ResolveClient(async::TaskGroup& tasks, Handlers handlers)
    : handlers_(std::move(handlers)),
      role_(tasks, ipc::Link::resolve,
            {.on_event =
                 [this](const ipc::Frame& frame) {
                   return renewed_ = frame.type == ipc::MessageType::name_files_changed;
                 },
             .on_disconnect =
                 [this](const std::string& why) {
                   if (!renewed_ && handlers_.on_disconnect) handlers_.on_disconnect(why);
                 },
             .on_wanted = handlers_.on_wanted,
             .on_idle = handlers_.on_idle}) {}

void ResolveClient::connect(base::Fd channel) {
  role_.connect(std::move(channel));
  if (std::exchange(renewed_, false) && handlers_.on_files_changed) handlers_.on_files_changed();
}

Resolved ResolveClient::possible(const std::string& name, Resolved resolved) const {
  const auto removed = engine::remove_impossible(resolved.addresses);
  if (removed.empty()) return resolved;
  if (handlers_.on_impossible) handlers_.on_impossible(name, removed);
  if (resolved.addresses.empty()) resolved.failure = NameFailure::impossible;
  return resolved;
}

asio::awaitable<Resolved> ResolveClient::resolve(std::string name, base::AddressFamily family) {
  if (const auto address = base::parse_address(name)) co_return literal(*address, family);
  if (name.empty() || name.size() > 255) co_return failed(NameFailure::no_such_name);
  const ipc::Resolve request{.name = name, .family = family};
  const auto reply = co_await role_.request(request, resolve_timeout);
  if (!reply)
    co_return failed(reply.error() == RequestError::timeout ? NameFailure::no_reply
                                                            : NameFailure::no_resolver);
  if (reply->frame().type == ipc::MessageType::resolve_failed) role_.stay_for(watch_after_failure);
  auto resolved = read_reply(reply->frame());
  if (!resolved) {
    role_.disconnect("its answer could not be read");
    co_return failed(NameFailure::no_resolver);
  }
  co_return possible(name, std::move(*resolved));
}

}  // namespace gnomon::core
