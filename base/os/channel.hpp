// SPDX-License-Identifier: GPL-2.0-or-later
// One datagram at a time over an AF_UNIX SOCK_SEQPACKET socket, with at most one descriptor attached.
#pragma once

#include "base/bytes.hpp"
#include "base/os/error.hpp"
#include "base/os/fd.hpp"

namespace gnomon::base {

struct ChannelPair {
  Fd ours;
  Fd theirs;
};
[[nodiscard]] OsResult<ChannelPair> make_channel();  // both blocking and close-on-exec

struct Datagram {
  std::size_t size = 0;  // 0: the other end is closed
  Fd descriptor;         // close-on-exec; none when none came
};
// EMSGSIZE: it did not fit; EBADMSG: it carried more than one descriptor (all are closed). On a non-blocking
// socket EAGAIN.
[[nodiscard]] OsResult<Datagram> receive_datagram(int socket, MutableBytes into);

// The whole datagram or an error; never SIGPIPE. `descriptor` is duplicated into the receiver, -1: none.
[[nodiscard]] OsResult<void> send_datagram(int socket, Bytes datagram, int descriptor = -1);
// The same, for who must not wait: EAGAIN where the other end does not read.
[[nodiscard]] OsResult<void> send_datagram_at_once(int socket, Bytes datagram);

}  // namespace gnomon::base
