// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/links/refclock_client.hpp"

#include <utility>

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
  RefclockNews news{.index = message->index, .polled = message->polled};
  for (const auto& one : message->readings)
    news.readings.push_back({.time = one.time,
                             .offset = one.offset,
                             .dispersion = base::to_seconds(one.dispersion),
                             .leap = one.leap,
                             .pulse = one.kind == ipc::RefclockKind::pulse});
  handlers_.on_news(news);
  return true;
}

}  // namespace gnomon::core
