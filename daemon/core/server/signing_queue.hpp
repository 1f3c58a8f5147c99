// SPDX-License-Identifier: GPL-2.0-or-later
// Answers on their way from the workers to whoever has them signed. Owned by the NTP server; any worker puts
// in, the core's main thread takes out. A burst that is longer than the queue loses requests, as chronyd's
// does.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>

#include "base/address.hpp"
#include "base/os/fd.hpp"
#include "base/os/socket.hpp"
#include "protocol/mac/signd.hpp"

namespace gnomon::core {

struct UnsignedAnswer {
  int socket = -1;  // of the worker; stays open as long as the server lives
  base::SocketAddress client;
  base::IpAddress local;  // that the request came to, and through which interface
  std::uint32_t interface = 0;
  protocol::SigningAccount account;
  protocol::AnswerHeader header{};
};

class SigningQueue {
 public:
  static constexpr std::size_t most = 16;

  // Throws std::system_error when the kernel has no event for us.
  SigningQueue();
  // False: it is full, and the answer is lost.
  bool put(const UnsignedAnswer& answer);
  [[nodiscard]] std::optional<UnsignedAnswer> take();
  void clear();
  // Readable while there may be something to take; take_event() makes it wait for the next.
  [[nodiscard]] int event() const { return event_.get(); }
  void take_event();

 private:
  base::Fd event_;
  std::mutex mutex_;
  std::deque<UnsignedAnswer> waiting_;
};

}  // namespace gnomon::core
