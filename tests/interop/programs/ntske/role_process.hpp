// SPDX-License-Identifier: GPL-2.0-or-later
// The real gnomon-ntske as a child, and the test as its core at the other end of the socketpair.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/os/fd.hpp"
#include "ipc/codec.hpp"
#include "ipc/role_setup.hpp"

namespace gnomon::testing {

// Far more than anything takes here; only a broken role uses it up.
inline constexpr std::chrono::seconds timeout{20};

// A listening TCP socket on a port of its own, on a loopback address.
struct Listener {
  base::Fd fd;
  base::Endpoint endpoint;
};
[[nodiscard]] Listener listen_on_loopback(base::AddressFamily family = base::AddressFamily::ipv4);

// Where no NTS-KE server listens.
[[nodiscard]] base::Endpoint unused_endpoint();

struct Message {
  base::Buffer datagram;
  ipc::Frame frame;
};

class RoleProcess {
 public:
  // `words` follow the program's name; `inherited` appears as descriptors 4, 5, ...
  RoleProcess(std::vector<std::string> words, const std::vector<int>& inherited);
  ~RoleProcess();
  RoleProcess(const RoleProcess&) = delete;
  RoleProcess& operator=(const RoleProcess&) = delete;

  template <class M>
  void send(const M& message, std::uint32_t request_id) {
    send_octets(ipc::encode(message, request_id));
  }
  void send_octets(base::Bytes datagram);
  // The next message of type M; throws when another comes first, or none within `timeout`.
  template <class M>
  [[nodiscard]] std::pair<M, std::uint32_t> receive() {
    const auto datagram = receive_octets();
    const auto frame = ipc::parse_frame(datagram);
    if (!frame || frame->type != M::type) fail("an unexpected message came");
    auto message = ipc::decode<M>(*frame);
    if (!message) fail("an undecodable message came");
    return {std::move(*message), frame->request_id};
  }
  [[nodiscard]] base::Buffer receive_octets();
  void close_channel() { channel_.close(); }
  // The exit status; 128 + signal when a signal ended it.
  [[nodiscard]] int wait();
  [[nodiscard]] pid_t pid() const { return pid_; }
  // What it wrote to stderr; complete after wait().
  [[nodiscard]] std::string said();

 private:
  [[noreturn]] static void fail(const std::string& what);

  base::Fd channel_;
  base::Fd errors_;
  pid_t pid_ = -1;
};

[[nodiscard]] ipc::KeServerSetup server_setup(std::vector<ipc::CertificatePair> certificates);
[[nodiscard]] std::vector<std::string> words_of(const ipc::KeServerSetup& setup);
[[nodiscard]] std::vector<std::string> words_of(const ipc::KeClientSetup& setup);

}  // namespace gnomon::testing
