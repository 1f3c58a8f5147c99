// SPDX-License-Identifier: GPL-2.0-or-later
// The launcher's end of its channel to gnomon-core, which may be gone, hang, or break the rules.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <optional>

#include "base/os/fd.hpp"
#include "base/os/log.hpp"
#include "base/time.hpp"
#include "ipc/frame.hpp"

namespace gnomon::launcher {

class CoreChannel {
 public:
  using Buffer = std::array<std::uint8_t, ipc::max_frame_size>;
  struct Forbidden {};  // what no core sends that is in its right mind

  explicit CoreChannel(base::Log& log) : log_(log) {}

  void open(base::Fd channel);
  void close() { channel_.close(); }
  [[nodiscard]] bool is_open() const { return static_cast<bool>(channel_); }
  [[nodiscard]] int descriptor() const { return channel_.get(); }  // readable: receive(); -1: closed

  // nullopt: no message. Closed afterwards if the core has ended or can no longer be read: its process ends
  // too, or is of no use any more, which its pidfd or a deadline tells.
  [[nodiscard]] std::expected<std::optional<ipc::Frame>, Forbidden> receive(Buffer& into);
  [[nodiscard]] bool has_more() const;  // a message, or the end
  // Until there is one of these, and a moment longer, or until this time is over.
  void wait_for_word(base::Duration longest) const;

  [[nodiscard]] base::OsResult<void> send(base::Bytes datagram, int descriptor = -1) const;
  // Whether it went out, which is logged otherwise; a core that is gone counts as told. `descriptor` is
  // duplicated into it, -1: none.
  bool tell(base::Bytes datagram, int descriptor = -1);

 private:
  base::Log& log_;
  base::Fd channel_;
};

}  // namespace gnomon::launcher
