// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/keys/ke_server_link.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>

#include "base/os/random.hpp"

namespace gnomon::core {

namespace {

std::optional<ipc::SealedCookies> seal(const ipc::SealCookies& request,
                                       const protocol::CookieSealer& sealer) {
  ipc::SealedCookies sealed;
  base::Buffer entropy(request.count * sizeof(protocol::NonceEntropy));
  base::fill_random(entropy);
  base::Bytes rest{entropy};
  for (int i = 0; i < request.count; ++i) {
    protocol::NonceEntropy nonce{};
    std::ranges::copy(rest.first(nonce.size()), nonce.begin());
    rest = rest.subspan(nonce.size());
    base::Buffer cookie(sealer.cookie_size(request.keys.aead));
    if (!sealer.seal(request.keys, nonce, cookie)) return std::nullopt;
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

std::optional<base::Buffer> answer_ke_server(const ipc::Frame& frame, const protocol::CookieSealer& sealer) {
  const auto request = ipc::decode<ipc::SealCookies>(frame);
  if (!request || frame.request_id == 0) return std::nullopt;
  const auto sealed = seal(*request, sealer);
  if (!sealed) return ipc::encode(ipc::SealRefused{}, frame.request_id);
  return ipc::encode(*sealed, frame.request_id);
}

void KeServerLink::connect(std::uint8_t index, base::Fd channel) {
  for (auto& [id, connection] : connections_)
    if (connection.index == index && !connection.retired) retire(id);
  const auto id = next_connection_++;
  connections_.try_emplace(id, index, tasks_.io(), std::move(channel));
  for (const auto& datagram : told_) tasks_.spawn("NTS-KE server access", send(id, datagram));
  tasks_.spawn("NTS-KE server link", serve(id));
}

std::size_t KeServerLink::connected() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(connections_, [](const auto& each) { return !each.second.retired; }));
}

void KeServerLink::tell_all(base::Buffer datagram) {
  for (const auto& [id, connection] : connections_) tasks_.spawn("NTS-KE server access", send(id, datagram));
  told_.push_back(std::move(datagram));
}

// By id: the connection may be gone by then.
asio::awaitable<void> KeServerLink::send(std::uint32_t id, base::Buffer datagram) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) co_return;
  // One that is gone shows where its frames are received.
  [[maybe_unused]] const bool sent = co_await found->second.channel.send(std::move(datagram));
}

void KeServerLink::retire(std::uint32_t id) {
  auto& connection = connections_.at(id);
  connection.retired = true;
  // One that is not reading its channel has the time all the same.
  [[maybe_unused]] const auto told = connection.channel.send_at_once(ipc::encode(ipc::Retire{}, 0));
  tasks_.spawn("NTS-KE server retirement", close_later(id));
}

// By id: the connection may be gone by then.
asio::awaitable<void> KeServerLink::close_later(std::uint32_t id) {
  co_await async::pause_for(tasks_.loop(), longest_leave_);
  if (const auto found = connections_.find(id); found != connections_.end()) found->second.channel.close();
}

std::optional<base::Buffer> KeServerLink::answer(const ipc::Frame& frame) {
  if (frame.type == ipc::MessageType::certificate_facts) {
    const auto facts = ipc::decode<ipc::CertificateFacts>(frame);
    return facts && handlers_.on_certificate(*facts) ? std::optional{base::Buffer{}} : std::nullopt;
  }
  if (frame.type == ipc::MessageType::certificates_unusable) {
    const auto told = ipc::decode<ipc::CertificatesUnusable>(frame);
    if (!told) return std::nullopt;
    if (handlers_.on_unusable) handlers_.on_unusable(told->reason);
    return base::Buffer{};
  }
  if (frame.type == ipc::MessageType::sessions_ended) {
    const auto ended = ipc::decode<ipc::SessionsEnded>(frame);
    if (!ended) return std::nullopt;
    count(*ended);
    return base::Buffer{};
  }
  return sealer_ ? answer_ke_server(frame, *sealer_) : std::nullopt;
}

void KeServerLink::count(const ipc::SessionsEnded& ended) {
  for (const auto& each : ended.sessions) {
    totals_.by_end.at(static_cast<std::size_t>(each.how)) += each.count;
    if (handlers_.on_sessions) handlers_.on_sessions(each);
  }
}

asio::awaitable<bool> KeServerLink::answer_requests(async::Channel& channel) {
  while (true) {
    const auto received = co_await channel.receive();
    if (!received) co_return received.error().kind != async::ChannelEnd::Kind::illegal_frame;
    auto reply = answer(received->frame);
    if (!reply) co_return false;
    if (reply->empty()) continue;
    const bool sent = co_await channel.send(std::move(*reply));
    if (!sent) co_return true;
  }
}

asio::awaitable<void> KeServerLink::serve(std::uint32_t id) {
  auto& connection = connections_.at(id);
  const bool legal = co_await answer_requests(connection.channel);
  if (!legal)
    log_.write(
        base::LogEvent::ke_server_broke_rules,
        fmt::format("NTS-KE server process {} sent a forbidden message: disconnected", connection.index),
        {{base::LogField::process, fmt::format("gnomon-ntske (server {})", connection.index)}});
  connections_.erase(id);
}

}  // namespace gnomon::core
