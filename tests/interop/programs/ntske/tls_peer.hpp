// SPDX-License-Identifier: GPL-2.0-or-later
// A TLS end that says whatever a test wants, well-formed or not. Blocking; verifies nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/os/fd.hpp"
#include "helpers/ntske/tls/tls.hpp"
#include "ipc/role_setup.hpp"

namespace gnomon::testing {

[[nodiscard]] base::Fd connect_to(const base::Endpoint& server);
// Everything until the other side closes its end; fails the test when that takes too long.
[[nodiscard]] base::Buffer read_raw(int fd);

class TlsPeer {
 public:
  // `alpn` empty: the extension is left out. `name` empty: no server name is sent. `suites` as wolfSSL names
  // them, empty: all it has.
  static TlsPeer connect(const base::Endpoint& server, const std::string& alpn = "ntske/1",
                         const std::string& name = {}, const std::string& suites = {});
  static TlsPeer accept(int listener, const ipc::CertificatePair& pair, const std::string& alpn = "ntske/1");

  [[nodiscard]] bool shaken() const { return shaken_; }
  void say(base::Bytes octets);
  // Until close_notify or end of file.
  [[nodiscard]] base::Buffer listen();
  [[nodiscard]] base::Buffer listen_until(std::size_t octets);
  void close();  // close_notify, then the socket
  void reset();  // the socket only
  [[nodiscard]] bool saw_close_notify() const { return saw_close_notify_; }
  [[nodiscard]] WOLFSSL& session() { return *session_; }
  // The DNS names of the certificate the other side showed, separated by spaces.
  [[nodiscard]] std::string peer_names();

 private:
  TlsPeer(base::Fd fd, ntske::TlsContext context);
  void prepare(const std::string& alpn);

  base::Fd fd_;
  ntske::TlsContext context_;
  ntske::TlsSession session_;
  bool shaken_ = false;
  bool saw_close_notify_ = false;
};

}  // namespace gnomon::testing
