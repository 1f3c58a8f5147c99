// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/interop/programs/ntske/tls_peer.hpp"

#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <csignal>
#include <stdexcept>
#include <utility>

#include "base/os/socket.hpp"
#include "helpers/ntske/tls/certificate.hpp"
#include "tests/interop/programs/ntske/role_process.hpp"

namespace gnomon::testing {
namespace {

// wolfSSL's own transport is used here, and it would raise SIGPIPE.
const bool no_sigpipe = std::signal(SIGPIPE, SIG_IGN) != SIG_ERR;

void limit_waiting(int fd) {
  const timeval limit{.tv_sec = timeout.count(), .tv_usec = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

}  // namespace

base::Fd connect_to(const base::Endpoint& server) {
  const auto address = base::to_socket_address(server);
  base::Fd fd{::socket(address.get()->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  limit_waiting(fd.get());
  if (::connect(fd.get(), address.get(), address.size) != 0) throw std::runtime_error("cannot connect");
  return fd;
}

base::Buffer read_raw(int fd) {
  base::Buffer all;
  std::array<std::uint8_t, 1024> piece{};
  for (;;) {
    const auto size = ::recv(fd, piece.data(), piece.size(), 0);
    if (size < 0 && errno == EAGAIN) throw std::runtime_error("the other side does not close");
    if (size <= 0) return all;
    all.insert(all.end(), piece.begin(), piece.begin() + size);
  }
}

TlsPeer::TlsPeer(base::Fd fd, ntske::TlsContext context) : fd_(std::move(fd)), context_(std::move(context)) {}

void TlsPeer::prepare(const std::string& alpn) {
  session_.reset(wolfSSL_new(context_.get()));
  wolfSSL_set_fd(session_.get(), fd_.get());
  wolfSSL_KeepArrays(session_.get());
  std::string list = alpn;
  if (!list.empty())
    wolfSSL_UseALPN(session_.get(), list.data(), static_cast<unsigned>(list.size()),
                    WOLFSSL_ALPN_CONTINUE_ON_MISMATCH);
}

TlsPeer TlsPeer::connect(const base::Endpoint& server, const std::string& alpn, const std::string& name,
                         const std::string& suites) {
  TlsPeer peer{connect_to(server), ntske::make_context(ntske::TlsSide::client)};
  wolfSSL_CTX_set_verify(peer.context_.get(), WOLFSSL_VERIFY_NONE, nullptr);
  if (!suites.empty() && wolfSSL_CTX_set_cipher_list(peer.context_.get(), suites.c_str()) != WOLFSSL_SUCCESS)
    throw std::runtime_error("wolfSSL knows no suite of " + suites);
  peer.prepare(alpn);
  if (!name.empty())
    wolfSSL_UseSNI(peer.session_.get(), WOLFSSL_SNI_HOST_NAME, name.data(),
                   static_cast<unsigned short>(name.size()));
  peer.shaken_ = wolfSSL_connect(peer.session_.get()) == WOLFSSL_SUCCESS;
  return peer;
}

TlsPeer TlsPeer::accept(int listener, const ipc::CertificatePair& pair, const std::string& alpn) {
  limit_waiting(listener);
  base::Fd fd{::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC)};
  if (!fd) throw std::runtime_error("nobody connects");
  limit_waiting(fd.get());
  TlsPeer peer{std::move(fd), ntske::make_context(ntske::TlsSide::server)};
  auto* context = peer.context_.get();
  wolfSSL_CTX_use_certificate_chain_file(context, pair.certificate_file.c_str());
  wolfSSL_CTX_use_PrivateKey_file(context, pair.key_file.c_str(), WOLFSSL_FILETYPE_PEM);
  peer.prepare(alpn);
  peer.shaken_ = wolfSSL_accept(peer.session_.get()) == WOLFSSL_SUCCESS;
  return peer;
}

void TlsPeer::say(base::Bytes octets) {
  wolfSSL_write(session_.get(), octets.data(), static_cast<int>(octets.size()));
}

base::Buffer TlsPeer::listen() {
  base::Buffer all;
  std::array<std::uint8_t, 1024> piece{};
  for (;;) {
    const int size = wolfSSL_read(session_.get(), piece.data(), static_cast<int>(piece.size()));
    if (size <= 0) {
      saw_close_notify_ = (wolfSSL_get_shutdown(session_.get()) & WOLFSSL_RECEIVED_SHUTDOWN) != 0;
      return all;
    }
    all.insert(all.end(), piece.begin(), piece.begin() + size);
  }
}

base::Buffer TlsPeer::listen_until(std::size_t octets) {
  base::Buffer all(octets);
  std::size_t got = 0;
  while (got < octets) {
    const int size = wolfSSL_read(session_.get(), all.data() + got, static_cast<int>(octets - got));
    if (size <= 0) break;
    got += static_cast<std::size_t>(size);
  }
  all.resize(got);
  return all;
}

void TlsPeer::close() {
  wolfSSL_shutdown(session_.get());
  fd_.close();
}

void TlsPeer::reset() {
  fd_.close();
}

std::string TlsPeer::peer_names() {
  auto* const chain = wolfSSL_get_peer_chain(session_.get());
  const auto certificate = ntske::read_certificate(
      {wolfSSL_get_chain_cert(chain, 0), static_cast<std::size_t>(wolfSSL_get_chain_length(chain, 0))});
  std::string names;
  for (const auto& name : certificate.value().dns_names) names += (names.empty() ? "" : " ") + name;
  return names;
}

}  // namespace gnomon::testing
