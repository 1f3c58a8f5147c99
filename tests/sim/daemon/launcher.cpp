// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/sim/daemon/launcher.hpp"

#include <sys/socket.h>

#include <csignal>

#include "base/os/channel.hpp"
#include "ipc/codec.hpp"
#include "tests/sim/daemon/calls/calls.hpp"

namespace gnomon::sim {

namespace {

// What has come since they were passed on: all that a handler may do. A pipe for them would be a descriptor
// that simulators do not know.
volatile std::sig_atomic_t stop_asked = 0;
volatile std::sig_atomic_t reload_asked = 0;

void note_signal(int number) {
  (number == SIGHUP ? reload_asked : stop_asked) = 1;
}

}  // namespace

Launcher::Launcher(asio::io_context& io, base::Fd channel, launcher::StartLog& log,
                   launcher::StartReport& report)
    : core_(io, asio::generic::seq_packet_protocol{AF_UNIX, 0}, channel.release()),
      log_(log),
      report_(report) {}

void Launcher::start() {
  const auto done = [](const std::exception_ptr& problem) {
    if (problem) std::rethrow_exception(problem);
  };
  asio::co_spawn(core_.get_executor(), hear_core(), done);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) std::signal(number, note_signal);
  on_interrupted_wait([this] { pass_signals_on(); });
}

asio::awaitable<void> Launcher::hear_core() {
  base::Buffer buffer(ipc::max_frame_size);
  while (true) {
    asio::socket_base::message_flags flags = 0;
    const auto [error, size] = co_await core_.async_receive(asio::buffer(buffer), flags, tok);
    const auto frame = ipc::parse_frame(base::Bytes{buffer}.first(size));
    if (error || !frame || frame->type == ipc::MessageType::finished) break;
    if (frame->type == ipc::MessageType::replace_ke_servers ||
        frame->type == ipc::MessageType::open_symmetric_keys)
      log_.write(base::LogEvent::certificates_reread,
                 "Certificates and keys are read once in a simulation: start gnomond-sim again");
    // A simulation reads its configuration once as well.
    if (frame->type == ipc::MessageType::read_configuration)
      tell_core(ipc::encode(ipc::ConfigurationEnd{}, 0));
    if (frame->type != ipc::MessageType::ready) continue;
    log_.forget_terminal();
    report_.ready();
  }
  on_interrupted_wait({});
}

void Launcher::pass_signals_on() {
  if (stop_asked != 0) tell_core(ipc::encode(ipc::Stop{}, 0));
  if (reload_asked != 0) tell_core(ipc::encode(ipc::Reload{}, 0));
  stop_asked = 0;
  reload_asked = 0;
}

void Launcher::tell_core(const base::Buffer& datagram) {
  if (const auto sent = base::send_datagram(core_.native_handle(), datagram); !sent)
    log_.write(base::LogEvent::core_takes_no_message,
               "The core is not reading its channel: " + base::to_string(sent.error()));
}

}  // namespace gnomon::sim
