// SPDX-License-Identifier: GPL-2.0-or-later
// The frame around every codec; private to ipc/. A message family defines write_body() and read_body() for
// each of its messages, and GNOMON_IPC_CODEC makes encode() and decode() from them.
#pragma once

#include <array>
#include <stdexcept>

#include "ipc/codec.hpp"
#include "ipc/fields.hpp"

namespace gnomon::ipc {

void write_header(base::ByteWriter& out, MessageType type, std::size_t body_size, std::uint32_t request_id);

template <class M, class Write>
std::size_t encode_with(Write write_body, const M& message, std::uint32_t request_id,
                        base::MutableBytes into) {
  if (into.size() < frame_header_size) return 0;
  base::ByteWriter body{into.subspan(frame_header_size)};
  write_body(body, message);
  const auto size = frame_header_size + body.size();
  if (body.failed() || size > max_frame_size) return 0;
  base::ByteWriter header{into};
  write_header(header, M::type, body.size(), request_id);
  return size;
}

template <class M, class Read>
std::expected<M, FrameError> decode_with(Read read_body, const Frame& frame) {
  if (frame.type != M::type) return std::unexpected(FrameError::unknown_type);
  FieldReader in{frame.body};
  M message = read_body(in);
  if (!in.complete()) return std::unexpected(FrameError::bad_body);
  return message;
}

// Through a buffer on the stack that is wiped: messages carry keys.
template <class M>
base::Buffer encode_on_stack(const M& message, std::uint32_t request_id) {
  std::array<std::uint8_t, max_frame_size> space{};
  const auto size = encode_into(message, request_id, base::MutableBytes{space});
  if (size == 0) throw std::length_error{"ipc: a message does not fit its frame"};
  base::Buffer datagram{space.begin(), space.begin() + static_cast<std::ptrdiff_t>(size)};
  explicit_bzero(space.data(), size);
  return datagram;
}

}  // namespace gnomon::ipc

// NOLINTNEXTLINE(bugprone-macro-parentheses): M names a type
#define GNOMON_IPC_CODEC(M)                                                                            \
  template <>                                                                                          \
  std::size_t encode_into<M>(const M& message, std::uint32_t request_id, base::MutableBytes into) {    \
    return encode_with([](base::ByteWriter& out, const M& value) { write_body(out, value); }, message, \
                       request_id, into);                                                              \
  }                                                                                                    \
  template <>                                                                                          \
  base::Buffer encode<M>(const M& message, std::uint32_t request_id) {                                 \
    return encode_on_stack(message, request_id);                                                       \
  }                                                                                                    \
  template <>                                                                                          \
  std::expected<M, FrameError> decode<M>(const Frame& frame) {                                         \
    return decode_with<M>(read_##M, frame);                                                            \
  }
