// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/sim/daemon/launcher.hpp"

#include <sys/socket.h>

#include <csignal>

#include "base/os/channel.hpp"
#include "ipc/codec.hpp"

namespace gnomon::sim {

Launcher::Launcher(asio::io_context& io, base::Fd channel, launcher::StartLog& log,
                   launcher::StartReport& report)
    : core_(io, asio::generic::seq_packet_protocol{AF_UNIX, 0}, channel.release()),
      signals_(io, SIGTERM, SIGINT, SIGHUP),
      log_(log),
      report_(report) {}

void Launcher::start() {
  const auto done = [](const std::exception_ptr& problem) {
    if (problem) std::rethrow_exception(problem);
  };
  asio::co_spawn(core_.get_executor(), hear_core(), done);
  asio::co_spawn(core_.get_executor(), pass_signals_on(), done);
}

asio::awaitable<void> Launcher::hear_core() {
  base::Buffer buffer(ipc::max_frame_size);
  while (true) {
    asio::socket_base::message_flags flags = 0;
    const auto [error, size] = co_await core_.async_receive(asio::buffer(buffer), flags, tok);
    const auto frame = ipc::parse_frame(base::Bytes{buffer}.first(size));
    if (error || !frame || frame->type == ipc::MessageType::finished) break;
    if (frame->type == ipc::MessageType::replace_ke_servers)
      log_.warning("The certificates are read once in a simulation: start gnomond-sim again");
    if (frame->type != ipc::MessageType::ready) continue;
    log_.forget_terminal();
    report_.ready();
  }
  signals_.cancel();
}

asio::awaitable<void> Launcher::pass_signals_on() {
  while (true) {
    const auto [error, number] = co_await signals_.async_wait(tok);
    if (error) co_return;
    tell_core(number == SIGHUP ? ipc::encode(ipc::Reload{}, 0) : ipc::encode(ipc::Stop{}, 0));
  }
}

void Launcher::tell_core(const base::Buffer& datagram) {
  if (const auto sent = base::send_datagram(core_.native_handle(), datagram); !sent)
    log_.error("The core takes no message: " + base::to_string(sent.error()));
}

}  // namespace gnomon::sim
