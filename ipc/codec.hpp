// SPDX-License-Identifier: GPL-2.0-or-later
// Messages to datagrams and back. decode<M>() checks every length and range that the message's declaration
// states.
#pragma once

#include <expected>

#include "base/bytes.hpp"
#include "ipc/certificate_messages.hpp"
#include "ipc/clock_messages.hpp"
#include "ipc/command_messages.hpp"
#include "ipc/frame.hpp"
#include "ipc/launcher_messages.hpp"
#include "ipc/metrics_messages.hpp"
#include "ipc/nic_messages.hpp"
#include "ipc/ntske_messages.hpp"
#include "ipc/probe_messages.hpp"
#include "ipc/refclock_messages.hpp"
#include "ipc/reload_messages.hpp"
#include "ipc/resolve_messages.hpp"
#include "ipc/rtc_messages.hpp"

namespace gnomon::ipc {

// A whole datagram, header included, ready to send. Defined for every message type. A message that cannot be
// framed (a text above 255 characters, more than max_frame_size octets) is a programming error:
// std::length_error. Texts for people (Status, KeFailure::detail) are cut and made printable instead.
template <class M>
[[nodiscard]] base::Buffer encode(const M& message, std::uint32_t request_id);
// The same into memory of the caller, without heap; returns the octets used, 0 when it does not fit.
template <class M>
[[nodiscard]] std::size_t encode_into(const M& message, std::uint32_t request_id, base::MutableBytes into);

// The body of a frame whose type is M::type. bad_body: too short, too long, or a value out of its range.
template <class M>
[[nodiscard]] std::expected<M, FrameError> decode(const Frame& frame);

}  // namespace gnomon::ipc
