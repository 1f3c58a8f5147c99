// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/links/metrics_link.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "async/every.hpp"
#include "ipc/codec.hpp"

namespace gnomon::core {

using Kind = async::ChannelEnd::Kind;

asio::awaitable<bool> MetricsLink::send(async::Channel& channel, std::string text, std::uint32_t id) {
  for (std::string_view rest = text;;) {
    const auto part = rest.substr(0, ipc::MetricsPart::most_octets);
    rest.remove_prefix(part.size());
    auto datagram = ipc::encode(ipc::MetricsPart{.last = rest.empty(), .text = std::string{part}}, id);
    const bool sent = co_await channel.send(std::move(datagram));
    if (!sent || rest.empty()) co_return sent;
  }
}

asio::awaitable<async::ChannelEnd> MetricsLink::answer_requests(async::Channel& channel) {
  while (true) {
    const auto received = co_await channel.receive();
    if (!received) co_return received.error();
    const auto id = received->frame.request_id;
    const auto request = ipc::decode<ipc::ReadMetrics>(received->frame);
    if (!request || id == 0) co_return async::ChannelEnd{Kind::illegal_frame};
    auto text = handlers_.text(request->format);
    const bool sent = co_await send(channel, std::move(text), id);
    if (!sent) co_return async::ChannelEnd{Kind::closed};
    co_await async::pause_for(tasks_.loop(), pause);
  }
}

asio::awaitable<void> MetricsLink::serve(base::Fd end) {
  async::Channel channel{tasks_.io(), std::move(end), ipc::Link::metrics, ipc::Sender::helper};
  if (channel_ != nullptr) channel_->close();  // a new process takes the old one's place
  channel_ = &channel;
  const auto how = co_await answer_requests(channel);
  if (channel_ != &channel) co_return;
  channel_ = nullptr;
  if (how.kind == Kind::closed_here || !handlers_.on_disconnect) co_return;  // the core stops
  handlers_.on_disconnect(how.kind == Kind::illegal_frame ? "it sent a forbidden message"
                                                          : "it closed its channel");
}

}  // namespace gnomon::core
