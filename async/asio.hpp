// SPDX-License-Identifier: GPL-2.0-or-later
// The parts of Asio the daemon uses, narrow because the whole of it takes seconds to parse, and the
// completion token that gives errors as values.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/generic/seq_packet_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace gnomon {

namespace asio = boost::asio;

// auto [ec, n] = co_await socket.async_receive(buffer, tok);
inline constexpr auto tok = asio::as_tuple(asio::use_awaitable);

}  // namespace gnomon
