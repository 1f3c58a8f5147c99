// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/open_requests.hpp"

#include <utility>

#include "daemon/launcher/sockets/signd_socket.hpp"
#include "ipc/codec.hpp"
#include "ipc/launcher_messages.hpp"

namespace gnomon::launcher {

base::OsResult<void> OpenRequests::remember(const std::vector<base::Fd>& ntp,
                                            const std::vector<base::Fd>& peers) {
  ntp_opened_ = !ntp.empty();
  peers_asked_ = !peers.empty();
  auto own_ntp = base::duplicates_of(ntp);
  if (!own_ntp) return std::unexpected(own_ntp.error());
  auto own_peers = base::duplicates_of(peers);
  if (!own_peers) return std::unexpected(own_peers.error());
  ntp_ = std::move(*own_ntp);
  peers_ = std::move(*own_peers);
  return {};
}

std::optional<OpenRequests::Answered> OpenRequests::answer(const ipc::Frame& request) {
  switch (request.type) {
    case ipc::MessageType::open_symmetric_keys:
      send_symmetric_keys();
      return Answered{};
    case ipc::MessageType::open_nics:
      return send_nics(request);
    case ipc::MessageType::open_file:
      return send_file(request);
    case ipc::MessageType::open_signd_socket:
      send_signd_socket();
      return Answered{};
    case ipc::MessageType::open_ntp_sockets:
      return send_ntp_sockets();
    case ipc::MessageType::open_peer_sockets:
      return send_peer_sockets();
    default:
      return std::nullopt;
  }
}

void OpenRequests::send_key_secret(base::MonoTime now) {
  if (!keys_.wants_secret()) return;
  const auto file = keys_.open_secret(now, log_);
  core_.tell(ipc::encode(ipc::KeySecretOpened{}, 0), file ? file.get() : -1);
}

void OpenRequests::send_symmetric_keys() {
  const auto file = keys_.open_symmetric_keys(log_);
  core_.tell(ipc::encode(ipc::SymmetricKeysOpened{}, 0), file ? file.get() : -1);
}

OpenRequests::Answered OpenRequests::send_file(const ipc::Frame& request) {
  const auto wanted = ipc::decode<ipc::OpenFile>(request);
  if (!wanted) return std::unexpected("a request for a file that cannot be read");
  const auto file = files_.open(wanted->kind);
  const ipc::FileOpened reply{wanted->kind, file ? std::string{} : file.error()};
  core_.tell(ipc::encode(reply, request.request_id), file ? file->get() : -1);
  return {};
}

OpenRequests::Answered OpenRequests::send_nics(const ipc::Frame& request) {
  if (!ipc::decode<ipc::OpenNics>(request))
    return std::unexpected("a request for network cards that cannot be read");
  for (const auto& nic : nics_.open_new(log_)) core_.tell(ipc::encode(nic.what, 0), nic.clock.get());
  return {};
}

void OpenRequests::send_signd_socket() {
  if (signd_directory_.empty()) return;
  if (const auto socket = connect_to_signd(signd_directory_))
    core_.tell(ipc::encode(ipc::SigndSocketOpened{}, 0), socket->get());
  else
    log_.write(base::LogEvent::signd_unreachable, socket.error(),
               {{base::LogField::directive, "ntpsigndsocket"}});
}

// Once: the core has them from then on.
OpenRequests::Answered OpenRequests::send_ntp_sockets() {
  if (ntp_opened_) return std::unexpected("a request for sockets that it has");
  auto sockets = starter_.open_ntp_sockets(peers_, log_);
  ntp_opened_ = sockets.has_value();
  if (!sockets) {
    core_.tell(ipc::encode(ipc::NtpSocketOpened{sockets.error()}, 0));
    return {};
  }
  for (const auto& socket : *sockets) core_.tell(ipc::encode(ipc::NtpSocketOpened{}, 0), socket.get());
  ntp_ = std::move(*sockets);
  return {};
}

// Once, likewise.
OpenRequests::Answered OpenRequests::send_peer_sockets() {
  if (std::exchange(peers_asked_, true))
    return std::unexpected("a request for sockets for peers that it has made before");
  auto sockets = starter_.open_peer_sockets(ntp_);
  if (!sockets) {
    core_.tell(ipc::encode(ipc::PeerSocketOpened{sockets.error()}, 0));
    return {};
  }
  peers_ = std::move(*sockets);
  for (const auto& socket : peers_) core_.tell(ipc::encode(ipc::PeerSocketOpened{}, 0), socket.get());
  return {};
}

}  // namespace gnomon::launcher
