// SPDX-License-Identifier: GPL-2.0-or-later
// One HTTP connection, request by request. Owned by the role, in the table of its connections.
#pragma once

#include <boost/asio/generic/stream_protocol.hpp>

#include "async/loop.hpp"
#include "helpers/metrics/core_text.hpp"

namespace gnomon::metrics {

using Socket = asio::generic::stream_protocol::socket;

// Between two requests: longer than the usual interval of scrapes.
inline constexpr base::Duration idle_limit = std::chrono::minutes{2};
// From the first octet of a request to the last one, and of a response.
inline constexpr base::Duration request_limit = std::chrono::seconds{5};
inline constexpr base::Duration response_limit = std::chrono::seconds{10};

// Until the client leaves, says what is no request, or one of the limits is over.
[[nodiscard]] asio::awaitable<void> serve(Socket& socket, CoreText& text, async::Loop& loop);

}  // namespace gnomon::metrics
