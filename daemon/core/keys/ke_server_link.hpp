// SPDX-License-Identifier: GPL-2.0-or-later
// The core's ends of the socketpairs to the NTS-KE server roles: seals cookies for them and counts their
// sessions. The master keys do not leave the core.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "async/channel.hpp"
#include "async/task_group.hpp"
#include "base/os/fd.hpp"
#include "base/os/log.hpp"
#include "ipc/codec.hpp"
#include "protocol/nts/cookie.hpp"

namespace gnomon::core {

struct KeTotals {
  // By how the sessions ended.
  std::array<std::uint64_t, static_cast<std::size_t>(ipc::SessionEnd::internal) + 1> by_end{};

  [[nodiscard]] std::uint64_t of(ipc::SessionEnd how) const {
    return by_end.at(static_cast<std::size_t>(how));
  }
  // As chrony counts: those that were given a chance, and those that were turned away at the door.
  [[nodiscard]] std::uint64_t accepted() const;
  [[nodiscard]] std::uint64_t dropped() const;
};

// What a request for cookies is answered with. nullopt: it is none, or wrong: disconnect.
[[nodiscard]] std::optional<base::Buffer> answer_ke_server(const ipc::Frame& frame,
                                                           const protocol::CookieSealer& sealer);

class KeServerLink {
 public:
  struct Handlers {
    // False: the server role may not say this.
    std::function<bool(const ipc::CertificateFacts&)> on_certificate;
    std::function<void(const ipc::EndedSessions&)> on_sessions;    // beside the totals
    std::function<void(const std::string& reason)> on_unusable{};  // see CertificatesUnusable
  };
  // A session lasts 2 s at most, and a server that was replaced leaves after its last one; one that does not
  // within `longest_leave` loses its connection.
  KeServerLink(async::TaskGroup& tasks, base::Log& log, Handlers handlers,
               base::Duration longest_leave = std::chrono::seconds{10})
      : tasks_(tasks), log_(log), handlers_(std::move(handlers)), longest_leave_(longest_leave) {}
  KeServerLink(const KeServerLink&) = delete;
  KeServerLink& operator=(const KeServerLink&) = delete;

  void set_keys(std::span<const protocol::KeySet> keys) { sealer_.emplace(keys); }
  // Who a host in their access rules is, and `allow` and `deny` at run time; those that come later are told
  // as well, in the same order.
  void tell(const ipc::HostAddresses& host) { tell_all(ipc::encode(host, 0)); }
  void tell(const ipc::AddAccessRule& rule) { tell_all(ipc::encode(rule, 0)); }
  // Processes that connect from now on know the rules that there are.
  void forget_access() { told_.clear(); }
  // A process that had the same index is told to end its sessions and leave.
  void connect(std::uint8_t index, base::Fd channel);
  // Those that accept.
  [[nodiscard]] std::size_t connected() const;
  [[nodiscard]] const KeTotals& totals() const { return totals_; }

 private:
  struct Connection {
    Connection(std::uint8_t its_index, asio::io_context& io, base::Fd end)
        : index(its_index), channel(io, std::move(end), ipc::Link::ke_server, ipc::Sender::helper) {}
    std::uint8_t index;
    async::Channel channel;
    bool retired = false;
  };
  void tell_all(base::Buffer datagram);
  asio::awaitable<void> serve(std::uint32_t id);
  // Until the channel ends. False: by a message that the server role may not send.
  [[nodiscard]] asio::awaitable<bool> answer_requests(async::Channel& channel);
  void retire(std::uint32_t id);
  asio::awaitable<void> close_later(std::uint32_t id);
  asio::awaitable<void> send(std::uint32_t id, base::Buffer datagram);
  [[nodiscard]] std::optional<base::Buffer> answer(const ipc::Frame& frame);
  void count(const ipc::SessionsEnded& ended);

  async::TaskGroup& tasks_;
  base::Log& log_;
  Handlers handlers_;
  base::Duration longest_leave_;
  std::optional<protocol::CookieSealer> sealer_;
  std::vector<base::Buffer> told_;                   // about access, in this order
  std::map<std::uint32_t, Connection> connections_;  // each goes when its serve() ends
  std::uint32_t next_connection_ = 0;
  KeTotals totals_;
};

}  // namespace gnomon::core
