// SPDX-License-Identifier: GPL-2.0-or-later
// Messages through the wire and back.
#pragma once

#include <expected>
#include <utility>

#include "ipc/codec.hpp"
#include "tests/unit/catch.hpp"

namespace gnomon::testing {

template <class M>
std::expected<M, ipc::FrameError> decode_datagram(base::Bytes datagram) {
  const auto frame = ipc::parse_frame(datagram);
  if (!frame) return std::unexpected(frame.error());
  return ipc::decode<M>(*frame);
}

// Through the wire and back, and no shorter or longer body is taken for the message.
template <class M>
M round_trip(const M& message) {
  const auto datagram = ipc::encode(message, 77);
  const auto frame = ipc::parse_frame(datagram);
  REQUIRE(frame);
  CHECK(frame->request_id == 77);
  CHECK(frame->type == M::type);
  for (std::size_t size = 0; size < frame->body.size(); ++size)
    CHECK(ipc::decode<M>(ipc::Frame{M::type, 77, frame->body.first(size)}).error() ==
          ipc::FrameError::bad_body);
  base::Buffer longer{frame->body.begin(), frame->body.end()};
  longer.push_back(0);
  CHECK(ipc::decode<M>(ipc::Frame{M::type, 77, longer}).error() == ipc::FrameError::bad_body);
  auto decoded = ipc::decode<M>(*frame);
  REQUIRE(decoded);
  CHECK(ipc::encode(*decoded, 77) == datagram);
  return std::move(*decoded);
}

template <class M>
bool refused(const M& message) {
  const auto decoded = decode_datagram<M>(ipc::encode(message, 1));
  return !decoded && decoded.error() == ipc::FrameError::bad_body;
}

}  // namespace gnomon::testing
