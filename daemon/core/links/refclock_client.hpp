// SPDX-License-Identifier: GPL-2.0-or-later
// The core's end of the channel to gnomon-refclock: readings come, nothing is asked.
#pragma once

#include <functional>
#include <string>

#include "daemon/core/engine/values/refclock_reading.hpp"
#include "daemon/core/links/role_client.hpp"

namespace gnomon::core {

// One look at the reference clock with that number in the configuration.
struct RefclockNews {
  std::size_t index = 0;
  std::vector<engine::RefclockReading> readings;
  bool polled = false;  // the device was polled for them
  base::MonoTime at;    // when; a message may have waited for others
};

class RefclockClient {
 public:
  struct Handlers {
    std::function<void(const std::vector<RefclockNews>&)> on_news;  // of one message
    std::function<void(const std::string&)> on_disconnect{};
  };
  RefclockClient(async::TaskGroup& tasks, Handlers handlers);
  void connect(base::Fd channel) { role_.connect(std::move(channel)); }
  [[nodiscard]] bool connected() const { return role_.connected(); }

 private:
  [[nodiscard]] bool accept(const ipc::Frame& frame) const;

  Handlers handlers_;
  RoleClient role_;
};

}  // namespace gnomon::core
