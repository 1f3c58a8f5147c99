// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/links/refclock_client.hpp"

#include <utility>
#include <vector>

namespace gnomon::core {

RefclockClient::RefclockClient(async::TaskGroup& tasks, Handlers handlers)
    : handlers_(std::move(handlers)),
      role_(tasks, ipc::Link::refclock,
            {.on_event = [this](const ipc::Frame& frame) { return accept(frame); },
             .on_disconnect =
                 [this](const std::string& why) {
                   if (handlers_.on_disconnect) handlers_.on_disconnect(why);
                 }}) {}

bool RefclockClient::accept(const ipc::Frame& frame) const {
  const auto message = ipc::decode<ipc::RefclockReadings>(frame);
  if (!message) return false;
  std::vector<RefclockNews> news;
  for (const auto& poll : message->polls) {
    auto& one = news.emplace_back(
        RefclockNews{.index = poll.index, .readings = {}, .polled = poll.polled, .at = poll.at});
    for (const auto& reading : poll.readings)
      one.readings.push_back({.time = reading.time,
                              .offset = reading.offset,
                              .dispersion = base::to_seconds(reading.dispersion),
                              .leap = reading.leap,
                              .pulse = reading.kind == ipc::RefclockKind::pulse});
  }
  handlers_.on_news(news);
  return true;
}

}  // namespace gnomon::core
