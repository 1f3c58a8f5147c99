// SPDX-License-Identifier: GPL-2.0-or-later
// The engine's clock commands carried to gnomon-clock; the only way the core can touch the system clock.
#pragma once

#include <functional>
#include <string>
#include <variant>

#include "daemon/core/engine/values/clock_command.hpp"
#include "daemon/core/links/role_client.hpp"
#include "ipc/rtc_messages.hpp"

namespace gnomon::core {

struct Refused {
  std::string what;  // one clause for the journal
};
struct StatusSet {};
using ClockOutcome = std::variant<engine::ClockChanged, StatusSet, Refused>;

class ClockClient {
 public:
  struct Handlers {
    std::function<void(const engine::ClockChanged&)> on_changed;  // a slew has ended by itself
    std::function<void(const ipc::RtcTick&)> on_rtc_tick;         // see ipc::ReadRtc
    std::function<void(const std::string&)> on_disconnect;
  };
  ClockClient(async::TaskGroup& tasks, bool rtc_sync, const Handlers& handlers);
  void connect(base::Fd channel) { role_.connect(std::move(channel)); }
  [[nodiscard]] bool connected() const { return role_.connected(); }
  [[nodiscard]] asio::awaitable<ClockOutcome> carry_out(engine::ClockCommand command);
  [[nodiscard]] asio::awaitable<ipc::RtcAnswer> ask_rtc(ipc::ReadRtc request);
  [[nodiscard]] asio::awaitable<ipc::RtcAnswer> ask_rtc(ipc::SetRtc request);

 private:
  template <class Request>
  asio::awaitable<ClockOutcome> ask(Request request);
  template <class Request>
  asio::awaitable<ipc::RtcAnswer> ask_about_rtc(Request request);

  bool rtc_sync_;
  RoleClient role_;
};

// The first request, made before anything else runs: at what rate the kernel has the clock. Waits for the
// answer, but not for ever. Error: one clause.
[[nodiscard]] std::expected<ipc::ClockReading, std::string> read_clock(
    int channel, std::chrono::milliseconds timeout = std::chrono::seconds{10});

}  // namespace gnomon::core
