// SPDX-License-Identifier: GPL-2.0-or-later
// Passes on what comes to chronyc's Unix socket, to the core and back, and does not look into it. The core
// has no socket that leads to another address than the one it was made for, so it reaches no other program of
// its user. Owned by the supervisor.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/os/fd.hpp"

namespace gnomon::launcher {

// To the Unix datagram socket at `path` if it is `owner`'s, whatever is put there in the meantime. Who does
// not read, or is gone, gets nothing.
void send_to_socket_of(uid_t owner, const std::string& path, int from, base::Bytes octets);

// One request at a time: the others wait in the socket, as they would for the core.
class CommandRelay {
 public:
  CommandRelay() = default;  // of no socket
  // `socket`: a Unix datagram socket at a path, non-blocking, that tells who sends. `channel`: non-blocking;
  // the core has the other end.
  CommandRelay(base::Fd socket, base::Fd channel)
      : socket_(std::move(socket)), channel_(std::move(channel)) {}

  // When it is readable: pass_on(). -1: never.
  [[nodiscard]] int awaited() const { return asker_ ? channel_.get() : socket_.get(); }
  // A request to the core, or its reply to who asked: one datagram, no longer than the request was. An error:
  // the core sent something else.
  [[nodiscard]] std::expected<void, std::string> pass_on();

 private:
  struct Asker {
    uid_t user = 0;
    std::string path;
    std::size_t octets = 0;  // of the request
  };

  void take_request();
  [[nodiscard]] std::expected<void, std::string> take_reply();
  void close();

  base::Fd socket_;
  base::Fd channel_;
  std::optional<Asker> asker_;  // whom the core owes a reply
  std::uint32_t number_ = 0;    // of the last request
};

}  // namespace gnomon::launcher
