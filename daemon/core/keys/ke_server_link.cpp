// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/keys/ke_server_link.hpp"

#include <fmt/core.h>
#include <sys/socket.h>

#include <algorithm>
#include <numeric>

#include "base/os/channel.hpp"
#include "base/os/random.hpp"
#include "base/secret.hpp"

namespace gnomon::core {

namespace {

std::optional<ipc::SealedCookies> seal(const ipc::SealCookies& order, const protocol::CookieSealer& sealer) {
  ipc::SealedCookies sealed;
  base::Buffer entropy(order.count * sizeof(protocol::NonceEntropy));
  base::fill_random(entropy);
  base::Bytes rest{entropy};
  for (int i = 0; i < order.count; ++i) {
    protocol::NonceEntropy nonce{};
    std::ranges::copy(rest.first(nonce.size()), nonce.begin());
    rest = rest.subspan(nonce.size());
    base::Buffer cookie(sealer.cookie_size(order.keys.aead));
    if (!sealer.seal(order.keys, nonce, cookie)) return std::nullopt;
    sealed.cookies.push_back(std::move(cookie));
  }
  return sealed;
}

}  // namespace

std::uint64_t KeTotals::dropped() const {
  return of(ipc::SessionEnd::denied_address) + of(ipc::SessionEnd::rate_limited) +
         of(ipc::SessionEnd::displaced);
}

std::uint64_t KeTotals::accepted() const {
  return std::accumulate(by_end.begin(), by_end.end(), std::uint64_t{0}) - dropped();
}

std::optional<base::Buffer> answer_ke_server(base::Bytes datagram, const protocol::CookieSealer& sealer,
                                             KeTotals& totals) {
  const auto frame = ipc::parse_frame(datagram);
  if (!frame || !ipc::is_legal(frame->type, ipc::Link::ke_server, ipc::Sender::helper)) return std::nullopt;
  if (frame->type == ipc::MessageType::sessions_ended) {
    const auto ended = ipc::decode<ipc::SessionsEnded>(*frame);
    if (!ended) return std::nullopt;
    for (const auto& each : ended->sessions)
      totals.by_end.at(static_cast<std::size_t>(each.how)) += each.count;
    return base::Buffer{};
  }
  const auto order = ipc::decode<ipc::SealCookies>(*frame);
  if (!order || frame->request_id == 0) return std::nullopt;
  const auto sealed = seal(*order, sealer);
  if (!sealed) return ipc::encode(ipc::SealRefused{}, frame->request_id);
  return ipc::encode(*sealed, frame->request_id);
}

void KeServerLink::connect(std::uint8_t index, base::Fd channel) {
  for (auto& [id, connection] : connections_)
    if (connection.index == index && !connection.retired) retire(id);
  const auto id = next_connection_++;
  connections_.emplace(
      id, Connection{.index = index,
                     .socket = Socket{tasks_.io(), asio::generic::seq_packet_protocol{AF_UNIX, 0},
                                      channel.release()},
                     .retirement = asio::steady_timer{tasks_.io()}});
  tasks_.spawn("NTS-KE server link", serve(id));
}

void KeServerLink::retire(std::uint32_t id) {
  auto& connection = connections_.at(id);
  connection.retired = true;
  // One that takes no message has the time all the same.
  [[maybe_unused]] const auto told =
      base::send_datagram(connection.socket.native_handle(), ipc::encode(ipc::Retire{}, 0));
  connection.retirement.expires_after(longest_leave_);
  // By id: the connection may be gone before the timer's handler runs.
  connection.retirement.async_wait([this, id](const boost::system::error_code& error) {
    if (const auto found = connections_.find(id); !error && found != connections_.end())
      found->second.socket.close();
  });
}

std::optional<base::Buffer> KeServerLink::answer(base::Bytes datagram) {
  const auto frame = ipc::parse_frame(datagram);
  if (frame && frame->type == ipc::MessageType::certificate_facts) {
    const auto facts = ipc::decode<ipc::CertificateFacts>(*frame);
    return facts && on_certificate_(*facts) ? std::optional{base::Buffer{}} : std::nullopt;
  }
  return sealer_ ? answer_ke_server(datagram, *sealer_, totals_) : std::nullopt;
}

asio::awaitable<void> KeServerLink::serve(std::uint32_t id) {
  auto& [index, socket, retirement, retired] = connections_.at(id);
  base::Buffer buffer(ipc::max_frame_size + 1);
  while (socket.is_open()) {
    asio::socket_base::message_flags flags = 0;
    const auto [error, size] = co_await socket.async_receive(asio::buffer(buffer), flags, tok);
    if (error || size == 0) break;
    const auto datagram = base::MutableBytes{buffer}.first(size);
    const auto reply = answer(datagram);
    base::wipe(datagram);
    if (!reply) {
      log_.write(base::LogEvent::ke_server_broke_rules,
                 fmt::format("NTS-KE server process {} sent a forbidden message: disconnected", index),
                 {{base::LogField::process, fmt::format("gnomon-ntske (server {})", index)}});
      break;
    }
    if (reply->empty()) continue;
    const auto [failure, sent] = co_await socket.async_send(asio::buffer(*reply), 0, tok);
    if (failure || sent != reply->size()) break;
  }
  connections_.erase(id);
}

}  // namespace gnomon::core
