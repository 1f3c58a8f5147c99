// SPDX-License-Identifier: GPL-2.0-or-later
// Supervisor: the files, sockets and devices that the core asks for, and the sockets that it has not.
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "base/os/channel.hpp"
#include "daemon/launcher/roles/supervisor.hpp"
#include "daemon/launcher/sockets/signd_socket.hpp"
#include "ipc/codec.hpp"

namespace gnomon::launcher {

// One request at a time, so the channel has room for the reply, unless the core does not read.
void Supervisor::on_sources_request() {
  std::array<std::uint8_t, ipc::max_frame_size> octets{};
  const auto datagram = base::receive_datagram(sources_channel_.get(), octets);
  if (!datagram && datagram.error().code == EAGAIN) return;
  if (!datagram || datagram->size == 0) return sources_channel_.close();
  const auto frame = ipc::parse_frame(base::Bytes{octets}.first(datagram->size));
  const auto request = frame ? ipc::decode<ipc::OpenSources>(*frame) : std::unexpected(frame.error());
  if (!request || datagram->descriptor) {
    sources_channel_.close();
    return on_bad_core("a forbidden request about source files");
  }
  if (request->first) {
    pace_.heard(frame->type, now());
    sources_.look();
  }
  const auto found = sources_.next();
  const auto reply = found ? ipc::encode(ipc::SourcesOpened{.folder = found->folder,
                                                            .error = static_cast<std::uint16_t>(found->error),
                                                            .name = found->name,
                                                            .reason = found->reason},
                                         frame->request_id)
                           : ipc::encode(ipc::SourcesEnd{}, frame->request_id);
  const auto sent = base::send_datagram(sources_channel_.get(), reply, found ? found->file.get() : -1);
  if (sent) return;
  sources_channel_.close();
  if (sent.error().code == EAGAIN) on_bad_core("requests for source files whose replies it does not read");
}

// While no process has a certificate to show: a client that hears at once that there is nothing to be had
// does not wait for its timeout.
void Supervisor::turn_away(int listener) {
  const base::Fd client{accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
}

void Supervisor::pass_on_command() {
  if (const auto done = commands_.pass_on(); !done) on_bad_core(done.error());
}

void Supervisor::on_file_request(const ipc::Frame& frame) {
  const auto request = ipc::decode<ipc::OpenFile>(frame);
  if (!request) return on_bad_core("a request for a file that cannot be read");
  const auto file = files_.open(request->kind);
  const ipc::FileOpened reply{request->kind, file ? std::string{} : file.error()};
  core_.tell(ipc::encode(reply, frame.request_id), file ? file->get() : -1);
}

// Without one that can be used the core goes on with what it has, and tells whoever has asked.
void Supervisor::send_key_secret() {
  if (!keys_.wants_secret()) return;
  const auto file = keys_.open_secret(now(), log_);
  core_.tell(ipc::encode(ipc::KeySecretOpened{}, 0), file ? file.get() : -1);
}

void Supervisor::send_symmetric_keys() {
  const auto file = keys_.open_symmetric_keys(log_);
  core_.tell(ipc::encode(ipc::SymmetricKeysOpened{}, 0), file ? file.get() : -1);
}

void Supervisor::send_signd_socket() {
  if (signd_directory_.empty()) return;
  if (const auto socket = connect_to_signd(signd_directory_))
    core_.tell(ipc::encode(ipc::SigndSocketOpened{}, 0), socket->get());
  else
    log_.write(base::LogEvent::signd_unreachable, socket.error(),
               {{base::LogField::directive, "ntpsigndsocket"}});
}

// Once: the core has them from then on.
void Supervisor::send_ntp_sockets() {
  if (ntp_opened_) return on_bad_core("a request for sockets that it has");
  auto sockets = starter_.open_ntp_sockets(peers_, log_);
  ntp_opened_ = sockets.has_value();
  if (!sockets) {
    core_.tell(ipc::encode(ipc::NtpSocketOpened{sockets.error()}, 0));
    return;
  }
  for (const auto& socket : *sockets) core_.tell(ipc::encode(ipc::NtpSocketOpened{}, 0), socket.get());
  ntp_ = std::move(*sockets);
}

// Once, likewise.
void Supervisor::send_peer_sockets() {
  if (std::exchange(peers_asked_, true))
    return on_bad_core("a request for sockets for peers that it has made before");
  auto sockets = starter_.open_peer_sockets(ntp_);
  if (!sockets) {
    core_.tell(ipc::encode(ipc::PeerSocketOpened{sockets.error()}, 0));
    return;
  }
  peers_ = std::move(*sockets);
  for (const auto& socket : peers_) core_.tell(ipc::encode(ipc::PeerSocketOpened{}, 0), socket.get());
}

void Supervisor::on_nics_request(const ipc::Frame& frame) {
  if (!ipc::decode<ipc::OpenNics>(frame))
    return on_bad_core("a request for network cards that cannot be read");
  for (const auto& nic : nics_.open_new(log_)) core_.tell(ipc::encode(nic.what, 0), nic.clock.get());
}

// Those for which there is no room now are told of later.
void Supervisor::tell_of_messages() {
  if (!core_.is_open()) return;
  while (const auto* message = log_.untold()) {
    if (!core_.send(ipc::encode(*message, 0))) return;
    log_.told();
  }
}

}  // namespace gnomon::launcher
